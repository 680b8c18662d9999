"""The score: symbolic music as every other room speaks of it.

Times are integer ticks, `ticks_per_quarter` to the quarter note. Notes of a track are one integer
array, so that reading, quantising and encoding stay vectorised.

Axes: N notes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

START, DURATION, PITCH, VELOCITY = range(4)
"""Columns of `Track.notes`."""


def note_array(notes: list[tuple[int, int, int, int]] | NDArray[np.integer]) -> NDArray[np.int32]:
    """Sort rows of (start, duration, pitch, velocity) by start, pitch, duration, velocity.

    Returns:
        (N, 4), int32, read-only.
    """
    array = np.array(notes, dtype=np.int32).reshape(-1, 4)
    in_order = np.empty_like(array)
    columns = (START, PITCH, DURATION, VELOCITY)
    for column, values in zip(columns, sort_rows([array[:, c] for c in columns]), strict=True):
        in_order[:, column] = values
    in_order.setflags(write=False)
    return in_order


def sort_rows(columns: Sequence[NDArray[np.integer]]) -> Sequence[NDArray[np.integer]]:
    """Sort rows of whole numbers by their first column, then the second, and so on.

    Where the bits of a row fit into one number, it is that number that is sorted, which is many
    times faster than sorting by several keys.

    Args:
        columns: (N,) each.

    Returns:
        The sorted columns.
    """
    if not len(columns[0]):
        return columns
    bits = [int(column.max()).bit_length() for column in columns]
    if sum(bits) > 63 or min(int(column.min()) for column in columns) < 0:
        order = np.lexsort(columns[::-1])
        return [column[order] for column in columns]
    packed = np.zeros(len(columns[0]), dtype=np.int64)
    for column, width in zip(columns, bits, strict=True):
        packed <<= width
        packed |= column
    packed.sort()
    unpacked = []
    for width in reversed(bits):
        unpacked.append(packed & (1 << width) - 1)
        packed >>= width
    return unpacked[::-1]


def without_doubles(notes: NDArray[np.integer]) -> NDArray[np.int32]:
    """Of notes with the same start and pitch, keep the longest.

    Returns:
        Rows in the order of `note_array`. (M, 4), int32, read-only.
    """
    ordered = note_array(notes)
    next_differs = np.any(np.diff(ordered[:, [START, PITCH]], axis=0) != 0, axis=1)
    return note_array(ordered[np.append(next_differs, True)[: len(ordered)]])


@dataclass(frozen=True, slots=True)
class Tempo:
    """From `tick` on, `qpm` quarter notes a minute."""

    tick: int
    qpm: float


@dataclass(frozen=True, slots=True)
class TimeSignature:
    """From `tick` on, bars of `numerator` notes of 1/`denominator`."""

    tick: int
    numerator: int
    denominator: int

    def goes_on(self, before: "TimeSignature", ticks_per_quarter: int) -> bool:
        """Tell whether it says no more than the one before: the same metre, on a bar line of it.

        The same metre off the bar line is news: bars begin anew there.
        """
        is_same = (self.numerator, self.denominator) == (before.numerator, before.denominator)
        ticks_by_denominator = (self.tick - before.tick) * self.denominator
        return is_same and ticks_by_denominator % (4 * self.numerator * ticks_per_quarter) == 0


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One instrument's notes."""

    name: str
    """As in the file; may be empty."""
    program: int
    """General MIDI program, 0 to 127. For drums, the kit."""
    is_drum: bool
    notes: NDArray[np.int32]
    """Rows (start, duration, pitch, velocity), made by `note_array`. (N, 4), int32; start and
    duration in ticks, duration at least 1, velocity 1 to 127."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Track):
            return NotImplemented
        mine = (self.name, self.program, self.is_drum)
        theirs = (other.name, other.program, other.is_drum)
        return mine == theirs and np.array_equal(self.notes, other.notes)

    def __hash__(self) -> int:
        return hash((self.name, self.program, self.is_drum, self.notes.tobytes()))


@dataclass(frozen=True, slots=True)
class Score:
    """A piece of music.

    The first tempo and the first time signature are at tick 0; both tuples are sorted by tick.
    """

    ticks_per_quarter: int
    tracks: tuple[Track, ...]
    tempos: tuple[Tempo, ...]
    time_signatures: tuple[TimeSignature, ...]
    end_tick: int
    """Where the music ends; bars are counted up to here. Notes may ring beyond it."""

    @property
    def num_notes(self) -> int:
        """Notes of all tracks."""
        return sum(len(track.notes) for track in self.tracks)

    def seconds_at(self, ticks: NDArray[np.integer] | int) -> NDArray[np.float64]:
        """Convert ticks to seconds under the tempo map.

        Args:
            ticks: Any shape.

        Returns:
            Seconds from the start, of the same shape.
        """
        starts = np.array([tempo.tick for tempo in self.tempos], dtype=np.float64)
        seconds_per_tick = 60.0 / (
            np.array([tempo.qpm for tempo in self.tempos]) * self.ticks_per_quarter
        )
        at_starts = np.concatenate(([0.0], np.cumsum(np.diff(starts) * seconds_per_tick[:-1])))
        ticks_float = np.asarray(ticks, dtype=np.float64)
        index = np.clip(np.searchsorted(starts, ticks_float, side="right") - 1, 0, None)
        return at_starts[index] + (ticks_float - starts[index]) * seconds_per_tick[index]

    def ticks_at(self, seconds: NDArray[np.float64] | float) -> NDArray[np.int64]:
        """Convert seconds to the nearest ticks under the tempo map, the inverse of `seconds_at`.

        Args:
            seconds: From the start. Any shape.
        """
        starts = np.array([tempo.tick for tempo in self.tempos], dtype=np.int64)
        starts_s = self.seconds_at(starts)
        ticks_per_second = np.array([tempo.qpm for tempo in self.tempos]) / 60
        ticks_per_second *= self.ticks_per_quarter
        index = np.clip(np.searchsorted(starts_s, seconds, side="right") - 1, 0, None)
        exact = starts[index] + (seconds - starts_s[index]) * ticks_per_second[index]
        return np.round(exact).astype(np.int64)

    @property
    def duration_s(self) -> float:
        """Seconds until the last note has ended, or until `end_tick` if that is later."""
        ends = [int((t.notes[:, START] + t.notes[:, DURATION]).max(initial=0)) for t in self.tracks]
        return float(self.seconds_at(max([self.end_tick, *ends])))

    def with_tracks(self, tracks: tuple[Track, ...]) -> "Score":
        """The same piece with other tracks."""
        return replace(self, tracks=tracks)
