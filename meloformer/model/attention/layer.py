"""Grouped-query attention under a visibility mask: the plain path.

Axes: B row, T query position, S key position, H query head, G key/value head, K head size, D width.
"""

from typing import NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from meloformer.model.attention.rule import MaskFields, visible
from meloformer.model.config import ModelConfig
from meloformer.model.rope import rotate

QUERY_BLOCK, GPU_QUERY_BLOCK = 256, 1024
"""Queries of an attention call; a GPU wants few calls."""
KEPT_BYTES = 128 * 2**20
"""Of the masks of a batch so much is kept from layer to layer; what is beyond is made anew."""


class Attends(Protocol):
    """A mask made ready for attention, once per batch and shared by all layers."""

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Softmax attention over the visible keys.

        Args:
            q: Queries. (B, T, H, K).
            k: Keys. (B, S, G, K).
            v: Values. (B, S, G, K).

        Returns:
            (B, T, H, K).
        """


class Block(NamedTuple):
    """Queries [first, last) and the end of the keys that any of them sees."""

    first: int
    last: int
    num_keys: int
    bias: Tensor | None
    """See `BiasMask.bias`; None if it is to be made anew whenever it is needed."""


class BiasMask(NamedTuple):
    """The plain path: the mask as a bias, in blocks of queries, never as a whole."""

    queries: MaskFields
    """(B, T)."""
    keys: MaskFields
    """(B, S)."""
    config: ModelConfig
    dtype: torch.dtype
    """Of attention."""
    blocks: tuple[Block, ...]

    @classmethod
    def of(
        cls, queries: MaskFields, keys: MaskFields, config: ModelConfig, dtype: torch.dtype
    ) -> "BiasMask":
        """From what the mask knows of queries and keys."""
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
        """0 where one of some queries sees a key, minus infinity elsewhere. (B, 1, T, S)."""
        B = len(self.queries.order)
        bias = torch.zeros(
            B, 1, last - first, num_keys, dtype=self.dtype, device=self.keys.order.device
        )
        # Row by row: the intermediate tables then stay in the processor's cache.
        for b in range(B):
            queries = MaskFields(*(field[b, first:last] for field in self.queries))
            keys = MaskFields(*(field[b, :num_keys] for field in self.keys))
            seen = visible(queries.queries(), keys.keys(), self.config)
            bias[b, 0].masked_fill_(~seen, -torch.inf)
        return bias

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """See `Attends.attend`."""
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
        """One block. (B, H, T, K)."""
        bias = block.bias
        if bias is None:
            bias = self.bias(block.first, block.last, block.num_keys)
        k, v = k[:, :, : block.num_keys], v[:, :, : block.num_keys]
        return F.scaled_dot_product_attention(q, k, v, attn_mask=bias, enable_gqa=True)


def _end_of(which: Tensor) -> int:
    """One past the last key for which it holds in any row. `which`: (B, S), bool."""
    return int(which.any(dim=0).nonzero()[-1]) + 1


class CacheSlot(NamedTuple):
    """Where one layer of a cache keeps its keys and values, and where the next ones go."""

    k: Tensor
    """(B, S, G, K), S up to and including the new positions."""
    v: Tensor
    start: int


class Attention(nn.Module):
    """Self-attention with normalised queries and keys, rotary positions and shared key heads."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.num_heads, self.num_kv_heads = config.num_heads, config.num_kv_heads
        self.head_dim = config.head_dim
        self.qkv = nn.Linear(
            config.dim, (self.num_heads + 2 * self.num_kv_heads) * self.head_dim, bias=False
        )
        self.out = nn.Linear(config.dim, config.dim, bias=False)
        self.q_gain = nn.Parameter(torch.ones(self.head_dim))
        self.k_gain = nn.Parameter(torch.ones(self.head_dim))

    def gains(self) -> Tensor:
        """The gain of every value of all query and key heads. (H + G, K)."""
        return torch.cat(
            [
                self.q_gain.expand(self.num_heads, -1),
                self.k_gain.expand(self.num_kv_heads, -1),
            ]
        )

    def forward(
        self,
        x: Tensor,
        rope: tuple[Tensor, Tensor],
        visibility: Attends,
        slot: CacheSlot | None = None,
    ) -> Tensor:
        """Mix each position with what it sees, in this input and in the cache. (B, T, D)."""
        B, T, D = x.shape
        H, G, K = self.num_heads, self.num_kv_heads, self.head_dim
        qk, v = torch.split(self.qkv(x).view(B, T, H + 2 * G, K), [H + G, G], dim=2)
        qk = rotate(F.rms_norm(qk, (K,)) * self.gains().to(qk.dtype), *rope).to(v.dtype)
        q, k = torch.split(qk, [H, G], dim=2)
        if slot is not None:
            slot.k[:, slot.start :] = k
            slot.v[:, slot.start :] = v
            k, v = slot.k, slot.v
        mixed = visibility.attend(q, k, v)  # (B, T, H, K)
        return self.out(mixed.reshape(B, T, D))  # type: ignore[no-any-return]  # nn.Module
