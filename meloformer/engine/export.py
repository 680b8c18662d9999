"""Results as MIDI files: the whole piece, and the new notes alone."""

from dataclasses import replace

from meloformer.engine.candidate import Candidate
from meloformer.engine.instrumentation import name_of
from meloformer.engine.piece import Piece
from meloformer.engine.request import Request
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


def joined_piece(piece: Piece, request: Request, candidate: Candidate) -> JoinedFile:
    """Make the file of `whole_piece`, and say in sentences where it falls short.

    MIDI has fifteen channels for pitched parts: of more, some have to share one.
    """
    return task_of(piece.encoding, request).joined_file(piece.file, candidate)


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
