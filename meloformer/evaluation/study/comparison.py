"""One measure of written music beside the same of real music.

Axes: P prompts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.evaluation.bootstrap import ConfidenceInterval, confidence_interval, known_mean

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure of generated music, beside the same of real music."""

    generated: ConfidenceInterval
    truth: ConfidenceInterval | None
    """Of the true continuation; None for a distance to it."""
    following: ConfidenceInterval
    """Of what the song plays after that: the floor."""


def compare(table: Floats, *, has_truth: bool) -> Comparison:
    """Return the means over prompts with their intervals.

    Args:
        table: Of each prompt what is written, the truth, and what follows; NaN is left out. (P, 3).
        has_truth: Whether the truth has a value of its own.
    """

    def mean_of(column: int) -> ConfidenceInterval:
        return confidence_interval(len(table), lambda rows: known_mean(table[rows, column]))

    return Comparison(mean_of(0), mean_of(1) if has_truth else None, mean_of(2))


def without_nan(value: object) -> object:
    """Return plain values with null for NaN, which JSON has no word for."""
    if isinstance(value, dict):
        return {name: without_nan(one) for name, one in value.items()}
    if isinstance(value, list):
        return [without_nan(one) for one in value]
    return None if isinstance(value, float) and np.isnan(value) else value
