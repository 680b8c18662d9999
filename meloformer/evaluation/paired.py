"""Two models on the same music: how much fewer or more bits one needs than the other.

Pieces differ far more from each other than models do, so two separate intervals say little. Here
both models are measured on the same drawn pieces, and what is hard about a piece cancels out.

Axes: P pieces.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.evaluation.bits_per_note import Costs, Window

_RESAMPLES = 10_000


@dataclass(frozen=True, kw_only=True)
class Change:
    """Bits of one model in relation to another's; negative where it needs fewer."""

    percent: float
    low: float
    """Lower end of the 95 % bootstrap interval over pieces."""
    high: float


def piece_bits(windows: Sequence[Window], costs: Costs) -> NDArray[np.float64]:
    """Add up the costs of the windows of each piece, in the order of the pieces. (P,)."""
    _, of_window = np.unique([window.document for window in windows], return_inverse=True)
    return np.bincount(of_window, [cost.sum() for cost in costs]).astype(np.float64)


def change(bits: NDArray[np.floating], reference: NDArray[np.floating]) -> Change:
    """Compare two models, piece by piece.

    Args:
        bits: What each piece costs the one; a mean over several trainings takes out their luck.
            (P,).
        reference: What the same pieces cost the other. (P,).
    """
    drawn = np.random.default_rng(0).integers(0, len(bits), size=(_RESAMPLES, len(bits)))
    ratios = bits[drawn].sum(1) / reference[drawn].sum(1)
    low, high = np.quantile(ratios, (0.025, 0.975))
    return Change(
        percent=100 * (float(bits.sum() / reference.sum()) - 1),
        low=100 * (float(low) - 1),
        high=100 * (float(high) - 1),
    )
