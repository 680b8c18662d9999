"""How many blocks of onsets attend to each other, estimated from the bounds of each block.

A block is described by its first and last token, bar and document, and by the set of its parts. Two
blocks whose bounds allow a visible pair are counted. That is never too few and seldom many more
than there are, and takes a few passes over the onsets where an exact count takes joins.

Axes: R row, N block of a row, M onset.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

BLOCK = 128
"""Queries, and keys, of a block of attention."""

Ints = NDArray[np.int64]
_FAR = 1 << 40


class Onsets(NamedTuple):
    """What bounds are made of. All (M,)."""

    order: Ints
    bar: Ints
    doc: Ints
    parts: Ints
    """The onset's part, as a set of one."""


class BlockBounds(NamedTuple):
    """Bounds of blocks; where a block is empty, such that no other meets it. All (R, N)."""

    first_order: Ints
    last_order: Ints
    first_bar: Ints
    last_bar: Ints
    first_doc: Ints
    last_doc: Ints
    parts: Ints

    @classmethod
    def of(cls, onsets: Onsets, lengths: Ints) -> Self:
        """Return the bounds of blocks.

        Args:
            onsets: As they lie, row after row.
            lengths: Onsets of each row. (R,).
        """
        inside = np.arange(len(onsets.order)) - np.repeat(lengths.cumsum() - lengths, lengths)
        begins = np.flatnonzero(inside % BLOCK == 0)
        num_blocks = -(-lengths // BLOCK)
        row = np.repeat(np.arange(len(lengths)), num_blocks)
        shape = len(lengths), int(num_blocks.max())

        def reduced(ufunc: np.ufunc, values: Ints, empty: int) -> Ints:
            bounds = np.full(shape, empty, np.int64)
            bounds[row, inside[begins] // BLOCK] = ufunc.reduceat(values, begins)
            return bounds

        bounds = [
            reduced(ufunc, values, empty)
            for values in (onsets.order, onsets.bar, onsets.doc)
            for ufunc, empty in ((np.minimum, _FAR), (np.maximum, -_FAR))
        ]
        bounds.append(reduced(np.bitwise_or, onsets.parts, 0))
        return cls(*bounds)

    def count_attending(self, reach: int) -> Ints:
        """Return how many blocks of keys the blocks of queries of a row may attend to. (R,).

        Args:
            reach: The largest distance in bars at which parts attend to each other.
        """
        q = BlockBounds(*(field[:, :, None] for field in self))
        k = BlockBounds(*(field[:, None] for field in self))
        near = (k.first_bar <= q.last_bar + reach) & (k.last_bar >= q.first_bar - reach)
        same_doc = (k.first_doc <= q.last_doc) & (k.last_doc >= q.first_doc)
        earlier = k.first_order <= q.last_order
        attends = (near | (q.parts & k.parts != 0)) & same_doc & earlier
        count: Ints = attends.sum(axis=(1, 2))
        return count
