"""The sheet music of a piece, as MusicXML."""

from meloformer.engine.piece import Piece
from meloformer.score.notation import musicxml

MUSICXML_SUFFIX = ".musicxml"
MAX_NAME = 40
"""Characters before a staff."""


def sheet_music(piece: Piece) -> bytes:
    """Return a piece as MusicXML, with its name, its chords and its own names of the parts.

    Args:
        piece: What is written.

    Raises:
        MidiError: It has more bars or notes than a page is written with.
    """
    file = piece.file
    return musicxml(
        piece.score,
        title=piece.name,
        chords=piece.chords,
        grid=piece.grid,
        parts=file.part_of_track,
        names={part: piece.track_name(part)[:MAX_NAME] for part in piece.parts},
    )
