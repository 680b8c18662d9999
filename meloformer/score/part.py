"""A part: one instrument of a piece, told apart from others of the same program.

Parts have numbers, `program * 8 + instance - 1`, with 128 as the program of drums, and a canonical
order inside a bar: drums, bass, chordal instruments, melody.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from meloformer.score.score import Score

MAX_INSTANCES = 8
"""Parts that may share a program; further tracks join the last of them."""
DRUM_PROGRAM = 128
NUM_PARTS = (DRUM_PROGRAM + 1) * MAX_INSTANCES

_BASS = {*range(32, 40), 43, 58}
_MELODY = {40, 41, 42, *range(56, 61), *range(64, 88), *range(104, 112)} - _BASS


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """The `instance`-th part that plays `program`."""

    program: int
    """0 to 127, or 128 for drums."""
    instance: int = 1
    """1 to 8; drums have only one."""

    @property
    def is_drum(self) -> bool:
        """Whether this is the drum part."""
        return self.program == DRUM_PROGRAM

    @property
    def number(self) -> int:
        """0 to 1031, unique to the part."""
        return self.program * MAX_INSTANCES + self.instance - 1

    @classmethod
    def from_number(cls, number: int) -> "Part":
        """Return the part with this number."""
        return cls(number // MAX_INSTANCES, number % MAX_INSTANCES + 1)

    @property
    def rank(self) -> int:
        """Place in the canonical order; a lower rank is written first."""
        return int(part_ranks()[self.number])


@cache
def part_ranks() -> NDArray[np.int32]:
    """Return the rank of every part number. (1032,), int32."""
    programs = np.repeat(np.arange(DRUM_PROGRAM + 1), MAX_INSTANCES)
    group = np.full(programs.shape, 2, dtype=np.int32)
    group[programs == DRUM_PROGRAM] = 0
    group[np.isin(programs, list(_BASS))] = 1
    group[np.isin(programs, list(_MELODY))] = 3
    ranks = (group * NUM_PARTS + np.arange(NUM_PARTS)).astype(np.int32)
    ranks.setflags(write=False)
    return ranks


def parts_of(score: Score, *, is_blank: bool = False) -> tuple[Part | None, ...]:
    """Name the part of each track: all drum tracks are one part, others count up per program.

    Args:
        score: A piece.
        is_blank: Whether tracks without notes are parts, too.

    Returns:
        One entry a track, `None` where the track is no part.
    """
    seen: Counter[int] = Counter()
    parts: list[Part | None] = []
    for track in score.tracks:
        if not len(track.notes) and not is_blank:
            parts.append(None)
        elif track.is_drum:
            parts.append(Part(DRUM_PROGRAM))
        else:
            seen[track.program] = min(seen[track.program] + 1, MAX_INSTANCES)
            parts.append(Part(track.program, seen[track.program]))
    return tuple(parts)
