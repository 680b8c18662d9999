"""Other ways to use FlexAttention, for one comparison: options of its kernel, a mask of bits."""

from typing import Any

import torch
from torch import Tensor
from torch.nn.attention.flex_attention import BlockMask, flex_attention

from meloformer.model.attention.block_mask import from_tables, full_blocks
from meloformer.model.attention.mask import AttentionMask
from meloformer.model.attention.packed_fields import MaskMod, PackedFields
from meloformer.model.attention.rule import MaskFields, visible
from meloformer.model.attention.visible_blocks import visible_blocks
from meloformer.model.config import SIZES
from meloformer.model.inputs import Inputs

OPTIONS = {"ROWS_GUARANTEED_SAFE": True, "PRESCALE_QK": True}
BITS = 32


class FlexVariant:
    """FlexAttention with some mask and options of its kernel."""

    def __init__(self, mask: BlockMask, options: dict[str, Any]) -> None:
        self._mask, self._options = mask, options

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """See `AttentionMask.attend`."""
        q, k, v = (x.transpose(1, 2).contiguous() for x in (q, k, v))
        return _compiled(q, k, v, self._mask, self._options).transpose(1, 2)


@torch.compile(dynamic=False, fullgraph=True)
def _compiled(q: Tensor, k: Tensor, v: Tensor, mask: BlockMask, options: dict[str, Any]) -> Tensor:
    mixed = flex_attention(q, k, v, block_mask=mask, enable_gqa=True, kernel_options=options)
    if not isinstance(mixed, Tensor):
        raise TypeError("there is more than an output")
    return mixed


def with_options(rows: Inputs, size: str) -> AttentionMask:
    """The mask as it is, read from flat tensors, and options that hold for it."""
    config = SIZES[size]
    return FlexVariant(_block_mask(rows, size, _flat(PackedFields.of(rows, config))), OPTIONS)


def with_bits(rows: Inputs, size: str) -> AttentionMask:
    """A mask of a bit for each pair of all tokens, which takes the memory of pairs."""
    return FlexVariant(_block_mask(rows, size, _bits(rows, size)), OPTIONS)


def _block_mask(rows: Inputs, size: str, mask_mod: MaskMod) -> BlockMask:
    config = SIZES[size]
    full = full_blocks(rows, config)
    return from_tables(visible_blocks(rows, config) & ~full, full, mask_mod)


def _flat(fields: PackedFields) -> MaskMod:
    length = fields.order.shape[1]
    of_row = PackedFields(*(field.flatten()[None] for field in fields)).mask_mod()

    def visible_at(b: Tensor, h: Tensor, q: Tensor, kv: Tensor) -> Tensor:
        start = b * length
        return of_row(b * 0, h, start + q, start + kv)

    return visible_at


def _bits(rows: Inputs, size: str) -> MaskMod:
    length = rows.ids.shape[1]
    words = torch.cat([_words(Inputs(*(x[b] for x in rows)), size) for b in range(len(rows.ids))])
    of_query = length // BITS

    def visible_at(b: Tensor, h: Tensor, q: Tensor, kv: Tensor) -> Tensor:
        del h
        word = words[(b * length + q) * of_query + (kv >> 5)]
        return (word >> (kv & 31) & 1) == 1

    return visible_at


def _words(row: Inputs, size: str) -> Tensor:
    """Return the bits of a row, 32 keys a word. (T * T / 32,), int32."""
    config = SIZES[size]
    fields = MaskFields.of(row, config)
    shift = torch.arange(BITS, device=row.ids.device)
    parts = []
    for first in range(0, len(row.ids), 1024):
        queries = MaskFields(*(x[first : first + 1024] for x in fields))
        pairs = visible(queries.queries(), fields.keys(), config)
        bits = pairs.view(pairs.shape[0], -1, BITS).long() << shift
        parts.append(bits.sum(2).int().flatten())  # the highest bit is the sign
    return torch.cat(parts)
