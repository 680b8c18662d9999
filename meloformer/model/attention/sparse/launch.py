"""The three kernels, each as a function of tensors.

Axes: B row, T position, H query head, G key/value head, K head size.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from meloformer.model.attention.sparse.tiles import TileList
from meloformer.model.attention.sparse.tuning import Launch, TileShape


class Heads(NamedTuple):
    """Queries, keys and values of a layer: the last axis contiguous, K a power of two from 16."""

    q: Tensor
    """(B, T, H, K)."""
    k: Tensor
    """(B, T, G, K)."""
    v: Tensor
    """(B, T, G, K)."""

    @classmethod
    def of(cls, q: Tensor, k: Tensor, v: Tensor) -> "Heads":
        """Return the same, copied if the last axis isn't contiguous."""
        return cls(*(x if x.stride(-1) == 1 else x.contiguous() for x in (q, k, v)))

    def strides(self) -> list[int]:
        """Return those of rows, positions and heads of each."""
        return [tensor.stride(axis) for tensor in self for axis in (0, 1, 2)]

    def sizes(self, shape: TileShape) -> tuple[float | int | str, ...]:
        """Return the arguments of a kernel from the length on."""
        (_, T, H, K), G = self.q.shape, self.k.shape[2]
        # Numbers of 16 bits are multiplied exactly; of float32, TF32 would keep 10 bits.
        return (T, K**-0.5, H, H // G, K, *shape, "ieee")


def attend(heads: Heads, tiles: TileList, shape: TileShape, how: Launch) -> tuple[Tensor, Tensor]:
    """Return what each query mixes, (B, T, H, K), and log2 of the sum of its weights, (B, H, T).

    Args:
        heads: Of a layer.
        tiles: By query.
        shape: Of the tiles.
        how: To run the kernel.
    """
    from meloformer.model.attention.sparse.kernels.forward import forward

    q = heads.q
    B, T, H, _ = q.shape
    mixed = torch.empty(q.shape, dtype=q.dtype, device=q.device)
    lse = torch.empty(B, H, T, dtype=torch.float32, device=q.device)
    forward[(H, len(tiles.work))](
        *heads, mixed, lse, *heads.strides(), *tiles, *heads.sizes(shape),
        num_warps=how.warps, num_stages=how.stages,
    )  # fmt: skip
    return mixed, lse


def gradient_of_queries(
    heads: Heads,
    mixed: Tensor,
    lse: Tensor,
    out_grad: Tensor,
    tiles: TileList,
    shape: TileShape,
    how: Launch,
) -> tuple[Tensor, Tensor]:
    """Return the gradient of the queries, (B, T, H, K), and what that of keys needs, (B, H, T).

    Args:
        heads: Of a layer.
        mixed: As `attend` returned it.
        lse: Likewise.
        out_grad: Gradient of `mixed`. (B, T, H, K), contiguous.
        tiles: By query.
        shape: Of the tiles.
        how: To run the kernel.
    """
    from meloformer.model.attention.sparse.kernels.backward import backward_queries

    delta, q_grad = torch.empty_like(lse), torch.empty_like(mixed)
    backward_queries[(heads.q.shape[2], len(tiles.work))](
        *heads, mixed, out_grad, lse, delta, q_grad, *heads.strides(), *tiles,
        *heads.sizes(shape), num_warps=how.warps, num_stages=how.stages,
    )  # fmt: skip
    return q_grad, delta


def gradient_of_keys(
    heads: Heads,
    lse: Tensor,
    delta: Tensor,
    out_grad: Tensor,
    tiles: TileList,
    shape: TileShape,
    how: Launch,
) -> tuple[Tensor, Tensor]:
    """Return the gradients of the keys and of the values. (B, T, G, K) each.

    Args:
        heads: Of a layer.
        lse: As `attend` returned it.
        delta: As `gradient_of_queries` returned it.
        out_grad: As there.
        tiles: By key.
        shape: Of the tiles.
        how: To run the kernel.
    """
    from meloformer.model.attention.sparse.kernels.backward import backward_keys

    k, v = heads.k, heads.v
    # Several programs add to one block of keys.
    grads = [torch.zeros(x.shape, dtype=torch.float32, device=x.device) for x in (k, v)]
    backward_keys[(k.shape[2], len(tiles.work))](
        *heads, out_grad, lse, delta, *grads, *heads.strides(), *tiles,
        *heads.sizes(shape), num_warps=how.warps, num_stages=how.stages,
    )  # fmt: skip
    return grads[0].to(k.dtype), grads[1].to(v.dtype)
