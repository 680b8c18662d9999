"""Composing from nothing: instruments, key, metre and tempo, and the model writes the opening."""

from collections.abc import Sequence

from meloformer.api.compose import OnBar, PerPart, takes_of
from meloformer.api.model import AnyModel
from meloformer.api.requests import Chords, DrawWords, opening_request
from meloformer.api.take import Take
from meloformer.engine.handles.words import HandleWords


def compose(
    bars: int = 16,
    *,
    parts: str | Sequence[str] = "piano",
    key: str = "",
    tempo: str | float = "",
    metre: str = "",
    chords: Chords = "",
    candidates: int = 1,
    seed: int = 1,
    adventure: float = 0.5,
    copy_guard: bool = True,
    range: str = "",
    density: PerPart = "",
    notes_at_once: PerPart = "",
    velocity: str = "",
    rhythm_grid: str = "",
    name: str = "",
    model: AnyModel = None,
    on_bar: OnBar | None = None,
) -> list[Take]:
    """Write the opening of a piece, from nothing.

    Args:
        bars: How many to write, 1 to 64.
        parts: Who plays in every bar: "piano, bass, drums", or an ensemble such as "rock band",
            which brings its key, metre and tempo along where these are left out.
        key: A key or scale, such as "Am" or "D dorian", to which notes and chords keep; "any"
            leaves it open.
        tempo: Quarters a minute; with changes by bars, such as "96, 9=120".
        metre: Such as "3/4"; with changes by bars, such as "4/4, 13=3/4".
        chords: One a bar, repeated when they run out; empty, or "any", leaves them to the model,
            which begins on the tonic of the key.
        candidates: How many different takes, 1 to 4.
        seed: The same seed makes the same music.
        adventure: How adventurous, from 0 to 1.
        copy_guard: Whether to keep out more than 16 notes in a row of one training piece, where the
            model has an index of them (`model.known_runs`).
        range: The notes between which parts keep: "bass=E1-G3, all=C3-C6".
        density: How many notes parts play, compared with a note a quarter: "bass=0.7".
        notes_at_once: The most notes that parts begin together: "piano=3".
        velocity: How loud notes are: "40-90".
        rhythm_grid: Where notes begin: quarters, eighths, triplets, sixteenths, swing.
        name: What to call the song; by default after its parts and key.
        model: From `load`, or the folder of a checkpoint; by default the shipped one.
        on_bar: Told of each bar when it is finished.

    Raises:
        ConfigError: Something asked for is out of range or unknown, or contradicts something else.
        CheckpointError: The model can't be loaded.
    """
    handles = HandleWords(
        range=range,
        density=str(density),
        notes_at_once=str(notes_at_once),
        velocity=velocity,
        grid=rhythm_grid,
    )
    words = DrawWords(
        parts=parts,
        chords=chords,
        candidates=candidates,
        seed=seed,
        adventure=adventure,
        copy_guard=copy_guard,
        handles=handles,
    )
    song, request = opening_request(
        words, bars=bars, key=key, tempo=str(tempo), metre=metre, name=name
    )
    return takes_of(song, request, model, on_bar)
