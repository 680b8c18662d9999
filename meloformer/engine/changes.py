"""Changes of tempo and metre inside a continuation: "9=120, 13=3/4", bars as on the ruler.

Loads without torch.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.grid import MAX_BAR_QUARTERS

MIN_TEMPO, MAX_TEMPO = 20.0, 300.0
"""Quarters a minute that may be asked for."""
MAX_CHANGES = 64
"""Of tempo, and of metre: one for each bar that is written at once."""
DENOMINATORS = (2, 4, 8, 16)

_ITEM = re.compile(r"\s*(\d{1,5})\s*=\s*([^=,]{1,20}?)\s*")
_METRE = re.compile(r"(\d{1,3})\s*/\s*(\d{1,2})")


@dataclass(frozen=True, slots=True)
class TempoChange:
    """A tempo from a new bar on."""

    bar: int
    """Of the new bars, from 0."""
    qpm: float
    """Quarters a minute."""

    def __post_init__(self) -> None:
        _check_bar(self.bar)
        check_tempo(self.qpm)


@dataclass(frozen=True, slots=True)
class MetreChange:
    """A metre from a new bar on."""

    bar: int
    """Of the new bars, from 0."""
    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        _check_bar(self.bar)
        check_metre(self.numerator, self.denominator)


def check_tempo(qpm: float) -> None:
    """Check that a tempo can be asked for.

    Raises:
        ConfigError: It is too slow or too fast.
    """
    if not MIN_TEMPO <= qpm <= MAX_TEMPO:  # false for NaN too
        raise ConfigError(
            phrase(
                "A tempo is between {low:g} and {high:g} quarters a minute, not {qpm:g}.",
                low=MIN_TEMPO,
                high=MAX_TEMPO,
                qpm=qpm,
            )
        )


def check_metre(numerator: int, denominator: int) -> None:
    """Check that a metre can be asked for.

    Raises:
        ConfigError: Its denominator is none, or its bar too short or too long.
    """
    if denominator not in DENOMINATORS or not 1 <= 4 * numerator / denominator <= MAX_BAR_QUARTERS:
        raise ConfigError(
            phrase(
                "{numerator}/{denominator} is no metre that can be asked for.",
                numerator=numerator,
                denominator=denominator,
            ),
            hint=phrase(
                "Bars are one to {most} quarters long, in halves, quarters, eighths or sixteenths: "
                "such as 3/4 or 7/8.",
                most=MAX_BAR_QUARTERS,
            ),
        )


def check_changes(changes: Sequence[TempoChange] | Sequence[MetreChange], num_bars: int) -> None:
    """Check that each change is at a bar of its own that is asked for, in order.

    Raises:
        ConfigError: It is not.
    """
    bars = [change.bar for change in changes]
    if len(bars) > MAX_CHANGES or any(not 0 <= bar < num_bars for bar in bars):
        raise ConfigError(
            "A tempo or metre is asked for a bar that is not written.",
            hint="Change it in one of the new bars, by the number above the notes.",
        )
    if any(later <= bar for bar, later in pairwise(bars)):
        raise ConfigError(
            "A bar is given two tempos or metres, or the bars are not in order.",
            hint="Write the first bar first, each once.",
        )


def parse_metre(text: str) -> tuple[int, int]:
    """Read a metre such as "3/4".

    Raises:
        ConfigError: It is none.
    """
    match = _METRE.fullmatch(text.strip())
    if match is None:
        raise ConfigError(
            phrase("`{text}` is no metre.", text=text[:40]), hint="Write it such as 3/4."
        )
    numerator, denominator = (int(part) for part in match.groups())
    check_metre(numerator, denominator)
    return numerator, denominator


def parse_tempo(text: str) -> float:
    """Read a tempo such as "120".

    Raises:
        ConfigError: It is none.
    """
    try:
        qpm = float(text)
    except ValueError:
        qpm = math.nan
    if math.isnan(qpm):
        raise ConfigError(
            phrase("`{text}` is no tempo.", text=text[:40]),
            hint="Write quarters a minute, such as 120.",
        )
    check_tempo(qpm)
    return qpm


def parse_tempos(text: str, first_number: int) -> tuple[TempoChange, ...]:
    """Read changes of tempo: "9=120, 13=96".

    Args:
        text: Bars as on the ruler, and the tempo from there on.
        first_number: The number of the first new bar.

    Raises:
        ConfigError: It is not written so, or names a bar before the new ones.
    """
    return tuple(
        TempoChange(bar, parse_tempo(value)) for bar, value in _items(text, first_number, "9=120")
    )


def parse_metres(text: str, first_number: int) -> tuple[MetreChange, ...]:
    """Read changes of metre: "9=3/4, 13=4/4", as `parse_tempos` does.

    Raises:
        ConfigError: It is not written so, or names a bar before the new ones.
    """
    return tuple(
        MetreChange(bar, *parse_metre(value)) for bar, value in _items(text, first_number, "9=3/4")
    )


def tempos_text(changes: Iterable[TempoChange], first_number: int) -> str:
    """Return changes of tempo as `parse_tempos` reads them."""
    return ", ".join(f"{one.bar + first_number}={one.qpm:g}" for one in changes)


def metres_text(changes: Iterable[MetreChange], first_number: int) -> str:
    """Return changes of metre as `parse_metres` reads them."""
    return ", ".join(
        f"{one.bar + first_number}={one.numerator}/{one.denominator}" for one in changes
    )


def tempos_from_json(content: object) -> tuple[TempoChange, ...]:
    """Read `[[bar, tempo], ...]`, which may come from anywhere.

    Raises:
        ConfigError: It is not written so.
    """
    return tuple(TempoChange(bar, float(qpm)) for bar, qpm in _rows(content, (int,), (int, float)))


def metres_from_json(content: object) -> tuple[MetreChange, ...]:
    """Read `[[bar, numerator, denominator], ...]`, which may come from anywhere.

    Raises:
        ConfigError: It is not written so.
    """
    return tuple(MetreChange(*row) for row in _rows(content, (int,), (int,), (int,)))


def tempos_to_json(changes: Iterable[TempoChange]) -> list[list[float]]:
    """Return changes of tempo as `tempos_from_json` reads them."""
    return [[one.bar, one.qpm] for one in changes]


def metres_to_json(changes: Iterable[MetreChange]) -> list[list[int]]:
    """Return changes of metre as `metres_from_json` reads them."""
    return [[one.bar, one.numerator, one.denominator] for one in changes]


def _items(text: str, first_number: int, example: str) -> list[tuple[int, str]]:
    items = []
    for item in text.split(",")[: MAX_CHANGES + 1] if text.strip() else ():
        match = _ITEM.fullmatch(item)
        if match is None:
            raise ConfigError(
                phrase("`{item}` is no bar with what changes there.", item=item.strip()[:40]),
                hint=phrase("Write it such as {example}.", example=example),
            )
        bar = int(match[1])
        if bar < first_number:
            raise ConfigError(
                phrase(
                    "Bar {bar} is there already; the first new bar is bar {first}.",
                    bar=bar,
                    first=first_number,
                )
            )
        items.append((bar - first_number, match[2]))
    return items


def _check_bar(bar: int) -> None:
    if not 0 <= bar < MAX_CHANGES:
        raise ConfigError(
            "A tempo or metre is asked for a bar that is not written.",
            hint="Change it in one of the new bars, by the number above the notes.",
        )


def _rows(content: object, *kinds: tuple[type, ...]) -> list[list[Any]]:
    if not isinstance(content, list) or not 0 < len(content) <= MAX_CHANGES:
        raise ConfigError("The changes of tempo or metre can't be right.")
    for row in content:
        is_row = isinstance(row, list) and len(row) == len(kinds)
        if not is_row or any(type(one) not in kind for one, kind in zip(row, kinds, strict=True)):
            raise ConfigError("The changes of tempo or metre can't be right.")
    return content
