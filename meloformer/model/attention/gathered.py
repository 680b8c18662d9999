"""Attention that reads visible keys only: the fast path of training on a CPU.

Queries are put together that attend to much the same keys: first by the types they attend to, then
by order. Every 32 of them make a block, and each block gathers the keys that any of its queries
attends to, about a third of all. Blocks with similarly many keys are computed together. Nothing
here knows the rule: any mask gives the same numbers as the plain path, a good order only makes the
blocks smaller.

Axes: B row, T position, N block, C query of a block, S gathered key, H query head, G key/value
head, K head size.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from meloformer.model.attention.rule import MaskFields, dense_mask
from meloformer.model.config import ModelConfig
from meloformer.model.inputs import Inputs

BLOCK = 32
NUM_BUCKETS = 8
"""Attention calls per layer; with more, less is padded."""


class Bucket(NamedTuple):
    """Blocks with similarly many keys, padded to one length."""

    queries: Tensor
    """Positions in the flattened batch. (N * C,)."""
    keys: Tensor
    """Likewise. (N * S,)."""
    bias: Tensor
    """0 where visible, minus infinity elsewhere. (N, 1, C, 1, S)."""


class GatheredMask(NamedTuple):
    """The mask in gathered blocks, made once per batch and shared by all layers."""

    buckets: tuple[Bucket, ...]
    places: Tensor
    """Where each output of all buckets belongs in the flattened batch. (B * T,)."""

    @classmethod
    def of(cls, inputs: Inputs, config: ModelConfig, dtype: torch.dtype) -> "GatheredMask":
        """Return the mask of rows, T a multiple of `BLOCK`, for attention of a dtype."""
        rule = MaskFields.of(inputs, config).rule.long()
        return cls.of_table(dense_mask(inputs, config), (rule << 32) + inputs.order, dtype)

    @classmethod
    def of_table(cls, mask: Tensor, likeness: Tensor, dtype: torch.dtype) -> "GatheredMask":
        """Return the mask made ready from a table.

        Args:
            mask: Which query attends to which key. (B, T, T), bool; T a multiple of `BLOCK`.
            likeness: Queries with near numbers attend to similar keys. (B, T).
            dtype: Of attention.
        """
        B, T, _ = mask.shape
        queries = likeness.argsort(dim=1, stable=True).view(-1, BLOCK)  # (N, C)
        row = torch.arange(B, device=mask.device).repeat_interleave(T // BLOCK)  # (N,)
        of_block = mask[row[:, None], queries]  # (N, C, T)
        by_any = of_block.any(dim=1)
        num_keys = by_any.sum(dim=1)
        buckets = []
        for blocks in num_keys.argsort().chunk(NUM_BUCKETS):
            S = int(num_keys[blocks].max())
            # Visible keys come first; those that only pad are hidden by the bias.
            keys = by_any[blocks].byte().sort(dim=1, descending=True, stable=True).indices[:, :S]
            visible = of_block[blocks].gather(2, keys[:, None].expand(-1, BLOCK, -1))
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
        """Attend as `AttentionMask.attend` says; there are as many keys as queries."""
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
