"""The picture of a session: what is drawn of the piece and of the selected take."""

from meloformer.app.compose.legend import legend
from meloformer.app.compose.roll_picture import PicturePart, draw_png
from meloformer.app.session import Session
from meloformer.app.take import SessionTake
from meloformer.engine.piece import Piece
from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.score.piano_roll import NoteBox, note_boxes

EARLY_QUARTERS = 1 / 24
"""A note so little before a bar line belongs behind it."""


def picture(session: Session, piece: Piece, take: SessionTake | None) -> bytes:
    """Return the roll as PNG."""
    seam, gap = session.seam_quarters, session.gap
    given = note_boxes(piece.score, piece.file.part_of_track)
    starts = [float(tick) / piece.score.ticks_per_quarter for tick in piece.grid.whole_starts]
    new: list[NoteBox] = []
    stretch = None
    if take is not None:
        new = [
            NoteBox(b.part, b.start_quarters + seam, b.duration_quarters, b.pitch, b.velocity)
            for b in note_boxes(take.candidate.score, take.candidate.parts)
        ]
        stretch = seam, seam + take.candidate.score.end_tick / TICKS_PER_QUARTER
    if stretch is not None and gap is not None:
        again = {part.number for part in gap.parts}
        given = [
            box
            for box in given
            if box.part not in again or not seam <= box.start_quarters + EARLY_QUARTERS < stretch[1]
        ]
    elif take is not None:
        given = [box for box in given if box.start_quarters < seam - EARLY_QUARTERS]
        ends = [*(bar.first_tick for bar in take.bars[1:]), take.candidate.score.end_tick]
        starts = [start for start in starts if start <= seam]
        starts += [seam + end / TICKS_PER_QUARTER for end in ends]
    parts = [
        PicturePart(row["number"], row["name"], row["colour"], row["drum"])
        for row in legend(session)
    ]
    return draw_png(
        given,
        new,
        parts,
        starts,
        first_number=piece.first_number,
        stretch=stretch,
        title=piece.name,
    )
