"""Notes on the grid as single integers: the fast way from a score to sorted notes without doubles.

`quantise` is the plain way: it builds the same notes as a score, part by part.

Axes: N notes, M times that a part begins to play in a bar.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.errors import ConfigError
from meloformer.score.grid import (
    DURATION_TICKS,
    MAX_BARS,
    VELOCITIES_PER_BIN,
    BarGrid,
    duration_steps,
    place,
    to_grid,
)
from meloformer.score.part import NUM_PARTS, Part, part_ranks
from meloformer.score.score import DURATION, PITCH, START, VELOCITY, Score
from meloformer.tokens.vocabulary import MAX_BAR_TICKS, NUM_PITCHES, NUM_VELOCITY_BINS

_RANK_BITS, _ONSET_BITS, _PITCH_BITS, _STEP_BITS, _VELOCITY_BITS, _BAR_BITS = (
    (count - 1).bit_length()
    for count in (
        int(part_ranks().max()) + 1,
        MAX_BAR_TICKS,
        NUM_PITCHES,
        len(DURATION_TICKS),
        NUM_VELOCITY_BINS,
        MAX_BARS,
    )
)
_STEP_AT = _VELOCITY_BITS
_PITCH_AT = _STEP_AT + _STEP_BITS
_ONSET_AT = _PITCH_AT + _PITCH_BITS
_RANK_AT = _ONSET_AT + _ONSET_BITS
_BAR_AT = _RANK_AT + _RANK_BITS
if _BAR_AT + _BAR_BITS > 63:
    raise ConfigError(f"A note takes {_BAR_AT + _BAR_BITS} bits, and an integer has room for 63.")


@dataclass(frozen=True, slots=True, eq=False)
class GridNotes:
    """Notes in the order of the tokens, none of them double. All arrays are (N,), int64."""

    packed: NDArray[np.int64]
    """All that the tokens say of a note in one number, what is sorted by first in the highest
    bits: bar, rank, onset, pitch, duration, velocity. Ascending."""

    @property
    def openings(self) -> NDArray[np.int64]:
        """Where a part begins to play in a bar: indices of the notes, ascending. (M,)."""
        voice = self.packed >> _RANK_AT
        return np.flatnonzero(np.diff(voice, prepend=-1))

    @property
    def bar(self) -> NDArray[np.int64]:
        """From 0."""
        return self.packed >> _BAR_AT

    @property
    def part(self) -> NDArray[np.int64]:
        """`Part.number`."""
        return self._rank % NUM_PARTS

    @property
    def is_drum(self) -> NDArray[np.bool_]:
        """Whether each note is a drum's. (N,), bool."""
        return self._rank < NUM_PARTS  # drums are the first group of ranks

    @property
    def _rank(self) -> NDArray[np.int64]:
        return self._field(_RANK_AT, _RANK_BITS)

    @property
    def onset(self) -> NDArray[np.int64]:
        """Grid ticks from the bar line, below `MAX_BAR_TICKS`."""
        return self._field(_ONSET_AT, _ONSET_BITS)

    @property
    def pitch(self) -> NDArray[np.int64]:
        """0 to 127; of a drum, which drum."""
        return self._field(_PITCH_AT, _PITCH_BITS)

    @property
    def step(self) -> NDArray[np.int64]:
        """Duration, as an index into `DURATION_TICKS`."""
        return self._field(_STEP_AT, _STEP_BITS)

    @property
    def velocity_bin(self) -> NDArray[np.int64]:
        """Below `NUM_VELOCITY_BINS`."""
        return self._field(0, _VELOCITY_BITS)

    def _field(self, at: int, bits: int) -> NDArray[np.int64]:
        return self.packed >> at & (1 << bits) - 1

    def __getitem__(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> "GridNotes":
        """Return some of the notes, in the same order."""
        return GridNotes(self.packed[which])


def grid_notes(score: Score, parts: Sequence[Part | None], grid: BarGrid) -> GridNotes:
    """Move the notes of all tracks onto the grid at once.

    Args:
        score: A piece.
        parts: The part of each of its tracks, as `parts_of` has them.
        grid: Its bars, as `bar_grid` has them.
    """
    rows = np.concatenate([np.zeros((0, 4), np.int32), *(track.notes for track in score.tracks)])
    start, duration, pitch, velocity = (
        rows[:, column].astype(np.int64) for column in (START, DURATION, PITCH, VELOCITY)
    )
    bar, onset = place(score, grid, start)
    packed = bar << _BAR_AT
    ranks = np.array([part.rank << _RANK_AT if part else 0 for part in parts], dtype=np.int64)
    packed |= np.repeat(ranks, [len(track.notes) for track in score.tracks])
    packed |= onset << _ONSET_AT
    packed |= pitch << _PITCH_AT
    packed |= duration_steps(to_grid(duration, score.ticks_per_quarter)) << _STEP_AT
    packed |= velocity // VELOCITIES_PER_BIN
    packed.sort()
    return GridNotes(_without_doubles(packed))


def _without_doubles(packed: NDArray[np.int64]) -> NDArray[np.int64]:
    """Keep, of notes of one part with one onset and pitch, the longest, then the loudest."""
    place_and_pitch = packed >> _PITCH_AT
    is_last = np.ones(len(packed), dtype=bool)
    np.not_equal(place_and_pitch[1:], place_and_pitch[:-1], out=is_last[:-1])
    return packed[is_last]
