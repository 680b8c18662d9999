"""Grouped-query attention under a visibility mask: the plain path.

Axes: B row, T query position, S key position, H query head, G key/value head, K head size, D width.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from meloformer.model.config import ModelConfig
from meloformer.model.gathered import GatheredVisibility
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

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Softmax attention over the visible keys.

        Args:
            q: Queries. (B, T, H, K).
            k: Keys. (B, S, G, K).
            v: Values. (B, S, G, K).

        Returns:
            (B, T, H, K).
        """
        q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)
        outputs = [
            F.scaled_dot_product_attention(
                q[:, :, first:last],
                k[:, :, :num_keys],
                v[:, :, :num_keys],
                attn_mask=self.bias[:, :, first:last, :num_keys],
                enable_gqa=True,
            )
            for first, last, num_keys in self.blocks
        ]
        mixed = outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=2)
        return mixed.transpose(1, 2)


def _last_seen(mask: Tensor) -> int:
    """One past the last key that any query sees."""
    return int(mask.any(dim=0).any(dim=0).nonzero()[-1]) + 1


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
        visibility: Visibility | GatheredVisibility,
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
