"""Sessions whose music was let go of, and read again from the library when somebody asks for it.

Sound and downloads are files, and stay.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from meloformer.app.filing import Filing
from meloformer.app.take import SessionTake
from meloformer.engine.piece import Piece

if TYPE_CHECKING:
    from meloformer.app.session import Session

_OF_A_FILE_BYTE = 40
"""Bytes in memory for each byte of a MIDI file that was read: 32 to 46 were measured."""


def music_bytes(session: "Session") -> int:
    """Return about how many bytes the music of a session takes, with what undo goes back to."""
    pieces, takes = [session.piece], [*session.takes]
    work = session.work
    if work is not None:
        pieces += [piece for piece, _ in tuple(work.revisions.values())]
        takes += [take for run in tuple(work.runs.values()) for take in run.takes]
    return _of_pieces(pieces) + _of_takes(takes)


def _of_pieces(pieces: Iterable[Piece | None]) -> int:
    each = {id(piece): piece for piece in pieces if piece is not None}
    return sum(_OF_A_FILE_BYTE * len(piece.data) for piece in each.values())


def _of_takes(takes: Iterable[SessionTake]) -> int:
    each = {id(take): take for take in takes}
    return sum(
        _OF_A_FILE_BYTE * len(take.data)
        + sum(track.notes.nbytes for bar in tuple(take.bars) for track in bar.so_far.score.tracks)
        for take in each.values()
    )


def rest(session: "Session") -> bool:
    """Let go of a session's music, and return whether it could: not while it is worked on."""
    if not session.lock.acquire(blocking=False):
        return False
    try:
        if session.is_writing or session.work is None or session.is_resting:
            return False
        session.resting = session.takes_files
        session.piece = session.prompt = session.upload = session.request = session.job = None
        session.takes = []
        session.work.revisions.clear()
        session.work.runs.clear()
        return True
    finally:
        session.lock.release()


def wake(session: "Session", filing: Filing) -> None:
    """Read a session's music again. Call it with the session's lock held.

    Raises:
        LibraryError: It is not there any more, or damaged.
    """
    if session.resting is None or session.work is None:
        return
    resting, session.resting = session.resting, None
    run, sound, files = session.run, session.piece_sound, session.files
    filing.open_filed(session, session.work.piece)
    session.run, session.piece_sound, session.files = run, sound, files
    for take, (sound_of_take, files_of_take) in zip(session.takes, resting, strict=False):
        take.sound, take.files = sound_of_take, files_of_take
