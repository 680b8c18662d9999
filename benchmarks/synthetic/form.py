"""The form of a made-up piece: sections of so many bars in some metre, and their order.

Axes: P made bars, of each section once; n bars of the piece.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic.roles import METRE_SHARES, METRE_STEPS, METRES

_FORMS = ("ABABCB", "AABA", "ABAC", "ABCABCDC", "AABBAC", "ABABCAB", "ABCD", "ABACABA")
"""Said over and over until the piece is long enough."""
_SECTION_BARS = np.array([4, 8, 8, 8, 16])
_METRE_CUMULATED = np.cumsum(METRE_SHARES)

_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """The made bar at each place of the piece."""

    order: _Ints
    """Section of each occurrence of a section."""
    section: _Ints
    """Of each made bar. (P,)."""
    bar_in_section: _Ints
    """(P,)."""
    is_last: NDArray[np.bool_]
    """Whether a made bar ends its section. (P,)."""
    metre: _Ints
    """Of each made bar, an index into `METRES`. (P,)."""
    made_bar: _Ints
    """Which made bar each bar of the piece repeats. (n,)."""
    occurrence: _Ints
    """Of a section, which each bar of the piece belongs to. (n,)."""

    @property
    def num_sections(self) -> int:
        """Number of different sections."""
        return int(self.section[-1]) + 1

    def bar_starts(self, ticks_per_quarter: int) -> _Ints:
        """Tick of the beginning of each bar, and of the end. (n + 1,)."""
        steps = METRE_STEPS[self.metre[self.made_bar]]
        return np.concatenate(([0], np.cumsum(steps * ticks_per_quarter // 4)))

    def metre_changes(self, bar_starts: _Ints) -> tuple[tuple[int, int, int], ...]:
        """Tick, numerator and denominator of each."""
        metre = self.metre[self.made_bar]
        changes = np.flatnonzero(np.diff(metre, prepend=-1))
        return tuple((int(bar_starts[bar]), *METRES[metre[bar]]) for bar in changes)


def draw_form(rng: np.random.Generator, num_bars: int) -> Form:
    """Draw a form; one piece in twelve has a section in another metre."""
    letters = _FORMS[rng.integers(len(_FORMS))]
    template = np.frombuffer(letters.encode(), dtype=np.uint8).astype(np.int64) - ord("A")
    num_sections = int(template.max()) + 1
    lengths = _SECTION_BARS[rng.integers(0, len(_SECTION_BARS), num_sections)]
    metres = np.full(num_sections, _draw_metre(rng))
    if rng.random() < 1 / 12:
        metres[-1] = rng.integers(len(METRES))
    section = np.repeat(np.arange(num_sections), lengths)
    firsts = np.cumsum(lengths) - lengths
    bar_in_section = np.arange(len(section)) - firsts[section]

    order = np.resize(template, -(-num_bars // int(lengths.min())))
    bars_of_order = lengths[order]
    begins = np.cumsum(bars_of_order) - bars_of_order
    occurrence = np.repeat(np.arange(len(order)), bars_of_order)[:num_bars]
    return Form(
        order=order,
        section=section,
        bar_in_section=bar_in_section,
        is_last=bar_in_section == lengths[section] - 1,
        metre=metres[section],
        made_bar=(firsts[order] - begins)[occurrence] + np.arange(num_bars),
        occurrence=occurrence,
    )


def _draw_metre(rng: np.random.Generator) -> int:
    return int(np.searchsorted(_METRE_CUMULATED, rng.random()))
