"""Attention that reads visible keys only, a block of queries at a time: for reading on a CPU.

Queries are put together that attend to much the same keys: first by the types they attend to, then
by order. Every 32 of them make a block, which is one call of PyTorch's own attention over the keys
that any of them attends to: about a third of those that are not later. Query heads that share a
key head count as more queries. Nothing is padded, so rows may have any length.

Axes: B row, T query position, S key position, C query of a block, H query head, G key/value head,
R query heads that share one, K head size.
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
GROUP = 4 * BLOCK
"""Queries that are asked together which keys they attend to."""


class SelectedBlock(NamedTuple):
    """Some queries, and the keys that any of them attends to."""

    queries: Tensor
    """Positions in the flattened batch. (C,), the last of a row fewer."""
    keys: Tensor
    """Likewise. (S,)."""
    bias: Tensor
    """0 where visible, minus infinity elsewhere. (1, 1, R * C, S)."""


class SelectedMask(NamedTuple):
    """The mask as a choice of keys for each block of queries."""

    blocks: tuple[SelectedBlock, ...]

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
        blocks: list[SelectedBlock] = []
        for b in range(B):
            of_row, among = (MaskFields(*(x[b] for x in fields)) for fields in (queries, keys))
            positions = ((of_row.rule.long() << 32) + of_row.order).argsort()
            for group in torch.split(positions, GROUP):
                asked = MaskFields(*(field[group] for field in of_row))
                found = _selected(asked, among, config)
                for where, (chosen, is_visible) in zip(
                    torch.split(group, BLOCK), found, strict=True
                ):
                    bias = torch.where(is_visible, 0.0, -torch.inf).to(dtype)
                    bias = bias.repeat(config.num_heads // config.num_kv_heads, 1)[None, None]
                    blocks.append(SelectedBlock(where + b * T, chosen + b * S, bias))
        return cls(tuple(blocks))

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Attend as `AttentionMask.attend` says."""
        B, T, H, K = q.shape
        G = k.shape[2]
        q = q.reshape(B * T, H * K)
        kv = torch.cat([k, v], dim=2).view(-1, 2 * G * K)  # one read for each key
        mixed = torch.empty_like(q)
        for queries, keys, bias in self.blocks:
            of_block = q.index_select(0, queries).view(1, -1, G, H // G, K)
            of_block = of_block.permute(0, 2, 3, 1, 4).reshape(1, G, -1, K)  # (1, G, R * C, K)
            chosen = kv.index_select(0, keys).view(1, -1, 2 * G, K).transpose(1, 2)
            output = F.scaled_dot_product_attention(
                of_block, chosen[:, :G], chosen[:, G:], attn_mask=bias
            )
            output = output.view(G, H // G, -1, K).permute(2, 0, 1, 3).reshape(-1, H * K)
            mixed.index_copy_(0, queries, output)
        return mixed.view(B, T, H, K)


def _selected(
    queries: MaskFields, keys: MaskFields, config: ModelConfig
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield for each block of a group of queries the keys that any of them attends to.

    Args:
        queries: A group. (n,).
        keys: Of the same row. (S,).
        config: Whose rule is followed.

    Yields:
        Places in `keys`; which query attends to which of these, (C, as many).
    """
    (among,) = _may_be_visible(queries, keys, config).nonzero(as_tuple=True)
    asked = MaskFields(*(field[among] for field in keys))
    table = visible(queries.queries(), asked.keys(), config)
    for of_block in torch.split(table, BLOCK):
        # As numbers, the largest of a column is found seven times sooner.
        (columns,) = of_block.view(torch.uint8).amax(dim=0).nonzero(as_tuple=True)
        yield among[columns], of_block[:, columns]


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
