"""A roll as small as a stamp: lines for the notes of each group of parts, no more."""

from meloformer.engine.piece import Piece
from meloformer.score.part import DRUM_PROGRAM, MAX_INSTANCES
from meloformer.score.piano_roll import note_rows

WIDTH, HEIGHT = 96, 24
MAX_LINES = 240
"""Of all; notes that fall on one line are drawn once."""


def thumbnail(piece: Piece) -> list[list[int]]:
    """Return lines from left to right: (x, y, length, index of the part in the piece).

    Args:
        piece: What is drawn into `WIDTH` by `HEIGHT`; y is 0 at the top. Drums, whose rows say
            which drum rather than how high, are drawn only where there is nothing else.
    """
    rows = note_rows(piece.score, piece.file.part_of_track).tolist()
    drawn = [row for row in rows if row[0] < DRUM_PROGRAM * MAX_INSTANCES] or rows
    if not drawn:
        return []
    end = max(start + length for _, start, length, _, _ in drawn) or 1.0
    pitches = [pitch for *_, pitch, _ in drawn]
    low, reach = min(pitches), max(max(pitches) - min(pitches), 12)
    parts = {part.number: index for index, part in enumerate(piece.parts)}
    lines = dict.fromkeys(
        (
            int(start / end * WIDTH),
            HEIGHT - 1 - round((pitch - low) / reach * (HEIGHT - 1)),
            max(1, round(length / end * WIDTH)),
            parts[part],
        )
        for part, start, length, pitch, _ in drawn
    )
    every = -(-len(lines) // MAX_LINES)
    return [list(line) for line in list(lines)[::every]]
