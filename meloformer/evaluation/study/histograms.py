"""Histograms of the notes of a passage, and how alike two of them are.

The four are those of the muspy and MMT evaluations. Overlap area after Yang and Lerch ("On the
evaluation of generative models in music", 2020), taken of the histograms themselves: with one value
a note there is no need to fit a density first.

Axes: K bins.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from meloformer.evaluation.study.bars import Bars
from meloformer.score.grid import (
    DURATION_TICKS,
    MAX_BAR_QUARTERS,
    TICKS_PER_QUARTER,
    duration_steps,
)

Counts = NDArray[np.int64]

WIDEST_INTERVAL = 24
"""Semitones; wider leaps are counted here."""


def pitch_classes(bars: Bars) -> Counts:
    """Count the notes of each pitch class, drums left out. (12,)."""
    return np.bincount(bars.pitch[~bars.is_drum] % 12, minlength=12)


def intervals(bars: Bars) -> Counts:
    """Count the steps from one note of a part's upper line to the next, drums left out.

    The upper line is the highest of the notes that begin together.

    Returns:
        By semitones, from two octaves down to two octaves up. (49,).
    """
    place = bars.track * (int(bars.lines[-1]) + 1) + bars.start
    is_highest = np.append(np.diff(place) != 0, True)[: len(place)]
    line = np.flatnonzero(is_highest & ~bars.is_drum)
    steps = np.diff(bars.pitch[line])[np.diff(bars.track[line]) == 0]
    steps = np.clip(steps, -WIDEST_INTERVAL, WIDEST_INTERVAL)
    return np.bincount(steps + WIDEST_INTERVAL, minlength=2 * WIDEST_INTERVAL + 1)


def durations(bars: Bars) -> Counts:
    """Count the notes of each of the 64 lengths, drums left out: theirs mean nothing. (64,)."""
    steps = duration_steps(bars.duration[~bars.is_drum])
    return np.bincount(steps, minlength=len(DURATION_TICKS))


def onsets(bars: Bars) -> Counts:
    """Count the notes that begin at each tick of the bar, drums included. (96,)."""
    return np.bincount(bars.onset, minlength=MAX_BAR_QUARTERS * TICKS_PER_QUARTER)


HISTOGRAMS: dict[str, Callable[[Bars], Counts]] = {
    "pitch classes": pitch_classes,
    "intervals": intervals,
    "durations": durations,
    "onsets": onsets,
}
"""All of them by name."""


def shares(counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return shares of the whole; not a number where nothing was counted. (K,)."""
    total = int(counts.sum())
    return counts / total if total else np.full(len(counts), np.nan)


def overlap(one: NDArray[np.integer], other: NDArray[np.integer]) -> float:
    """Return the area that two histograms share, from 0 to 1; not a number if one is empty.

    Args:
        one: (K,).
        other: (K,).
    """
    return float(np.minimum(shares(one), shares(other)).sum())


def jensen_shannon(one: NDArray[np.integer], other: NDArray[np.integer]) -> float:
    """Return the Jensen-Shannon divergence in bits, 0 for equal to 1 for disjoint.

    Not a number if one is empty.

    Args:
        one: (K,).
        other: (K,).
    """
    p, q = shares(one), shares(other)
    return _entropy((p + q) / 2) - (_entropy(p) + _entropy(q)) / 2


def _entropy(share: NDArray[np.float64]) -> float:
    return float(-np.sum(share * np.log2(np.where(share == 0, 1.0, share))))
