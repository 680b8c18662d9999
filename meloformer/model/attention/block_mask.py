"""The mask as FlexAttention reads it: the blocks to compute, and those of them that are full.

Axes: B row, T position, N block of a row.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.attention.flex_attention import BlockMask

from meloformer.errors import DataError
from meloformer.model.attention.packed_fields import MaskMod, PackedFields
from meloformer.model.attention.rule import (
    NEVER,
    NEVER_EITHER,
    Clause,
    MaskFields,
    Share,
    clauses,
)
from meloformer.model.attention.visible_blocks import BLOCK, visible_blocks
from meloformer.model.config import ModelConfig, TokenType
from meloformer.model.inputs import Inputs

_NO_BAR = 1 << 20


def block_mask(inputs: Inputs, config: ModelConfig) -> BlockMask:
    """Return the mask of rows in any layout, for the forward and the backward kernel.

    Args:
        inputs: T a multiple of `BLOCK`.
        config: Whose rule is followed.

    Raises:
        DataError: The rows are no whole number of blocks, or their fields disagree.
    """
    length = inputs.ids.shape[1]
    if length % BLOCK:
        raise DataError(
            f"rows of {length} tokens are no whole number of blocks of {BLOCK}",
            hint="pad them with `Inputs.padded`",
        )
    mask_mod = PackedFields.of(inputs, config).mask_mod()
    full = full_blocks(inputs, config)
    return from_tables(visible_blocks(inputs, config) & ~full, full, mask_mod)


def from_tables(partial: Tensor, full: Tensor, mask_mod: MaskMod) -> BlockMask:
    """Return a block mask from two tables.

    Args:
        partial: Blocks of which some pairs are visible. (B, N, N), bool.
        full: Blocks of which all pairs are visible. (B, N, N), bool.
        mask_mod: Tells which pairs of the partial blocks are visible.

    Raises:
        DataError: Some queries have no key at all.
    """
    empty = ~(partial | full).any(dim=2)
    if empty.any():
        row, block = empty.nonzero()[0].tolist()
        raise DataError(
            f"row {row} leaves tokens {block * BLOCK} to {(block + 1) * BLOCK - 1} without a key"
        )
    length = partial.shape[1] * BLOCK
    return BlockMask.from_kv_blocks(
        *_numbers_and_indices(partial),
        *_numbers_and_indices(full),
        BLOCK_SIZE=BLOCK,
        mask_mod=mask_mod,
        seq_lengths=(length, length),
    )


def _numbers_and_indices(table: Tensor) -> tuple[Tensor, Tensor]:
    """Return the count of key blocks of each query block, and all key blocks, those first.

    Returns:
        (B, 1, N) and (B, 1, N, N).
    """
    indices = table.byte().argsort(dim=2, descending=True, stable=True)
    return table.sum(dim=2, dtype=torch.int32)[:, None], indices.int()[:, None]


def full_blocks(inputs: Inputs, config: ModelConfig, block: int = BLOCK) -> Tensor:
    """Return blocks of which every query provably attends to every key, by bounds of each.

    All that are found are such; a few that are such may not be found.

    Args:
        inputs: T a multiple of `block`.
        config: Whose rule is followed.
        block: Tokens of a block.

    Returns:
        Queries, keys. (B, N, N), bool.
    """
    B, T = inputs.ids.shape
    fields = MaskFields(
        *(field.view(B, T // block, block) for field in MaskFields.of(inputs, config))
    )
    doc = _only(fields.doc, NEVER)
    earlier = fields.order.amax(2)[:, None] <= fields.order.amin(2)[:, :, None]
    kinds = _bits(fields.kind, torch.amax)
    left = kinds[:, None].expand(-1, kinds.shape[1], -1)  # kinds of keys without a clause
    for clause in clauses(config):
        applies = (kinds & ~clause.queries == 0)[:, :, None] & _all_share(clause, fields, config)
        keys = torch.full_like(kinds, clause.keys)
        if clause.by_type:
            keys = keys & _bits(fields.rule, torch.amin)
        left = left & ~torch.where(applies, keys[:, :, None], 0)
    return (doc[:, :, None] == doc[:, None]) & (doc >= 0)[:, None] & earlier & (left == 0)


def _all_share(clause: Clause, fields: MaskFields, config: ModelConfig) -> Tensor:
    """Return blocks of which all queries share with all keys of the clause's what it says.

    Args:
        clause: Of the rule.
        fields: By block. (B, N, block).
        config: Whose offsets are near.

    Returns:
        Queries, keys. (B, N, N), bool, or what broadcasts to it.
    """
    is_key = (fields.kind & clause.keys) != 0
    match clause.share:
        case Share.DOCUMENT:
            return torch.ones_like(is_key[:, :1, :1])
        case Share.NEAR_BAR:
            reach = next(bars for bars in range(32) if bars not in config.cross_offsets)
            first = fields.bar.where(is_key, _NO_BAR).amin(2)[:, None]
            last = fields.bar.where(is_key, -_NO_BAR).amax(2)[:, None]
            most = torch.maximum(
                fields.bar.amax(2)[:, :, None] - first, last - fields.bar.amin(2)[:, :, None]
            )
            return most < reach
        case Share.BAR | Share.PART | Share.NOTE:
            shared: Tensor = getattr(fields, clause.share.name.lower())
            of_keys = torch.where(is_key, shared, shared.where(is_key, NEVER).amax(2)[..., None])
            return _only(shared, NEVER)[:, :, None] == _only(of_keys, NEVER_EITHER)[:, None]


def _only(values: Tensor, otherwise: int) -> Tensor:
    """Return the value that all of a block have, or another. (B, N)."""
    least = values.amin(2)
    return torch.where(least == values.amax(2), least, otherwise)


def _bits(sets: Tensor, reduced: Callable[[Tensor, int], Tensor]) -> Tensor:
    """Return the union (`amax`) or the intersection (`amin`) of the sets of types of a block.

    Args:
        sets: Bit `TokenType`. (B, N, block).
        reduced: Taken over the tokens of a block, type by type.

    Returns:
        (B, N).
    """
    types = torch.arange(len(TokenType), device=sets.device)
    return (reduced(sets[..., None] >> types & 1, 2) << types).sum(2)
