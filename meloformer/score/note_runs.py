"""Runs of notes of a part, in any key: what counts as the same music when it is copied.

A part is a line of steps: from each note to the next, how many ticks later and how many semitones
higher. So a run is found again in any key. Lengths and loudness are not compared, and drums are
left out: their patterns are common property.

Axes: N notes of a line, S notes of all lines.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from meloformer.score.score import PITCH, START, Score

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Line = Ints
"""Start in ticks and pitch of each note of a part, by start and pitch. (N, 2)."""
Note = tuple[int, int]
"""Start in ticks and pitch."""

_LONGEST_PAUSE = 1 << 12
"""Ticks; more than forty bars. Longer pauses count as equal."""
_NUM_PITCHES = 128
_UNISON = 128
"""What is added to a step's semitones, so that they are no less than 0."""
_BASE = 0x5851F42D4C957F2D  # odd, so that it has an inverse
_MODULUS = 1 << 64


def lines_of(score: Score) -> list[Line]:
    """Return the pitched parts of a score on the grid."""
    return [
        track.notes[:, [START, PITCH]].astype(np.int64)
        for track in score.tracks
        if len(track.notes) and not track.is_drum
    ]


class RunHashes:
    """Hashes of all runs of steps of some lines, each from two running sums, modulo 2 ** 64."""

    def __init__(self, lines: Sequence[Line]) -> None:
        lengths = np.array([len(line) for line in lines], dtype=np.int64)
        self._end = np.repeat(np.cumsum(lengths), lengths)
        """End of the line that each note is of. (S,)."""
        rows = np.concatenate([np.zeros((0, 2), np.int64), *lines])
        steps = np.diff(rows, axis=0, prepend=0)  # the first of a line means nothing; none asks
        weighted = _codes(steps[:, 0], steps[:, 1]) * _powers(_BASE, len(rows))
        self._sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(weighted, dtype=np.uint64)))
        self._inverse = _powers(pow(_BASE, -1, _MODULUS), len(rows))

    def positions(self, steps: int) -> Ints:
        """Return the notes after which the line goes on for so many steps."""
        every = np.arange(len(self._end))
        return every[self.have_room(every, steps)]

    def have_room(self, at: Ints, steps: int) -> NDArray[np.bool_]:
        """Return whether the line goes on for so many steps after each of its notes."""
        return at + steps < self._end[at]

    def hashes(self, at: Ints, steps: int) -> Hashes:
        """Return the hashes of the runs from each note on."""
        sums = self._sums[at + steps + 1] - self._sums[at + 1]
        return sums * self._inverse[at]  # so that it does not matter where the run stands


def run_hashes(lines: Sequence[Line], num_notes: int) -> Hashes:
    """Return the hashes of all runs of so many notes, at least two, of some lines."""
    found = RunHashes(lines)
    return found.hashes(found.positions(num_notes - 1), num_notes - 1)


def run_hash(notes: Sequence[Note]) -> int:
    """Return the hash of one run: what `RunHashes` gives, and the quick way to it.

    Args:
        notes: By start and pitch.
    """
    weighted = (
        _code(after[0] - before[0], after[1] - before[1]) * _power(step)
        for step, (before, after) in enumerate(pairwise(notes), start=1)
    )
    return sum(weighted) % _MODULUS


def next_run_hashes(notes: Sequence[Note], start: int) -> Hashes:
    """Return the hash of a run of some notes and one more, by the pitch of that.

    Args:
        notes: The notes before, at least one, by start and pitch.
        start: Of the one more, in ticks.

    Returns:
        (128,), uint64.
    """
    last_start, last_pitch = notes[-1]
    lowest = _UNISON - last_pitch
    last_step = _weighted_codes(start - last_start, len(notes))[lowest : lowest + _NUM_PITCHES]
    return last_step + np.uint64(run_hash(notes))


def _scrambled(codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finish as SplitMix64 does: neighbouring codes become numbers that look drawn."""
    mixed = codes + np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ mixed >> np.uint64(shift)) * np.uint64(factor)
    return mixed ^ mixed >> np.uint64(31)


def _codes(pauses: Ints, intervals: Ints) -> Hashes:
    """Return a number that looks drawn for each step."""
    pauses = np.clip(pauses, 0, _LONGEST_PAUSE)
    return _scrambled((pauses << 8 | intervals + _UNISON).astype(np.uint64))


@lru_cache(maxsize=1 << 14)
def _code(pause: int, interval: int) -> int:
    return int(_codes(np.array([pause]), np.array([interval]))[0])


@lru_cache(maxsize=1 << 10)
def _weighted_codes(pause: int, step: int) -> Hashes:
    """Return what a step adds to a hash, by its interval from 128 semitones down. (256,)."""
    intervals = np.arange(-_UNISON, _UNISON)
    return _codes(np.full(len(intervals), pause), intervals) * np.uint64(_power(step))


@cache
def _power(exponent: int) -> int:
    return pow(_BASE, exponent, _MODULUS)


def _powers(base: int, count: int) -> Hashes:
    return np.cumprod(np.full(count, base, dtype=np.uint64), dtype=np.uint64)
