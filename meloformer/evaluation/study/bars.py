"""The notes of a score laid out by bar, as every measure of music needs them.

Axes: N notes, B bars.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.score.grid import bar_grid
from meloformer.score.score import DURATION, PITCH, START, Score

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Notes and bar lines of a score on the grid, 12 ticks to the quarter."""

    lines: Ints
    """Ticks of all bar lines, the end of the last bar included. (B + 1,)."""
    track: Ints
    """Track of each note; notes of a track are neighbours, by start and pitch. (N,)."""
    is_drum: NDArray[np.bool_]
    """(N,)."""
    start: Ints
    """Ticks. (N,)."""
    duration: Ints
    """Ticks. (N,)."""
    pitch: Ints
    """0 to 127. (N,)."""

    @property
    def num_bars(self) -> int:
        """Number of bars, B."""
        return len(self.lines) - 1

    @property
    def bar(self) -> Ints:
        """Bar that each note starts in. (N,)."""
        return np.searchsorted(self.lines, self.start, side="right") - 1

    @property
    def onset(self) -> Ints:
        """Ticks from the bar line to each note. (N,)."""
        return self.start - self.lines[self.bar]

    @property
    def sounding(self) -> Ints:
        """Ticks that each note sounds in each bar, held ones in all they are held over. (B, N)."""
        begin = np.maximum(self.start, self.lines[:-1, None])
        end = np.minimum(self.start + self.duration, self.lines[1:, None])
        ticks: Ints = np.maximum(end - begin, 0)
        return ticks


def bars_of(score: Score) -> Bars:
    """Lay out a score that is on the grid."""
    notes = np.concatenate([np.zeros((0, 4), np.int64), *(t.notes for t in score.tracks)])
    counts = [len(track.notes) for track in score.tracks]
    return Bars(
        lines=bar_grid(score).starts.astype(np.int64),
        track=np.repeat(np.arange(len(counts)), counts),
        is_drum=np.repeat(np.array([t.is_drum for t in score.tracks], dtype=np.bool_), counts),
        start=notes[:, START].astype(np.int64),
        duration=notes[:, DURATION].astype(np.int64),
        pitch=notes[:, PITCH].astype(np.int64),
    )
