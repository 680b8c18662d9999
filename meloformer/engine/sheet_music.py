"""The sheet music of a piece, as MusicXML."""

from meloformer.engine.piece import Piece
from meloformer.score.notation import musicxml

MUSICXML_SUFFIX = ".musicxml"


def sheet_music(piece: Piece) -> bytes:
    """Return a piece as MusicXML, with its name above it and the chords that were recognised.

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
    )
