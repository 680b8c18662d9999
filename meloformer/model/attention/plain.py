"""The plain path of attention: blocks of the mask, and PyTorch's own attention.

Axes: B row, T query position, S key position, H query head, G key/value head, K head size.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from meloformer.model.attention.rule import MaskFields, visible
from meloformer.model.config import ModelConfig
from meloformer.model.inputs import Inputs

QUERY_BLOCK, GPU_QUERY_BLOCK = 256, 1024
"""Queries of an attention call; a GPU wants few calls."""
KEPT_BYTES = 128 * 2**20
"""Of the masks of a batch so much is kept from layer to layer; what is beyond is made anew."""


class Block(NamedTuple):
    """Queries [first, last) and the end of the keys that any of them attends to."""

    first: int
    last: int
    num_keys: int
    bias: Tensor | None
    """See `BiasMask.bias`; None if it is to be made anew whenever it is needed."""


class BiasMask(NamedTuple):
    """The mask as a bias, in blocks of queries, never as a whole."""

    queries: MaskFields
    """(B, T)."""
    keys: MaskFields
    """(B, S)."""
    config: ModelConfig
    dtype: torch.dtype
    """Of attention."""
    blocks: tuple[Block, ...]

    @classmethod
    def of(cls, inputs: Inputs, config: ModelConfig, dtype: torch.dtype) -> "BiasMask":
        """Return the mask of rows in any layout, for attention of a dtype."""
        fields = MaskFields.of(inputs, config)
        return cls.between(fields, fields, config, dtype)

    @classmethod
    def between(
        cls, queries: MaskFields, keys: MaskFields, config: ModelConfig, dtype: torch.dtype
    ) -> "BiasMask":
        """Return the mask of some queries and other keys, as with a cache."""
        T, S = queries.order.shape[1], keys.order.shape[1]
        empty = cls(queries, keys, config, dtype, ())
        size = QUERY_BLOCK if keys.order.device.type == "cpu" else GPU_QUERY_BLOCK
        if size >= T:
            bias = empty.bias(0, T, S)
            return empty._replace(blocks=(Block(0, T, S, bias),))
        blocks = []
        room = KEPT_BYTES
        for first in range(0, T, size):
            last = min(first + size, T)
            # What is later than all queries need not be asked for.
            latest = queries.order[:, first:last].amax(dim=1, keepdim=True)
            bias = empty.bias(first, last, _end_of(keys.order <= latest))
            num_keys = _end_of((bias == 0).any(dim=2)[:, 0])
            kept = bias[..., :num_keys].contiguous()
            room -= kept.nbytes
            blocks.append(Block(first, last, num_keys, kept if room >= 0 else None))
        return empty._replace(blocks=tuple(blocks))

    def bias(self, first: int, last: int, num_keys: int) -> Tensor:
        """Return 0 where a query attends to a key, else minus infinity. (B, 1, T, S)."""
        B = len(self.queries.order)
        bias = torch.zeros(
            B, 1, last - first, num_keys, dtype=self.dtype, device=self.keys.order.device
        )
        # Row by row: the intermediate tables then stay in the processor's cache.
        for b in range(B):
            queries = MaskFields(*(field[b, first:last] for field in self.queries))
            keys = MaskFields(*(field[b, :num_keys] for field in self.keys))
            is_visible = visible(queries.queries(), keys.keys(), self.config)
            bias[b, 0].masked_fill_(~is_visible, -torch.inf)
        return bias

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Attend as `AttentionMask.attend` says."""
        q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)
        outputs = []
        for block in self.blocks:
            of_block = q[:, :, block.first : block.last], k, v, block
            if block.bias is None and torch.is_grad_enabled():
                # Or every layer would keep its bias for the backward pass.
                outputs.append(checkpoint(self._attend, *of_block, use_reentrant=False))
            else:
                outputs.append(self._attend(*of_block))
        mixed = outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=2)
        return mixed.transpose(1, 2)

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, block: Block) -> Tensor:
        """Return the outputs of one block. (B, H, T, K)."""
        bias = block.bias
        if bias is None:
            bias = self.bias(block.first, block.last, block.num_keys)
        k, v = k[:, :, : block.num_keys], v[:, :, : block.num_keys]
        return F.scaled_dot_product_attention(q, k, v, attn_mask=bias, enable_gqa=True)


def _end_of(which: Tensor) -> int:
    """Return one past the last key for which it holds in any row. `which`: (B, S)."""
    return int(which.any(dim=0).nonzero()[-1]) + 1
