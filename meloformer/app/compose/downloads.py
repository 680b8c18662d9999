"""Files to take away: the piece as MIDI, the new bars alone, the audio, the picture."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from meloformer.app.compose.legend import legend
from meloformer.app.compose.roll_picture import PicturePart, draw_png
from meloformer.app.session import Session
from meloformer.app.take import SessionTake, Sound
from meloformer.engine.export import continuation_alone
from meloformer.engine.piece import Piece
from meloformer.engine.recipe_event import without_recipe
from meloformer.files import write_bytes
from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.score.piano_roll import NoteBox, note_boxes


@dataclass(frozen=True, slots=True)
class Downloads:
    """Files of the selected take or piece; `None` for one that does not exist, or not yet."""

    whole: Path | None = None
    new: Path | None = None
    wav: Path | None = None
    compressed: Path | None = None
    picture: Path | None = None


EARLY_QUARTERS = 1 / 24
"""A note so little before a bar line belongs behind it."""

LABELS = {
    "whole": "Whole piece (MIDI)",
    "new": "New bars (MIDI)",
    "wav": "WAV",
    "compressed": "MP3",
    "picture": "Picture",
}
"""The fields of `Downloads`, and what each is called on the page."""


def links_message(files: Downloads) -> dict[str, Any]:
    """Return a message for the row of links; those that lead nowhere yet are greyed out."""
    rows = []
    for kind, label in LABELS.items():
        path: Path | None = getattr(files, kind)
        rows.append({"label": label, "name": path.name if path else "", "file": path})
    return {"links": rows}


def downloads(session: Session, *, with_picture: bool) -> Downloads:
    """Write the files of the selected take, or of the piece while there is none.

    Args:
        session: The visitor's music.
        with_picture: Whether to draw the roll, too, which takes half a second; one that is drawn is
            offered anyway.
    """
    piece = session.piece
    if piece is None:
        return Downloads()
    take = session.takes[session.selected] if session.selected < len(session.takes) else None
    if take is not None and not take.data:
        return Downloads()
    sound: Sound | None = session.piece_sound if take is None else take.sound
    name = piece.name if take is None else session.take_name(session.selected)
    data = piece.data if take is None else take.data
    files = session.files if take is None else take.files

    def file(kind: str, suffix: str, content: Callable[[], bytes]) -> Path:
        if kind not in files:
            path = session.new_file(f"{name}{suffix}")
            write_bytes(path, content())
            files[kind] = path
        return files[kind]

    def new_bars() -> bytes:
        if take is None or session.request is None:
            return b""
        return continuation_alone(piece, session.request, take.candidate)

    def draw() -> bytes:
        return picture(session, piece, take)

    kind, whole = ("whole", data) if session.has_recipes else ("bare", without_recipe(data))
    return Downloads(
        whole=file(kind, ".mid", lambda: whole),
        new=None if take is None else file("new", "-new-bars.mid", new_bars),
        wav=sound.wav if sound else None,
        compressed=sound.compressed if sound else None,
        picture=file("picture", ".png", draw) if with_picture or "picture" in files else None,
    )


def picture(session: Session, piece: Piece, take: SessionTake | None) -> bytes:
    """Return the roll as PNG."""
    seam, gap = session.seam_quarters, session.gap
    given = note_boxes(piece.score, piece.file.part_of_track)
    starts = [float(tick) / piece.score.ticks_per_quarter for tick in piece.grid.whole_starts]
    new: list[NoteBox] = []
    if take is not None:
        new = [
            NoteBox(b.part, b.start_quarters + seam, b.duration_quarters, b.pitch, b.velocity)
            for b in note_boxes(take.candidate.score, take.candidate.parts)
        ]
    if take is not None and gap is not None:
        until = seam + take.candidate.score.end_tick / TICKS_PER_QUARTER
        again = {part.number for part in gap.parts}
        given = [
            box
            for box in given
            if box.part not in again or not seam <= box.start_quarters + EARLY_QUARTERS < until
        ]
    elif take is not None:
        given = [box for box in given if box.start_quarters < seam - EARLY_QUARTERS]
        ends = [*(bar.first_tick for bar in take.bars[1:]), take.candidate.score.end_tick]
        starts = [start for start in starts if start <= seam]
        starts += [seam + end / TICKS_PER_QUARTER for end in ends]
    parts = [PicturePart(row["number"], row["name"], row["colour"]) for row in legend(session)]
    return draw_png(
        given, new, parts, starts, seam=seam if take is not None else None, title=piece.name
    )
