"""Sparse attention as an operator of PyTorch: one call forward, one backward, in any graph.

What is compiled around it takes it as it is.

Axes: B row, T position, H query head, G key/value head, K head size.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from meloformer.model.attention.sparse.launch import (
    Heads,
    attend,
    gradient_of_keys,
    gradient_of_queries,
)
from meloformer.model.attention.sparse.tiles import TileList
from meloformer.model.attention.sparse.tuning import Tuning


@torch.library.custom_op("meloformer::sparse_attention", mutates_args=())
def sparse_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    by_query: Sequence[Tensor],
    by_key: Sequence[Tensor],
    tuning: Sequence[int],
) -> tuple[Tensor, Tensor]:
    """Return what each query mixes, and log2 of the sum of its weights.

    Args:
        q: (B, T, H, K), K a power of two from 16 on.
        k: (B, T, G, K).
        v: Likewise.
        by_query: A `TileList`.
        by_key: A `TileList`, for the gradient.
        tuning: `Tuning.numbers`.

    Returns:
        (B, T, H, K), and (B, H, T), float32.
    """
    how = Tuning.of_numbers(tuning)
    return attend(Heads.of(q, k, v), TileList(*by_query), how.query_tiles, how.forward)


@torch.library.custom_op("meloformer::sparse_attention_backward", mutates_args=())
def _sparse_attention_backward(
    out_grad: Tensor,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mixed: Tensor,
    lse: Tensor,
    by_query: Sequence[Tensor],
    by_key: Sequence[Tensor],
    tuning: Sequence[int],
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradients of `q`, `k` and `v`."""
    how, heads, out_grad = Tuning.of_numbers(tuning), Heads.of(q, k, v), out_grad.contiguous()
    q_grad, delta = gradient_of_queries(
        heads, mixed, lse, out_grad, TileList(*by_query), how.query_tiles, how.queries
    )
    k_grad, v_grad = gradient_of_keys(
        heads, lse, delta, out_grad, TileList(*by_key), how.key_tiles, how.keys
    )
    return q_grad, k_grad, v_grad


@sparse_attention.register_fake
def _(q: Tensor, *_: object) -> tuple[Tensor, Tensor]:
    B, T, H, _K = q.shape
    return q.new_empty(q.shape), q.new_empty(B, H, T, dtype=torch.float32)


@_sparse_attention_backward.register_fake
def _(_grad: Tensor, q: Tensor, k: Tensor, v: Tensor, *_: object) -> tuple[Tensor, ...]:
    return tuple(x.new_empty(x.shape) for x in (q, k, v))


def _keep(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
    q, k, v, by_query, by_key, ctx.tuning = inputs
    ctx.save_for_backward(q, k, v, *output, *by_query, *by_key)


def _backward(ctx: Any, out_grad: Tensor, _: Tensor) -> tuple[object, ...]:
    saved = ctx.saved_tensors  # once: when recomputed, they are there for one look
    qkv_and_output, lists = saved[:5], saved[5:]
    half = len(TileList._fields)
    grads = _sparse_attention_backward(
        out_grad, *qkv_and_output, lists[:half], lists[half:], ctx.tuning
    )
    none = [None] * half
    return (*grads, none, none, None)  # lists, as the inputs are


sparse_attention.register_autograd(_backward, setup_context=_keep)
