"""Bootstrap intervals: a statistic of many samples of pieces, drawn with replacement.

Whole pieces are drawn, because notes of one piece are not independent.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class ConfidenceInterval:
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


def resamples(count: int) -> NDArray[np.int64]:
    """Draw indices of `count` pieces with replacement; always the same. (RESAMPLES, count)."""
    return np.random.default_rng(0).integers(0, count, size=(RESAMPLES, count))


def bounds(values: NDArray[np.floating]) -> tuple[float, float]:
    """Return the two values that 95 % of all lie between; NaN is left out."""
    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)


def confidence_interval(
    count: int, statistic: Callable[[NDArray[np.int64]], float]
) -> ConfidenceInterval:
    """Return a statistic of `count` pieces with its interval.

    Args:
        count: At least 1.
        statistic: Given the indices of the pieces that count, some of them several times.
    """
    drawn = np.array([statistic(row) for row in resamples(count)])
    return ConfidenceInterval(statistic(np.arange(count)), *bounds(drawn))


def known_mean(values: NDArray[np.floating]) -> float:
    """Return the mean of the values that are a number; NaN if none is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
