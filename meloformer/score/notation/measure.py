"""A bar on paper: where it stands, its metre, and where its beats and groups of beats begin."""

import itertools
from dataclasses import dataclass
from functools import cached_property

from meloformer.score.grid import TICKS_PER_QUARTER, BarGrid, metre_of_sixteenths

SIXTEENTH = TICKS_PER_QUARTER // 4
_IRREGULAR = {5: (2, 3), 7: (2, 2, 3), 11: (3, 3, 3, 2), 13: (3, 3, 3, 2, 2)}
"""How eighths are grouped where a metre has neither twos nor threes."""


@dataclass(frozen=True)
class Measure:
    """One whole bar of the music."""

    number: int
    """0 for a pickup."""
    start: int
    length: int
    """In ticks, as all times."""
    numerator: int
    denominator: int
    missing: int = 0
    """Ticks that a pickup is shorter than its metre."""

    @property
    def end(self) -> int:
        """Where the next bar begins."""
        return self.start + self.length

    @property
    def is_compound(self) -> bool:
        """Whether its beats have three parts, as in 6/8."""
        return self.denominator >= 8 and self.numerator % 3 == 0 and self.numerator > 3

    @cached_property
    def levels(self) -> tuple[frozenset[int], ...]:
        """Where groups begin and end within the bar, from large groups to sixteenths."""
        unit = 4 * TICKS_PER_QUARTER // self.denominator
        if self.is_compound:
            steps = [3 * unit, unit]
            if self.numerator % 2 == 0 and self.numerator > 6:
                steps = [3 * unit * self.numerator // 6, *steps]
        elif self.denominator == 8 and self.numerator in _IRREGULAR:
            return self._irregular(unit)
        else:
            steps = [2 * TICKS_PER_QUARTER] * (self.numerator * 4 % (2 * self.denominator) == 0)
            steps += [TICKS_PER_QUARTER]
        steps = sorted({*steps, 2 * SIXTEENTH, SIXTEENTH}, reverse=True)
        return tuple(self._every(step) for step in steps)

    def _irregular(self, unit: int) -> tuple[frozenset[int], ...]:
        ends, at = {0}, 0
        for size in _IRREGULAR[self.numerator]:
            at += size * unit
            ends.add(at - self.missing)
        return frozenset(ends), self._every(2 * SIXTEENTH), self._every(SIXTEENTH)

    def _every(self, step: int) -> frozenset[int]:
        """Return multiples of a step, counted from where a full bar would begin."""
        inside = range(-(self.missing % step), self.length, step)
        return frozenset({0, self.length, *(at for at in inside if at > 0)})

    @cached_property
    def beats(self) -> tuple[tuple[int, int], ...]:
        """Beginning and end of each beat, from the beginning of the piece."""
        step = 3 * 2 * SIXTEENTH if self.is_compound else TICKS_PER_QUARTER
        inside = range(self.start - self.missing % step, self.end, step)
        ends = sorted({self.start, self.end, *(at for at in inside if at > self.start)})
        return tuple(itertools.pairwise(ends))


def measures_of(grid: BarGrid) -> tuple[Measure, ...]:
    """Return the bars of a piece.

    Args:
        grid: Of the piece.
    """
    lines = grid.lines[grid.whole_bars].tolist()
    metres = [tuple(metre) for metre in grid.whole_metres.tolist()]
    found = []
    for index, (start, end) in enumerate(itertools.pairwise(lines)):
        (numerator, denominator), length, missing = metres[index], end - start, 0
        if 4 * TICKS_PER_QUARTER * numerator != length * denominator:
            numerator, denominator = metre_of_sixteenths(max(1, length // SIXTEENTH))
        if index == 0 and grid.first_number == 0:
            numerator, denominator = metres[1]
            missing = 4 * TICKS_PER_QUARTER * numerator // denominator - length
        number = index + grid.first_number
        found.append(Measure(number, start, length, numerator, denominator, missing))
    return tuple(found)
