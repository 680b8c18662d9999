"""What is locked of bars that are written again, and these bars as they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from meloformer.engine.handles.handles import Lock, LockedNote
from meloformer.engine.part_words import name_of
from meloformer.engine.request import PartRequest, Presence
from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.grid import TICKS_PER_QUARTER, BarGrid
from meloformer.score.part import Part
from meloformer.tokens import Encoding
from meloformer.tokens.note_lines import PartLine, part_lines


@dataclass(frozen=True, slots=True)
class Locked:
    """What stays as it is of bars that are written again."""

    lines: tuple[Lock, ...] = ()
    notes: tuple[LockedNote, ...] = ()
    """Single ones, ascending."""
    whole: frozenset[Part] = frozenset()
    """Parts of which all stays."""

    @property
    def parts(self) -> frozenset[Part]:
        """The parts of which something stays."""
        return self.whole | {one.part for one in self.lines} | {one.part for one in self.notes}

    def __or__(self, other: "Locked") -> "Locked":
        """Return what either lets stay."""
        whole = self.whole | other.whole
        return Locked(
            tuple(one for one in dict.fromkeys(self.lines + other.lines) if one.part not in whole),
            tuple(one for one in sorted({*self.notes, *other.notes}) if one.part not in whole),
            whole,
        )

    def of(self, parts: Iterable[Part]) -> "Locked":
        """Return what stays of some parts."""
        own = frozenset(parts)
        return Locked(
            tuple(one for one in self.lines if one.part in own),
            tuple(one for one in self.notes if one.part in own),
            self.whole & own,
        )


NOTHING_LOCKED = Locked()


@dataclass(frozen=True, slots=True, eq=False)
class OldBar:
    """A bar of the stream that is written again, as it is."""

    lines: dict[Part, PartLine]
    """What each part plays."""
    number: int
    """That of the bar as musicians count them; a long bar is several of the stream."""
    begin: int
    """Where in that bar it begins, in grid ticks."""
    beat: int
    """How long a beat of its metre is, in grid ticks."""


def old_bars(encoding: Encoding, grid: BarGrid, first_bar: int, last_bar: int) -> list[OldBar]:
    """Return bars that are written again, as they are.

    Args:
        encoding: The piece.
        grid: Its bars.
        first_bar: From 0.
        last_bar: The bar after the last.
    """
    firsts = encoding.stream_bars
    begin, end = firsts[[first_bar, last_bar]].tolist()
    whole = np.searchsorted(firsts, np.arange(begin, end), side="right") - 1
    begins = grid.lines[begin:end] - grid.lines[firsts[whole]]
    beats = 4 * TICKS_PER_QUARTER // grid.whole_metres[whole, 1]
    numbers = whole + encoding.first_number
    lines = part_lines(encoding.ids, begin, end)
    rows = zip(lines, numbers.tolist(), begins.tolist(), beats.tolist(), strict=True)
    return [OldBar(*row) for row in rows]


def with_locked(
    parts: tuple[PartRequest, ...], locked: Locked, bars: Sequence[OldBar]
) -> tuple[tuple[PartRequest, ...], Locked]:
    """Let what is locked stay: parts as a whole are not written again, and others in part.

    Args:
        parts: Those that would be written again.
        locked: What stays of these and others, which stay anyway.
        bars: That are written again.

    Returns:
        The parts that are written again, and what is locked of them.

    Raises:
        ConfigError: A part is locked and silent, or none is left to be written again.
    """
    for one in parts:
        plays = any(one.part in bar.lines for bar in bars)
        if one.presence is Presence.SILENT and plays and one.part in locked.parts:
            raise ConfigError(
                phrase(
                    "{part} is to be silent, and what it plays is locked: the two contradict each "
                    "other.",
                    part=name_of(one.part),
                ),
                hint=phrase("Leave one of the two out."),
            )
    left = tuple(one for one in parts if one.part not in locked.whole)
    if locked.whole and not left:
        raise ConfigError(
            "All that would be written again is locked.",
            hint="Lock less, or let more parts be written again.",
        )
    return left, locked.of(one.part for one in left)
