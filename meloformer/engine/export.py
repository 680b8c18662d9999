"""Results as MIDI files: the whole piece, and the new notes alone."""

from dataclasses import replace

from meloformer.engine.candidate import Candidate
from meloformer.engine.instrumentation import name_of
from meloformer.engine.piece import Piece
from meloformer.engine.recipe import MAX_MODEL_CHARACTERS, Recipe, RecipeTask
from meloformer.engine.recipe_event import with_recipe, without_recipe
from meloformer.engine.request import ContinueRequest, Request, RewriteRequest
from meloformer.engine.tasks import task_of
from meloformer.midi.joined_file import JoinedFile
from meloformer.midi.write import write_midi


def whole_piece(piece: Piece, request: Request, candidate: Candidate) -> bytes:
    """Write the file of a piece with the new notes: after the seam, or in the place of others.

    All else stays message for message; where bars were written again, of those that the candidate
    has not finished the old notes stay too.

    Args:
        piece: What was continued or changed.
        request: What the candidate was written for.
        candidate: The new notes.
    """
    return joined_piece(piece, request, candidate).data


def joined_piece(
    piece: Piece, request: Request, candidate: Candidate, recipe: Recipe | None = None
) -> JoinedFile:
    """Make the file of `whole_piece`, and say in sentences where it falls short.

    MIDI has fifteen channels for pitched parts: of more, some have to share one.

    Args:
        piece: What was continued or changed.
        request: What the candidate was written for.
        candidate: The new notes.
        recipe: Travels in the file; without it, one that the piece has does not either.
    """
    joined = task_of(piece.encoding, request).joined_file(piece.file, candidate)
    return with_recipe_in(joined, recipe)


def with_recipe_in(joined: JoinedFile, recipe: Recipe | None) -> JoinedFile:
    """Put a recipe into a joined file, or leave the one of the piece out."""
    data = joined.data
    data = without_recipe(data) if recipe is None else with_recipe(data, recipe)
    return replace(joined, data=data)


def recipe_of(
    piece: Piece, request: Request, candidate: Candidate, *, model: str, model_hash: str
) -> Recipe:
    """Say how a candidate was asked for. Constraints of one's own are not told.

    Args:
        piece: What was continued or changed.
        request: What the candidate was written for.
        candidate: At least one bar of it is finished.
        model: The name on the card of the model that wrote it.
        model_hash: From `weights_hash`.
    """
    at_end = isinstance(request, ContinueRequest) and request.from_bar in (None, piece.num_bars)
    first_bar = piece.num_bars
    if isinstance(request, ContinueRequest) and request.from_bar is not None:
        first_bar = request.from_bar
    if isinstance(request, RewriteRequest):
        first_bar = request.first_bar
    name = "".join(filter(str.isprintable, model))[:MAX_MODEL_CHARACTERS]
    return Recipe(
        task=RecipeTask.REWRITE if isinstance(request, RewriteRequest) else RecipeTask.CONTINUE,
        first_bar=first_bar + piece.first_number,
        num_bars=request.num_bars,
        num_finished=len(candidate.chords),
        at_end=at_end,
        parts=request.parts,
        chords=request.chords[: request.num_bars],
        sampling=request.sampling,
        seed=candidate.seed,
        copy_guard=request.copy_guard,
        model=name,
        model_hash=model_hash,
        parent=piece.music_hash,
        handles=request.handles,
        tempos=request.tempos if isinstance(request, ContinueRequest) else (),
        metres=request.metres if isinstance(request, ContinueRequest) else (),
    )


def continuation_alone(piece: Piece, request: Request, candidate: Candidate) -> bytes:
    """Write the new notes as a file of their own, its tracks named after their parts.

    Args:
        piece: What was continued or changed; its metre and tempo are those of the file.
        request: What the candidate was written for.
        candidate: The new notes.
    """
    score = task_of(piece.encoding, request).placed(piece.file, candidate)
    tracks = zip(score.tracks, candidate.parts, strict=True)
    return write_midi(
        score.with_tracks(tuple(replace(track, name=name_of(part)) for track, part in tracks))
    )
