"""The difference between two models on the same music, in bits per note.

Pieces differ far more from each other than models do, so two separate intervals say little. Here
both models are measured on the same drawn pieces, and what is hard about a piece cancels out.

Axes: P pieces.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from meloformer.evaluation.bits_per_note import Costs
from meloformer.evaluation.bootstrap import ConfidenceInterval, confidence_interval
from meloformer.evaluation.windows import Window


def piece_bits(windows: Sequence[Window], costs: Costs) -> NDArray[np.float64]:
    """Add up the costs of the windows of each piece, in the order of the pieces. (P,)."""
    _, of_window = np.unique([window.document for window in windows], return_inverse=True)
    return np.bincount(of_window, [cost.sum() for cost in costs]).astype(np.float64)


def change(bits: NDArray[np.floating], reference: NDArray[np.floating]) -> ConfidenceInterval:
    """Return how many percent more bits one model needs than another; negative for fewer.

    Args:
        bits: Bits of each piece by the one; a mean over several trainings takes out their luck.
            (P,).
        reference: Bits of the same pieces by the other. (P,).
    """
    return confidence_interval(
        len(bits), lambda of: 100 * float(bits[of].sum() / reference[of].sum() - 1)
    )
