"""Grouped-query attention under a visibility mask: the plain path.

Axes: B row, T query position, S key position, H query head, G key/value head, K head size, D width.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from meloformer.model.config import ModelConfig
from meloformer.model.rope import rotate

QUERY_BLOCK = 256
"""Queries per attention call on a CPU: each block reads no key after its last visible one."""


class Block(NamedTuple):
    """Queries [first, last) and the end of the keys that any of them sees."""

    first: int
    last: int
    num_keys: int


class Visibility(NamedTuple):
    """A mask made ready for attention, once per batch and shared by all layers."""

    bias: Tensor
    """0 where visible, minus infinity elsewhere, in the dtype of attention. (B, 1, T, S)."""
    blocks: tuple[Block, ...]

    @classmethod
    def of(cls, mask: Tensor, dtype: torch.dtype) -> "Visibility":
        """From a boolean mask. (B, T, S)."""
        B, T, S = mask.shape
        bias = torch.zeros(B, 1, T, S, dtype=dtype, device=mask.device)
        bias.masked_fill_(~mask[:, None], -torch.inf)
        if mask.device.type != "cpu" or T <= QUERY_BLOCK:
            return cls(bias, (Block(0, T, S),))
        firsts = range(0, T, QUERY_BLOCK)
        lasts = [min(first + QUERY_BLOCK, T) for first in firsts]
        ends = [_last_seen(mask[:, first:last]) for first, last in zip(firsts, lasts, strict=True)]
        return cls(bias, tuple(map(Block, firsts, lasts, ends)))


def _last_seen(mask: Tensor) -> int:
    """One past the last key that any query sees."""
    return int(mask.any(dim=0).any(dim=0).nonzero()[-1]) + 1


def attend(q: Tensor, k: Tensor, v: Tensor, visibility: Visibility) -> Tensor:
    """Softmax attention over the visible keys.

    Args:
        q: Queries. (B, H, T, K).
        k: Keys. (B, G, S, K).
        v: Values. (B, G, S, K).
        visibility: Who sees whom.

    Returns:
        (B, H, T, K).
    """
    outputs = [
        F.scaled_dot_product_attention(
            q[:, :, first:last],
            k[:, :, :num_keys],
            v[:, :, :num_keys],
            attn_mask=visibility.bias[:, :, first:last, :num_keys],
            enable_gqa=True,
        )
        for first, last, num_keys in visibility.blocks
    ]
    return outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=2)


class CacheSlot(NamedTuple):
    """Where one layer of a cache keeps its keys and values, and where the next ones go."""

    k: Tensor
    """(B, G, S, K), S up to and including the new positions."""
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

    def forward(
        self,
        x: Tensor,
        rope: tuple[Tensor, Tensor],
        visibility: Visibility,
        slot: CacheSlot | None = None,
    ) -> Tensor:
        """Mix each position with what it sees, in this input and in the cache. (B, T, D)."""
        B, T, D = x.shape
        H, G, K = self.num_heads, self.num_kv_heads, self.head_dim
        qk, v = self.qkv(x).view(B, T, H + 2 * G, K).split([H + G, G], dim=2)
        gains = torch.cat([self.q_gain.expand(H, K), self.k_gain.expand(G, K)])
        qk = rotate(F.rms_norm(qk, (K,)) * gains.to(qk.dtype), *rope).to(v.dtype)
        q, k = qk.split([H, G], dim=2)
        q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)
        if slot is not None:
            slot.k[:, :, slot.start :] = k
            slot.v[:, :, slot.start :] = v
            k, v = slot.k, slot.v
        mixed = attend(q, k, v, visibility)  # (B, H, T, K)
        return self.out(mixed.transpose(1, 2).reshape(B, T, D))  # type: ignore[no-any-return]  # nn.Module
