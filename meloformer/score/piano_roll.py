"""Where each note is drawn on a piano roll: quarters across, semitones up. No pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.score.part import Part, parts_of
from meloformer.score.score import DURATION, PITCH, START, VELOCITY, Score


@dataclass(frozen=True, slots=True)
class NoteBox:
    """One note on the roll."""

    part: int
    """`Part.number` of the part that plays it."""
    start_quarters: float
    """From the start of the score."""
    duration_quarters: float
    pitch: int
    """0 to 127; of a drum, which drum."""
    velocity: int
    """1 to 127."""


def note_boxes(score: Score, parts: tuple[Part | None, ...] | None = None) -> list[NoteBox]:
    """Place every note of a score, sorted by start.

    Args:
        score: What to draw.
        parts: The part of each track, where the score alone does not tell.
    """
    boxes = [
        NoteBox(int(part), float(start), float(duration), int(pitch), int(velocity))
        for part, start, duration, pitch, velocity in note_rows(score, parts)
    ]
    return sorted(boxes, key=lambda box: (box.start_quarters, box.part, box.pitch))


def note_rows(score: Score, parts: tuple[Part | None, ...] | None = None) -> NDArray[np.float64]:
    """The same as one array, for long pieces.

    Returns:
        Rows (part number, start, duration, pitch, velocity), times in quarters rounded to
        thousandths, sorted by start. (N, 5)
    """
    rows = [np.zeros((0, 5))]
    parts = parts_of(score) if parts is None else parts
    for track, part in zip(score.tracks, parts, strict=True):
        if part is None:
            continue
        times = np.round(track.notes[:, [START, DURATION]] / score.ticks_per_quarter, 3)
        number = np.full((len(track.notes), 1), float(part.number))
        rows.append(np.hstack([number, times, track.notes[:, [PITCH, VELOCITY]]]))
    joined = np.concatenate(rows)
    return joined[np.argsort(joined[:, 1], kind="stable")]
