"""Products of an int8 matrix and rounded positions, compiled: in lanes, or plainly.

Axes: N output, filled up to a multiple of `LANES`, M input.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from meloformer.model.compiled import compiled
from meloformer.model.decode.arithmetic import WEIGHT_LIMIT
from meloformer.model.decode.instructions import LANES
from meloformer.model.decode.lanes import (
    BLOCKS,
    HAS_AVX2,
    MOST_POSITIONS,
    interleave,
    sums_of_lanes,
)

Floats = NDArray[np.float32]


class Matrix(NamedTuple):
    """A matrix, or one of every layer, in int8: each row times its scale."""

    weights: NDArray[np.int8]
    """(..., N, M), or as `interleave` lays them out."""
    scales: Floats
    """(..., N)."""


def quantise(weight: Tensor, *, in_lanes: bool = HAS_AVX2) -> Matrix:
    """Round a matrix to the nearest of 255 steps, from minus to plus the largest of each row.

    Args:
        weight: (..., N or fewer, M).
        in_lanes: For `multiply_in_lanes`, not for `multiply_plainly`.
    """
    filled = torch.nn.functional.pad(weight, (0, 0, 0, -weight.shape[-2] % LANES))
    scales = filled.abs().amax(dim=-1, keepdim=True) / WEIGHT_LIMIT
    steps = torch.where(scales > 0, filled / scales, 0).round().to(torch.int8).numpy()
    weights = interleave(steps) if in_lanes else np.ascontiguousarray(steps)
    return Matrix(weights, scales[..., 0].contiguous().numpy())


@compiled
def multiply_plainly(
    weights: NDArray[np.int8],
    scales: Floats,
    rounded: NDArray[np.int16],
    units: Floats,
    out: Floats,
) -> None:
    """Multiply a matrix with the values of several positions.

    Args:
        weights: `Matrix.weights` of one matrix.
        scales: (N,).
        rounded: Of each position. (positions, M).
        units: What one of them is worth. (positions,).
        out: Receives the products. (positions, N).
    """
    for n in range(len(weights)):
        for b in range(len(rounded)):
            total = np.int32(0)
            for m in range(weights.shape[1]):
                total = np.int32(total + np.int32(weights[n, m]) * np.int32(rounded[b, m]))
            out[b, n] = np.float32(total) * scales[n] * units[b]


@compiled
def multiply_in_lanes(
    weights: NDArray[np.int8],
    scales: Floats,
    rounded: NDArray[np.int16],
    units: Floats,
    out: Floats,
) -> None:
    """Do the same on a processor with AVX2, equal to the last bit."""
    sums = np.empty((BLOCKS, MOST_POSITIONS, LANES), np.int32)
    for first in range(0, len(weights), BLOCKS):
        blocks = min(BLOCKS, len(weights) - first)
        b = 0
        while b < len(rounded):
            count = sums_of_lanes(weights, first, rounded, b, sums)
            for position in range(count):
                for block in range(blocks):
                    for lane in range(LANES):
                        n = (first + block) * LANES + lane
                        scaled = np.float32(sums[block, position, lane]) * scales[n]
                        out[b + position, n] = scaled * units[b + position]
            b += count


multiply = multiply_in_lanes if HAS_AVX2 else multiply_plainly
