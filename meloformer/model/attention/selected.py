"""Attention that reads visible keys only, a block of queries at a time: for reading on a CPU.

Queries are put together that attend to much the same keys: first by the types they attend to, then
by order. Every 32 of them make a block, which is one call of PyTorch's own attention over the keys
that any of them attends to: about a third of those that are not later. Query heads that share a
key head count as more queries. Nothing is padded, so rows may have any length.

Axes: B row, T query position, S key position, N block, C query of a block, H query head, G
key/value head, R query heads that share one, K head size.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from meloformer.model.attention.rule import Clause, MaskFields, Share, clauses, visible
from meloformer.model.config import ModelConfig
from meloformer.model.inputs import Inputs

BLOCK = 32
GROUP = 8 * BLOCK
"""Queries that are asked together which keys they attend to."""


class SelectedBlock(NamedTuple):
    """The keys that any query of a block attends to."""

    keys: Tensor
    """Positions in the flattened batch. (S,)."""
    bias: Tensor
    """0 where visible, minus infinity elsewhere. (1, 1, R * C, S)."""


class SelectedMask(NamedTuple):
    """The mask as a choice of keys for each block of queries."""

    queries: Tensor
    """Positions in the flattened batch, block by block; a last one is repeated. (N * C,)."""
    blocks: tuple[SelectedBlock, ...]
    """N of them."""
    places: Tensor
    """Where in `queries` each position of the flattened batch is. (B * T,)."""

    @classmethod
    def of(cls, inputs: Inputs, config: ModelConfig, dtype: torch.dtype) -> "SelectedMask":
        """Return the mask of rows in any layout, for attention of a dtype."""
        fields = MaskFields.of(inputs, config)
        return cls.between(fields, fields, config, dtype)

    @classmethod
    def between(
        cls, queries: MaskFields, keys: MaskFields, config: ModelConfig, dtype: torch.dtype
    ) -> "SelectedMask":
        """Return the mask of some queries, (B, T), and other keys, (B, S), as with a cache."""
        (B, T), S = queries.order.shape, keys.order.shape[1]
        sorted_queries: list[Tensor] = []
        blocks: list[SelectedBlock] = []
        for b in range(B):
            of_row, among = (MaskFields(*(x[b] for x in fields)) for fields in (queries, keys))
            positions = ((of_row.rule.long() << 32) + of_row.order).argsort()
            positions = torch.cat([positions, positions[-1:].expand(-T % BLOCK)])
            sorted_queries.append(positions + b * T)
            for group in torch.split(positions, GROUP):
                asked = MaskFields(*(field[group] for field in of_row))
                blocks.extend(_blocks(asked, among, config, dtype, first_key=b * S))
        every = torch.cat(sorted_queries)
        places = torch.empty(B * T, dtype=torch.long, device=every.device)
        places[every] = torch.arange(len(every), device=every.device)
        return cls(every, tuple(blocks), places)

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Attend as `AttentionMask.attend` says."""
        B, T, H, K = q.shape
        G = k.shape[2]
        q = q.reshape(B * T, H * K).index_select(0, self.queries).view(-1, BLOCK, G, H // G, K)
        q = q.permute(0, 2, 3, 1, 4).reshape(-1, G, H // G * BLOCK, K)  # (N, G, R * C, K)
        k, v = (x.reshape(-1, G * K) for x in (k, v))
        outputs = []
        for of_block, (keys, bias) in zip(torch.split(q, 1), self.blocks, strict=True):
            of_keys, values = (
                x.index_select(0, keys).view(1, -1, G, K).transpose(1, 2) for x in (k, v)
            )
            outputs.append(F.scaled_dot_product_attention(of_block, of_keys, values, bias))
        mixed = torch.cat(outputs).view(-1, G, H // G, BLOCK, K).permute(0, 3, 1, 2, 4)
        return mixed.reshape(-1, H * K).index_select(0, self.places).view(B, T, H, K)


def _blocks(
    queries: MaskFields,
    keys: MaskFields,
    config: ModelConfig,
    dtype: torch.dtype,
    first_key: int,
) -> Iterator[SelectedBlock]:
    """Yield the blocks of a group of queries.

    Args:
        queries: A whole number of blocks. (n,).
        keys: Of the same row. (S,).
        config: Whose rule is followed.
        dtype: Of attention.
        first_key: Position of the first of `keys` in the flattened batch.
    """
    (among,) = _may_be_visible(queries, keys, config).nonzero(as_tuple=True)
    asked = MaskFields(*(field[among] for field in keys))
    table = visible(queries.queries(), asked.keys(), config)
    heads = config.num_heads // config.num_kv_heads
    for of_block in torch.split(table, BLOCK):
        (columns,) = of_block.any(dim=0).nonzero(as_tuple=True)
        is_visible = of_block[:, columns].expand(heads, -1, -1)
        bias = torch.zeros(is_visible.shape, dtype=dtype, device=table.device)
        bias.masked_fill_(~is_visible, -torch.inf)
        yield SelectedBlock(among[columns] + first_key, bias.view(1, 1, heads * BLOCK, -1))


def _may_be_visible(queries: MaskFields, keys: MaskFields, config: ModelConfig) -> Tensor:
    """Return which keys any of the queries may attend to, without looking at pairs. (S,), bool.

    A key is of a kind that a clause gives them, shares with one of them what the clause says, and
    is not later than all of them.
    """
    found = torch.isin(keys.order, queries.order)
    for clause in clauses(config):
        is_query = (queries.kind & clause.queries) != 0
        if is_query.any():
            of_clause = MaskFields(*(field[is_query] for field in queries))
            found |= _shared_with_any(clause, of_clause, keys, config)
    return found & (keys.order <= queries.order.amax())


def _shared_with_any(
    clause: Clause, queries: MaskFields, keys: MaskFields, config: ModelConfig
) -> Tensor:
    """Return the keys of a clause that share with any of its queries what it says. (S,), bool."""
    kinds = clause.keys
    if clause.by_type:
        attended = 0
        for rule in torch.unique(queries.rule).tolist():
            attended |= rule
        kinds &= attended
    is_key = (keys.kind & kinds) != 0
    match clause.share:
        case Share.DOCUMENT:
            return is_key
        case Share.NEAR_BAR:
            offsets = {sign * offset for offset in config.cross_offsets for sign in (1, -1)}
            steps = torch.tensor(sorted(offsets), dtype=keys.bar.dtype, device=keys.bar.device)
            near = torch.unique(queries.bar)[:, None] + steps
            return is_key & torch.isin(keys.bar, near.flatten())
        case Share.BAR | Share.PART | Share.NOTE:
            of_queries, of_keys = (
                getattr(each, clause.share.name.lower()) for each in (queries, keys)
            )
            return is_key & torch.isin(of_keys, torch.unique(of_queries))
