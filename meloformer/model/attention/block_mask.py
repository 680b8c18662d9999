"""The mask as FlexAttention reads it: which blocks to compute, and which of those without asking.

Axes: B row, T position, N block of a row.
"""

import torch
from torch import Tensor
from torch.nn.attention.flex_attention import BlockMask

from meloformer.errors import DataError
from meloformer.model.attention.packed_fields import MaskMod, PackedFields
from meloformer.model.attention.rule import NEVER, NOTE_KINDS, SUM_KIND, MaskFields
from meloformer.model.attention.visible_blocks import BLOCK, visible_blocks
from meloformer.model.config import NOTE_TYPES, ModelConfig
from meloformer.model.inputs import Inputs

_NO_BAR = 1 << 20


def block_mask(inputs: Inputs, config: ModelConfig) -> BlockMask:
    """The mask of rows in any layout, for the forward and the backward kernel.

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
    """A block mask from two tables.

    Args:
        partial: Blocks of which some pairs are visible. (B, N, N), bool.
        full: Blocks of which all pairs are visible. (B, N, N), bool.
        mask_mod: Tells which pairs of the partial blocks are.

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
    """How many key blocks each query block has, and which, those first. (B, 1, N), (B, 1, N, N)."""
    indices = table.byte().argsort(dim=2, descending=True, stable=True)
    return table.sum(dim=2, dtype=torch.int32)[:, None], indices.int()[:, None]


def full_blocks(inputs: Inputs, config: ModelConfig, block: int = BLOCK) -> Tensor:
    """Blocks of which every query provably sees every key, by what is known of each side.

    All that are found are such; a few that are may not be found.

    Args:
        inputs: T a multiple of `block`.
        config: Whose rule is followed.
        block: Tokens of a block.

    Returns:
        Queries, keys. (B, N, N), bool.
    """
    B, T = inputs.ids.shape
    side = MaskFields(
        *(field.view(B, T // block, block) for field in MaskFields.of(inputs, config))
    )
    doc = _only(side.doc)
    earlier = side.order.amax(2)[:, None] <= side.order.amin(2)[:, :, None]
    full = (doc[:, :, None] == doc[:, None]) & (doc >= 0)[:, None] & earlier
    if config.dense:
        return full
    is_note = (side.kind & NOTE_KINDS) != 0
    types = torch.tensor(NOTE_TYPES, device=is_note.device)
    held = (side.kind[..., None] >> types & 1).amax(2)  # (B, N, 4)
    not_heard = 1 - (side.rule[..., None] >> types & 1).amin(2)
    is_heard = torch.einsum("bqt,bkt->bqk", not_heard.float(), held.float()) == 0
    # Headers and summaries are seen anyway: of the keys only the notes matter.
    part = _only(torch.where(is_note, side.part, side.part.where(is_note, -1).amax(2)[..., None]))
    part_of_notes = torch.where(is_note.all(2), part, NEVER)  # of blocks of nothing else
    one_part = (part_of_notes[:, :, None] == part[:, None]) & (part >= 0)[:, None]
    first = side.bar.where(is_note, _NO_BAR).amin(2)
    last = side.bar.where(is_note, -_NO_BAR).amax(2)
    distance = torch.maximum(
        side.bar.amax(2)[:, :, None] - first[:, None], last[:, None] - side.bar.amin(2)[:, :, None]
    )
    reach = next(bars for bars in range(32) if bars not in config.cross_offsets)
    no_notes = ~is_note.any(2)[:, None]
    if not config.summaries:  # which nobody sees then
        full &= ~((side.kind & SUM_KIND) != 0).any(2)[:, None]
    return full & is_heard & (one_part | (distance < reach) | no_notes)


def _only(values: Tensor) -> Tensor:
    """The value that all of a block have, or `NEVER`. (B, N)."""
    least = values.amin(2)
    return torch.where(least == values.amax(2), least, NEVER)
