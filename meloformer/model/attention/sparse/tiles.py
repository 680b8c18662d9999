"""What the kernels read of a mask: lists of tiles, the bits of those that need any, and work.

A tile is a block of queries and a block of keys with a visible pair. Of a full one, all of whose
pairs are visible, nothing else is kept; of a partial one, a bit for each pair, once as the kernels
of queries read it and once as that of keys does. All is made on the device, once per batch.

Axes: B row, T position, N block of queries, M block of keys.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from meloformer.errors import DataError
from meloformer.model.attention.packed_fields import PackedFields
from meloformer.model.attention.sparse.tuning import TileShape, Tuning
from meloformer.model.config import ModelConfig
from meloformer.model.inputs import Inputs

MAX_TILES_OF_WORK = 32
"""Of a block of keys, that one program goes through: summaries are the keys of all that follows,
and a single program would still be at them when all others are done."""
WORDS = 4
"""Of a row of a tile; `kernels.words` says which bits they hold."""


class TileList(NamedTuple):
    """The tiles along one side: block by block of the queries, or of the keys. All int32."""

    work: Tensor
    """Row, block, first and last of its `full`, first and last of its `partial`; one line a
    program, the longest first. (W, 6)."""
    full: Tensor
    """Of full tiles, the block of the other side. Here and below one more is behind the last, as a
    kernel looks one ahead. (F + 1,)."""
    partial: Tensor
    """Of partial tiles, the same. (P + 1,)."""
    words: Tensor
    """The bits of the partial tiles. (P, rows of a tile, WORDS)."""


class Tiles(NamedTuple):
    """The tiles of a batch."""

    by_query: TileList
    by_key: TileList
    length: int
    """Tokens of a row, T."""

    @classmethod
    def of(cls, inputs: Inputs, config: ModelConfig, tuning: Tuning) -> "Tiles":
        """Return the tiles of rows in any layout.

        Raises:
            DataError: The rows are no whole number of blocks, or their fields disagree.
        """
        length = inputs.ids.shape[1]
        largest = max(max(tuning.query_tiles), max(tuning.key_tiles))
        if length % largest:
            raise DataError(
                f"rows of {length} tokens are no whole number of blocks of {largest}",
                hint="pad them with `Inputs.padded`",
            )
        fields = PackedFields.of(inputs, config)
        found = classified(fields, tuning.query_tiles)
        by_query = _listed(fields, found, tuning.query_tiles, limit=found.shape[2], by_key=False)
        if tuning.key_tiles != tuning.query_tiles:
            found = classified(fields, tuning.key_tiles)
        by_key = _listed(fields, found, tuning.key_tiles, limit=MAX_TILES_OF_WORK, by_key=True)
        return cls(by_query, by_key, length)


def classified(fields: PackedFields, shape: TileShape) -> Tensor:
    """Return of each tile whether it is empty, partial or full. (B, N, M), int8."""
    from meloformer.model.attention.sparse.kernels.tiles import classify

    B, T = fields.order.shape
    N, M = T // shape.queries, T // shape.keys
    found = torch.empty(B, N, M, dtype=torch.int8, device=fields.order.device)
    classify[(M, N, B)](*fields, found, T, shape.queries, shape.keys)
    return found


def _listed(
    fields: PackedFields, found: Tensor, shape: TileShape, limit: int, *, by_key: bool
) -> TileList:
    """Return the tiles along one side.

    Args:
        fields: What the rule is asked about.
        found: `EMPTY`, `PARTIAL` or `FULL`. (B, N, M).
        shape: Of a tile.
        limit: Tiles of a line of `work`.
        by_key: Along the keys rather than the queries.
    """
    from meloformer.model.attention.sparse.kernels.tiles import FULL, PARTIAL, write_words

    found = found.transpose(1, 2) if by_key else found
    row, block, partial = (place.int() for place in (found == PARTIAL).nonzero(as_tuple=True))
    full = (found == FULL).nonzero()[:, 2].int()
    work = _work((found == FULL).sum(2), (found == PARTIAL).sum(2), limit)
    rows, columns = reversed(shape) if by_key else shape
    words = torch.empty(len(row), rows, WORDS, dtype=torch.int32, device=found.device)
    if len(row):
        length = fields.order.shape[1]
        arguments = (row, block, partial, words, length, rows, columns, by_key)
        write_words[(len(row),)](*fields, *arguments)
    return TileList(work, _with_one_more(full), _with_one_more(partial), words)


def _work(full: Tensor, partial: Tensor, limit: int) -> Tensor:
    """Return pieces of about equally many tiles of each block, the longest first. (W, 6), int32.

    Args:
        full: How many full tiles a block has. (B, N).
        partial: Likewise.
        limit: The most tiles of a piece.
    """
    blocks = full.shape[1]
    counts = torch.stack([full.flatten(), partial.flatten()])
    ends = counts.cumsum(1)
    pieces = (counts.sum(0) + limit - 1) // limit
    whole = torch.arange(counts.shape[1], device=full.device).repeat_interleave(pieces)
    piece = torch.arange(len(whole), device=full.device) - (pieces.cumsum(0) - pieces)[whole]
    pieces, counts, starts = pieces[whole], counts[:, whole], (ends - counts)[:, whole]
    first = starts + counts * piece // pieces
    last = starts + counts * (piece + 1) // pieces
    columns = (whole // blocks, whole % blocks, first[0], last[0], first[1], last[1])
    longest_first = (last - first).sum(0).argsort(descending=True, stable=True)
    return torch.stack(columns, dim=1)[longest_first].int().contiguous()


def _with_one_more(blocks: Tensor) -> Tensor:
    return torch.cat([blocks, blocks.new_zeros(1)])
