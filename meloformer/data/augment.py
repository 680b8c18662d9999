"""Augmentation: music transposed, louder, faster, with a part less, with gaps."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from meloformer.data.config import LoaderConfig
from meloformer.tokens.annotate import bar_ends
from meloformer.tokens.infill import added_tokens, leave_open, part_of_each
from meloformer.tokens.vocabulary import Kind, transposition, vocabulary

_MAX_GAP_BARS = 8
_LEAST_BARS = 3
"""A crop of fewer bars is never left open: a gap needs something around it."""
_INNER = 0.9
"""How often a gap must have bars on both sides."""


def vary(
    ids: NDArray[np.uint16], config: LoaderConfig, rng: np.random.Generator
) -> NDArray[np.uint16]:
    """Draw another key, loudness and tempo for a stream, all by one look-up table.

    Where a pitch would leave the range of MIDI, the key stays.
    """
    low, high = config.transpose
    semitones = int(rng.integers(low, high + 1))
    louder = int(rng.integers(-config.velocity_jitter, config.velocity_jitter + 1))
    faster = int(rng.integers(-config.tempo_jitter, config.tempo_jitter + 1))
    varied = variation(semitones, louder, faster)[ids]
    if (varied == vocabulary().id(Kind.PAD)).any():
        return variation(0, louder, faster)[ids]
    return varied


@cache
def variation(semitones: int, louder: int, faster: int) -> NDArray[np.uint16]:
    """Return the new id of each id; `PAD` where a pitch would leave 0..127. (V,), uint16.

    Args:
        semitones: How far chords and pitched notes move.
        louder: How many bins velocities move, clipped to those there are.
        faster: How many bins tempos move, clipped too.
    """
    table = transposition(semitones).copy()
    for kind, steps in ((Kind.VELOCITY, louder), (Kind.TEMPO, faster)):
        span = vocabulary().span(kind)
        table[span] = np.clip(np.arange(span.start, span.stop) + steps, span.start, span.stop - 1)
    table.setflags(write=False)
    return table


def drop_part(ids: NDArray[np.uint16], rng: np.random.Generator) -> NDArray[np.uint16]:
    """Take one part out of a stream that has at least two."""
    part = part_of_each(ids)
    parts = np.unique(part[part >= 0])
    if len(parts) < 2:
        return ids
    return np.asarray(ids[part != rng.choice(parts)])


def with_gap(
    ids: NDArray[np.uint16], max_tokens: int, rng: np.random.Generator
) -> NDArray[np.uint16]:
    """Leave a range of bars open, or some of the parts in it, in a stream cut to fit.

    Up to eight bars, and no more than a third of those there are.

    Args:
        ids: A stream without GAP and FILL; it may stop anywhere.
        max_tokens: Longest result.
        rng: Draws range and parts.

    Returns:
        A whole stream; one of too few bars comes back as it is, cut after `max_tokens`.
    """
    ends = bar_ends(ids[: max(0, max_tokens - added_tokens(_MAX_GAP_BARS))])
    if len(ends) < _LEAST_BARS:
        return ids[:max_tokens]
    length = int(rng.integers(1, min(_MAX_GAP_BARS, len(ends) // 3) + 1))
    edge = int(rng.random() < _INNER)
    first = int(rng.integers(edge, len(ends) - length - edge + 1))
    start = int(ends[first - 1]) if first else 1
    parts = _some_parts(ids[start : ends[first + length - 1]], rng)
    return leave_open(ids[: ends[-1]], first, first + length, parts)


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
