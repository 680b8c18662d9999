"""The arithmetic of one position, compiled: products with int8 matrices, norms, exponentials.

A matrix is int8 with one scale a row; what it is multiplied with is rounded to int16, with one
scale a position. Their products are whole numbers, so a sum is the same in any order and on any
machine, and `value_limit` keeps it within an int32.

Axes: N output, M input.
"""

import numpy as np
from numpy.typing import NDArray

from meloformer.model.compiled import compiled

Floats = NDArray[np.float32]

WEIGHT_LIMIT = 127
"""Largest magnitude of an int8 weight."""
_INT16_MAX = 2**15 - 1
_INT32_MAX = 2**31 - 1
_INT32_MIN = -(2**31)
_MAGNITUDE = np.int32(2**31 - 1)
"""All bits of a float32 but its sign."""

_LOG2_E = np.float32(np.log2(np.e))
_SMALLEST_EXPONENT = np.float32(-87.0)  # exp of less is 0 in float32, but for subnormal numbers
_C1, _C2, _C3, _C4, _C5, _C6 = (
    np.float32(np.log(2) ** power / factorial)
    for power, factorial in zip(range(1, 7), (1, 2, 6, 24, 120, 720), strict=True)
)


@compiled
def value_limit(width: int) -> int:
    """Return how large the int16 values may be that a row of so many weights is multiplied with."""
    return min(_INT16_MAX, _INT32_MAX // (WEIGHT_LIMIT * width))


@compiled
def exponential(x: float) -> float:
    """Return e to the power of a float32 that is at most 0, to a few millionths of it.

    Written with additions and products alone, so that a loop of it is vectorised.
    """
    t = max(x, _SMALLEST_EXPONENT) * _LOG2_E
    whole = np.floor(t + np.float32(0.5))
    f = t - whole
    p = _C5 + f * _C6
    p = _C4 + f * p
    p = _C3 + f * p
    p = _C2 + f * p
    p = _C1 + f * p
    p = np.float32(1) + f * p
    return p * np.int32((np.int32(whole) + 127) << 23).view(np.float32)


@compiled
def largest_magnitude(values: Floats) -> float:
    """Return the largest magnitude of some values: of their bits, whose order is the same.

    A search among whole numbers is vectorised.
    """
    bits = values.view(np.int32)
    largest = np.int32(0)
    for i in range(len(bits)):
        largest = max(largest, np.int32(bits[i] & _MAGNITUDE))
    return np.int32(largest).view(np.float32)


@compiled
def largest_of(values: Floats) -> float:
    """Return the largest of some values, found by their bits too."""
    bits = values.view(np.int32)
    largest = np.int32(_INT32_MIN)
    for i in range(len(bits)):
        largest = max(largest, np.int32(bits[i] ^ (bits[i] >> 31 & _MAGNITUDE)))
    return np.int32(largest ^ (largest >> 31 & _MAGNITUDE)).view(np.float32)


@compiled
def round_values(x: Floats, rounded: NDArray[np.int16]) -> float:
    """Round a position's values to int16.

    Args:
        x: (M,).
        rounded: Receives them. (M,).

    Returns:
        What one unit of them is worth.
    """
    largest = largest_magnitude(x)
    if largest == 0:
        rounded[:] = 0
        return np.float32(0)
    limit = np.float32(value_limit(len(x)))
    factor = limit / largest
    for i in range(len(x)):
        rounded[i] = np.int16(np.rint(x[i] * factor))
    return largest / limit


@compiled
def normalise_and_round(x: Floats, epsilon: float, rounded: NDArray[np.int16]) -> float:
    """Round a position's values to int16 after an RMS norm without gain; as `round_values`."""
    squares = np.float32(0)
    for i in range(len(x)):
        squares += x[i] * x[i]
    rms = np.sqrt(squares / np.float32(len(x)) + epsilon)
    return round_values(x, rounded) / rms
