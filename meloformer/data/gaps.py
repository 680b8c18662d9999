"""Fill samples: crops with bars left open, to be written after the others.

Axes: T tokens.
"""

import numpy as np
from numpy.typing import NDArray

from meloformer.data.config import GAP_BARS
from meloformer.tokens.annotate import bar_ends
from meloformer.tokens.crop import crop
from meloformer.tokens.infill import added_tokens, leave_open, part_of_each

_LEAST_BARS = 3
"""A crop of fewer bars is never left open: a gap needs something around it."""
_INNER = 0.9
"""How often a gap must have bars on both sides."""
_SIDE_BARS = 4
"""At most on either side of a gap that is near to both: as far as the model hears other parts note
by note."""
_LEAST_TOKENS = 64
"""What is left of a row is read no more if it is less."""


def with_gap(
    ids: NDArray[np.uint16],
    max_tokens: int,
    rng: np.random.Generator,
    max_bars: int = GAP_BARS,
) -> NDArray[np.uint16]:
    """Leave a range of bars open, or some of the parts in it, in a stream cut to fit.

    No more than a third of the bars that there are.

    Args:
        ids: A stream without GAP and FILL; it may stop anywhere. (T,), uint16.
        max_tokens: Longest result.
        rng: Draws range and parts.
        max_bars: Longest range.

    Returns:
        A whole stream; one of too few bars comes back as it is, cut after `max_tokens`.
    """
    ends = bar_ends(ids[: max(0, max_tokens - added_tokens(max_bars))])
    if len(ends) < _LEAST_BARS:
        return ids[:max_tokens]
    length = int(rng.integers(1, min(max_bars, len(ends) // 3) + 1))
    edge = int(rng.random() < _INNER)
    first = int(rng.integers(edge, len(ends) - length - edge + 1))
    return _left_open(ids[: ends[-1]], first, first + length, rng)


def near_gaps(
    ids: NDArray[np.uint16],
    max_tokens: int,
    rng: np.random.Generator,
    max_bars: int = GAP_BARS,
) -> list[NDArray[np.uint16]]:
    """Cut a crop into streams that each have a gap and few bars on either side of it.

    What FILL is to write then stands soon after the bars to its right, and a row has many more
    notes that are written with both sides read. What is left of the row has a gap as `with_gap`
    makes it.

    Args:
        ids: A stream without GAP and FILL; it may stop anywhere. (T,), uint16.
        max_tokens: Of all results together.
        rng: Draws how many bars each gap and its sides have, and parts.
        max_bars: Longest gap.

    Returns:
        At least one stream; none has a bar of another.
    """
    num_bars = len(bar_ends(ids))
    streams: list[NDArray[np.uint16]] = []
    bar, room = 0, max_tokens
    while True:
        left, length, right = (
            int(rng.integers(1, most + 1)) for most in (_SIDE_BARS, max_bars, _SIDE_BARS)
        )
        last = bar + left + length + right
        if last > num_bars:
            break
        made = _left_open(crop(ids, bar, last), left, left + length, rng)
        if len(made) > room:
            break
        streams.append(made)
        bar, room = last, room - len(made)
    if not streams:
        return [with_gap(ids, max_tokens, rng, max_bars)]
    if bar < num_bars and room >= _LEAST_TOKENS:
        streams.append(with_gap(crop(ids, bar, num_bars), room, rng, max_bars))
    return streams


def with_part_open(
    ids: NDArray[np.uint16], max_tokens: int, rng: np.random.Generator
) -> NDArray[np.uint16]:
    """Leave one part open from a bar on to the end, as if it were to be added to the others.

    Every other time from the first bar on, so that nothing of the part is heard before.

    Args:
        ids: A stream without GAP and FILL; it may stop anywhere. (T,), uint16.
        max_tokens: Longest result.
        rng: Draws bar and part.

    Returns:
        A whole stream; one of too few bars or parts has a gap as `with_gap` makes it.
    """
    ends = bar_ends(ids)
    fits = ends + 2 * np.arange(1, len(ends) + 1) + added_tokens(0) <= max_tokens
    num_bars = int(np.count_nonzero(fits))
    if num_bars < _LEAST_BARS:
        return with_gap(ids, max_tokens, rng)
    first = 0 if rng.random() < 0.5 else int(rng.integers(1, num_bars))
    number = part_of_each(ids[_start(ends, first) : ends[num_bars - 1]])
    parts = np.unique(number[number >= 0])
    if len(parts) < 2:
        return with_gap(ids, max_tokens, rng)
    return leave_open(ids[: ends[num_bars - 1]], first, num_bars, [int(rng.choice(parts))])


def _left_open(
    ids: NDArray[np.uint16], first: int, last: int, rng: np.random.Generator
) -> NDArray[np.uint16]:
    """Leave bars `first` to `last`, the last excluded, open, or some parts of them."""
    ends = bar_ends(ids)
    parts = _some_parts(ids[_start(ends, first) : ends[last - 1]], rng)
    return leave_open(ids, first, last, parts)


def _start(ends: NDArray[np.int64], bar: int) -> int:
    """Return the position of the first token of a bar."""
    return int(ends[bar - 1]) if bar else 1


def _some_parts(bars: NDArray[np.uint16], rng: np.random.Generator) -> list[int] | None:
    """Draw some of the parts that play, but not all; every other time, no choice."""
    if rng.random() < 0.5:
        return None
    number = part_of_each(bars)
    parts = np.unique(number[number >= 0])
    if len(parts) < 2:
        return None
    chosen = rng.choice(parts, int(rng.integers(1, len(parts))), replace=False)
    return [int(part) for part in chosen]
