"""Names and figures as words of a report."""

from dataclasses import dataclass

_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is read, and its unit if it has one."""

    digits: str
    unit: str = ""


def shortened(name: str) -> str:
    """Return a name; the middle of a very long one is left out."""
    if len(name) > _LONGEST_NAME:
        return f"{name[: _LONGEST_NAME // 2]}…{name[-_LONGEST_NAME // 2 :]}"
    return name


def thousands(count: int) -> str:
    """Return a count with a comma after each thousand."""
    return f"{count:,}"


def counted(count: int, noun: str) -> str:
    """Return such as "1 piece" or "1,200 pieces"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def percent(part: float, whole: float) -> str:
    """Return a share, as exact as a reader wants it."""
    share = 100 * part / whole if whole else 0.0
    if share == 0:
        return "0 %"
    if share < 0.1:
        return "under 0.1 %"
    return f"{share:.1f} %" if share < 10 or 99 < share < 100 else f"{share:.0f} %"


def large(number: float, units: tuple[tuple[float, str], ...]) -> Figure:
    """Return a number in the largest unit it reaches; in full below the smallest.

    Args:
        number: The amount.
        units: The size of each unit and its name, the largest first.
    """
    for size, unit in units:
        if number >= size:
            value = number / size
            return Figure(f"{value:,.0f}" if value >= 100 else f"{value:.3g}", unit)
    return Figure(f"{number:,.0f}")


def minutes(seconds: float) -> str:
    """Return minutes and seconds, such as 3:07."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}"
