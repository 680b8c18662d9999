"""Grouped-query attention: the layer, whichever path computes it.

Axes: B row, T query position, S key position, H query head, G key/value head, K head size, D width.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from meloformer.model.attention.mask import AttentionMask
from meloformer.model.config import ModelConfig
from meloformer.model.rope import rotate


class CacheSlot(NamedTuple):
    """The keys and values of one layer of a cache, and where the next ones go."""

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
        """Return the gain of every value of all query and key heads. (H + G, K)."""
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
        mask: AttentionMask,
        slot: CacheSlot | None = None,
    ) -> Tensor:
        """Mix each position with those it attends to, here and in the cache. (B, T, D)."""
        q, k, v = self.project(x, rope)
        if slot is not None:
            slot.k[:, slot.start :] = k
            slot.v[:, slot.start :] = v
            k, v = slot.k, slot.v
        return self.merge(mask.attend(q, k, v))

    def project(self, x: Tensor, rope: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Return queries, keys and values. (B, T, H, K) and twice (B, T, G, K)."""
        B, T, _ = x.shape
        H, G, K = self.num_heads, self.num_kv_heads, self.head_dim
        qk, v = torch.split(self.qkv(x).view(B, T, H + 2 * G, K), [H + G, G], dim=2)
        qk = rotate(F.rms_norm(qk, (K,)) * self.gains().to(qk.dtype), *rope).to(v.dtype)
        q, k = torch.split(qk, [H, G], dim=2)
        return q, k, v

    def merge(self, mixed: Tensor) -> Tensor:
        """Return what the layer adds, of what its heads mixed. (B, T, H, K) to (B, T, D)."""
        return self.out(mixed.flatten(2))  # type: ignore[no-any-return]  # nn.Module
