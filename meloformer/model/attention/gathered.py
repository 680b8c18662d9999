"""Attention that reads only what is seen: the fast path of training on a CPU.

Queries are put together that see much the same keys: first by what their type may hear, then by
order. Every 32 of them make a block, and each block gathers the keys that any of its queries sees,
about a third of all. Blocks with similarly many keys are computed together. Nothing here knows the
rule of visibility: any mask gives the same numbers as the plain path, a good order only makes the
blocks smaller.

Axes: B row, T position, N block, C query of a block, S gathered key, H query head, G key/value
head, K head size.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from meloformer.model.inputs import Inputs

BLOCK = 32
NUM_BUCKETS = 8
"""Attention calls per layer; with more, less is padded."""
MAX_PAIRS = 2**27
"""Of a batch; each takes a byte or two while the blocks are made."""


class Bucket(NamedTuple):
    """Blocks with similarly many keys, padded to one length."""

    queries: Tensor
    """Positions in the flattened batch. (N * C,)."""
    keys: Tensor
    """Likewise. (N * S,)."""
    bias: Tensor
    """0 where visible, minus infinity elsewhere. (N, 1, C, 1, S)."""


class GatheredMask(NamedTuple):
    """A mask made ready for gathered attention, once per batch and shared by all layers."""

    buckets: tuple[Bucket, ...]
    places: Tensor
    """Where each output of all buckets belongs in the flattened batch. (B * T,)."""

    @classmethod
    def of(cls, mask: Tensor, likeness: Tensor, dtype: torch.dtype) -> "GatheredMask":
        """From a boolean mask.

        Args:
            mask: Who sees whom. (B, T, T); T a multiple of `BLOCK`.
            likeness: Queries with equal numbers see similar keys; earlier ones first. (B, T).
            dtype: Of attention.
        """
        B, T, _ = mask.shape
        queries = likeness.argsort(dim=1, stable=True).view(-1, BLOCK)  # (N, C)
        row = torch.arange(B, device=mask.device).repeat_interleave(T // BLOCK)  # (N,)
        seen = mask[row[:, None], queries]  # (N, C, T)
        by_any = seen.any(dim=1)
        num_keys = by_any.sum(dim=1)
        buckets = []
        for blocks in num_keys.argsort().chunk(NUM_BUCKETS):
            S = int(num_keys[blocks].max())
            # Keys that are seen come first; those that only pad are hidden by the mask.
            keys = by_any[blocks].byte().sort(dim=1, descending=True, stable=True).indices[:, :S]
            visible = seen[blocks].gather(2, keys[:, None].expand(-1, BLOCK, -1))
            bias = torch.zeros(visible.shape, dtype=dtype, device=mask.device)
            bias.masked_fill_(~visible, -torch.inf)
            start = row[blocks, None] * T
            buckets.append(
                Bucket(
                    (queries[blocks] + start).flatten(),
                    (keys + start).flatten(),
                    bias[:, None, :, None],
                )
            )
        return cls(tuple(buckets), torch.cat([bucket.queries for bucket in buckets]))

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """See `attention.Attends.attend`; there are as many keys as queries."""
        B, T, H, K = q.shape
        G = k.shape[2]
        q = (q * K**-0.5).reshape(B * T, H * K)
        k, v = k.reshape(B * T, G * K), v.reshape(B * T, G * K)
        outputs = []
        for queries, keys, bias in self.buckets:
            N, _, C, _, S = bias.shape
            bucket_q = q.index_select(0, queries).view(N, C, G, H // G, K)
            bucket_q = bucket_q.transpose(1, 2).reshape(N * G, -1, K)
            bucket_k = k.index_select(0, keys).view(N, S, G, K).transpose(1, 2).reshape(-1, S, K)
            bucket_v = v.index_select(0, keys).view(N, S, G, K).transpose(1, 2).reshape(-1, S, K)
            scores = torch.bmm(bucket_q, bucket_k.transpose(1, 2)).view(N, G, C, H // G, S)
            shares = (scores + bias).softmax(dim=-1).to(v.dtype).view(N * G, -1, S)
            mixed = torch.bmm(shares, bucket_v).view(N, G, C, H // G * K)
            outputs.append(mixed.transpose(1, 2).reshape(N * C, H * K))
        together = torch.cat(outputs)
        return torch.empty_like(together).index_copy(0, self.places, together).view(B, T, H, K)


def is_faster(inputs: Inputs, dtype: torch.dtype) -> bool:
    """Is gathering faster than the plain path for these rows, and is there room for its table?"""
    B, T = inputs.ids.shape
    fits = T >= 256 and T % BLOCK == 0 and B * T * T <= MAX_PAIRS
    return fits and inputs.ids.device.type == "cpu" and dtype == torch.bfloat16
