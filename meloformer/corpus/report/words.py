"""Names and figures as text of the page."""

import html

_LONGEST_NAME = 120


def escaped(name: str) -> str:
    """A name as text; the middle of a very long one is left out."""
    if len(name) > _LONGEST_NAME:
        name = f"{name[: _LONGEST_NAME // 2]}…{name[-_LONGEST_NAME // 2 :]}"
    return html.escape(name)


def code(name: str) -> str:
    """The name of a file or a folder."""
    return f"<code>{escaped(name)}</code>"


def counted(count: int, noun: str) -> str:
    """Such as "1 piece" or "1,200 pieces"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def percent(part: float, whole: float) -> str:
    """A share, as exact as a reader wants it."""
    share = 100 * part / whole if whole else 0.0
    if share == 0:
        return "0 %"
    if share < 0.1:
        return "under 0.1 %"
    return f"{share:.1f} %" if share < 10 or 99 < share < 100 else f"{share:.0f} %"


def large(number: float, units: tuple[tuple[float, str], ...]) -> str:
    """A figure with the largest unit it reaches; in full below the smallest.

    Args:
        number: What is counted.
        units: How much each unit is and its name, the largest first.
    """
    for size, unit in units:
        if number >= size:
            value = number / size
            digits = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
            return f"{digits} <span>{unit}</span>"
    return f"{number:,.0f}"


def minutes(seconds: float) -> str:
    """Such as 3:07."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}"
