"""A Bloom filter: which of many numbers were put in, in a few bits each.

What was put in is always found. What was not is found now and then: with 12 bits a number, three
times in a thousand.

Axes: N numbers, P probes, M bytes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NUM_PROBES = 8
"""Bits that each number sets."""
_NUMBERS_AT_ONCE = 1 << 16
"""Put in, so that little memory is needed."""
_LOW_HALF = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, eq=False)
class BloomFilter:
    """A set of numbers that takes a few others for members."""

    bits: NDArray[np.uint8]
    """The lowest bit of a byte comes first. At least one byte. (M,), uint8."""

    @classmethod
    def of(cls, numbers: NDArray[np.uint64], num_bytes: int) -> "BloomFilter":
        """Put numbers into a new filter.

        Args:
            numbers: Any that look drawn. (N,), uint64.
            num_bytes: M, below 2 ** 29.
        """
        return cls(np.zeros(num_bytes, dtype=np.uint8)).having(numbers)

    def having(self, numbers: NDArray[np.uint64]) -> "BloomFilter":
        """Return a filter of the same size that has other numbers too. (N,), uint64."""
        is_set = np.unpackbits(self.bits, bitorder="little").view(np.bool_)
        for first in range(0, len(numbers), _NUMBERS_AT_ONCE):
            is_set[_places(numbers[first : first + _NUMBERS_AT_ONCE], len(is_set))] = True
        return BloomFilter(np.packbits(is_set, bitorder="little"))

    def contain(self, numbers: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return which of some numbers are found. (N,), bool."""
        places = _places(numbers, 8 * len(self.bits))
        is_set = self.bits[places >> 3] >> (places & 7).astype(np.uint8) & 1
        return np.asarray(is_set.all(axis=1))

    def has(self, number: int) -> bool:
        """Return whether one number is found: `contain` for one, which is quicker so."""
        bits = self.bits.data
        num_bits = 8 * len(bits)
        probe, stride = number >> 32, number & _LOW_HALF | 1
        for _ in range(NUM_PROBES):
            place = (probe & _LOW_HALF) * num_bits >> 32
            if not bits[place >> 3] >> (place & 7) & 1:
                return False
            probe += stride
        return True

    @property
    def false_positive_rate(self) -> float:
        """The share of numbers that are found among those that were not put in."""
        share_set = float(np.bitwise_count(self.bits).mean()) / 8
        return float(share_set**NUM_PROBES)


def _places(numbers: NDArray[np.uint64], num_bits: int) -> NDArray[np.int64]:
    """Return the bits that each number sets, by double hashing. (N, P)."""
    half, low_half = np.uint64(32), np.uint64(_LOW_HALF)
    first, stride = numbers >> half, numbers & low_half | np.uint64(1)
    which: NDArray[np.uint64] = np.arange(NUM_PROBES, dtype=np.uint64)
    probes: NDArray[np.uint64] = first[:, None] + stride[:, None] * which
    return ((probes & low_half) * np.uint64(num_bits) >> half).astype(np.int64)
