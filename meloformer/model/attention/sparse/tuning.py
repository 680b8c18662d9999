"""How the kernels cut up their work and run on a GPU: found by measuring, `benchmarks.gpu`."""

from collections.abc import Sequence
from typing import NamedTuple


class TileShape(NamedTuple):
    """The size of a tile in tokens: 64 or 128 each way, less in tests."""

    queries: int
    keys: int


class Launch(NamedTuple):
    """How a kernel runs."""

    warps: int
    stages: int
    """Tiles of which something is on its way at a time."""


class Tuning(NamedTuple):
    """How the three kernels run."""

    query_tiles: TileShape
    """Of the forward kernel, and of that of the queries' gradients."""
    key_tiles: TileShape
    """Of the kernel of the gradients of keys and values."""
    forward: Launch
    queries: Launch
    keys: Launch

    def numbers(self) -> list[int]:
        """Return the same flat, as an operator takes it."""
        return [number for pair in self for number in pair]

    @classmethod
    def of_numbers(cls, numbers: Sequence[int]) -> "Tuning":
        """Return what `numbers` gave."""
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
        query_tiles, key_tiles = (TileShape(*pair) for pair in pairs[:2])
        forward, queries, keys = (Launch(*pair) for pair in pairs[2:])
        return cls(query_tiles, key_tiles, forward, queries, keys)


TUNING = Tuning(
    query_tiles=TileShape(64, 64),
    key_tiles=TileShape(64, 64),
    forward=Launch(warps=4, stages=2),
    queries=Launch(warps=4, stages=3),
    keys=Launch(warps=4, stages=3),
)
"""The fastest of those measured on an H200: see docs/attention.md."""
