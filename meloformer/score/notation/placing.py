"""Notes by part, moved to the grid, their ends as well as their beginnings.

Axes: N notes.
"""

from collections.abc import Sequence

import numpy as np

from meloformer.score.grid import BarGrid, place
from meloformer.score.part import Part
from meloformer.score.score import DURATION, PITCH, START, Score


def placed_notes(
    score: Score, grid: BarGrid, parts: Sequence[Part | None]
) -> dict[Part, list[tuple[int, int, int]]]:
    """Return start, end and pitch of the notes of each part, in ticks of the grid.

    Args:
        score: The music.
        grid: Its bars.
        parts: The part of each track; tracks of one part are put together.
    """
    lines, found = grid.lines, dict[Part, list[tuple[int, int, int]]]()
    for track, part in zip(score.tracks, parts, strict=True):
        if part is None:
            continue
        starts = track.notes[:, START].astype(np.int64)
        rows = []
        for ticks in (starts, starts + track.notes[:, DURATION]):
            bar, onset = place(score, grid, ticks)
            at = np.where(bar < grid.num_bars, lines[np.minimum(bar, grid.num_bars)] + onset, 0)
            rows.append(np.where(bar < grid.num_bars, at, lines[-1]))
        notes = zip(*(row.tolist() for row in rows), track.notes[:, PITCH].tolist(), strict=True)
        found.setdefault(part, []).extend(notes)
    return found
