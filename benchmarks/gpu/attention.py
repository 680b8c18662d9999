"""Attention of one layer, forward and backward: dense and ours."""

from collections.abc import Callable

import torch
from torch.nn.functional import scaled_dot_product_attention

from benchmarks.attention import Causal
from benchmarks.gpu.clock import milliseconds
from benchmarks.gpu.music_rows import heads, music_rows
from benchmarks.gpu.rows import Setting, Values
from meloformer.model.attention.mask import AttentionMask
from meloformer.model.attention.plain import BiasMask
from meloformer.model.attention.sparse.launch import (
    Heads,
    attend,
    gradient_of_keys,
    gradient_of_queries,
)
from meloformer.model.attention.sparse.mask import SparseMask
from meloformer.model.attention.sparse.tiles import Tiles
from meloformer.model.attention.sparse.tuning import TUNING, Launch, TileShape
from meloformer.model.config import SIZES
from meloformer.model.inputs import Inputs

MaskOf = Callable[[Inputs, str], AttentionMask]


def dense(_: Inputs, __: str) -> AttentionMask:
    """Causal attention by the kernel that PyTorch takes."""
    return Causal()


class CudnnCausal:
    """Causal attention by cuDNN."""

    def attend(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        """See `AttentionMask.attend`."""
        from torch.nn.attention import SDPBackend, sdpa_kernel

        q, k, v = (x.transpose(1, 2) for x in (q, k, v))
        with sdpa_kernel(SDPBackend.CUDNN_ATTENTION):
            mixed = scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        return mixed.transpose(1, 2)


def dense_by_cudnn(_: Inputs, __: str) -> AttentionMask:
    """The same by cuDNN."""
    return CudnnCausal()


def ours(rows: Inputs, size: str) -> AttentionMask:
    """Our kernels."""
    return SparseMask.of(rows, SIZES[size])


def measure(mask_of: MaskOf, size: str, length: int, rows: int, setting: Setting) -> Values:
    """Return the time of one layer's attention, and of making the mask."""
    inputs = music_rows(setting.shards, length, rows, SIZES[size]).inputs.to(setting.device)
    q, k, v = heads(size, rows, length, setting.device)
    mask = mask_of(inputs, size)
    mask_ms = milliseconds(lambda: mask_of(inputs, size), setting.device, 3)
    output = mask.attend(q, k, v)
    grad = torch.randn_like(output)
    forward_ms = milliseconds(lambda: mask.attend(q, k, v), setting.device, setting.repeats)
    backward_ms = milliseconds(
        lambda: torch.autograd.grad(output, (q, k, v), grad, retain_graph=True),
        setting.device,
        setting.repeats,
    )
    values: dict[str, float | str] = {
        "ms": forward_ms + backward_ms,
        "forward ms": forward_ms,
        "backward ms": backward_ms,
        "mask ms": mask_ms,
    }
    return values | (shares(mask.tiles, rows) if isinstance(mask, SparseMask) else {})


def shares(tiles: Tiles, rows: int) -> dict[str, float]:
    """Return the share of the tiles that are computed, and how many of those are full."""
    shape = TUNING.query_tiles
    num_tiles = rows * tiles.length**2 / (shape.queries * shape.keys)
    full, partial = len(tiles.by_query.full) - 1, len(tiles.by_query.partial) - 1
    return {"share": (full + partial) / num_tiles, "full": full / (full + partial)}


def kernel(
    name: str, shape: TileShape, how: Launch, size: str, length: int, rows: int, setting: Setting
) -> Values:
    """Return the time of one of our three kernels, with tiles of some shape."""
    inputs = music_rows(setting.shards, length, rows, SIZES[size]).inputs.to(setting.device)
    tuning = TUNING._replace(query_tiles=shape, key_tiles=shape)
    by_query, by_key, _ = Tiles.of(inputs, SIZES[size], tuning)
    qkv = Heads(*(x.detach() for x in heads(size, rows, length, setting.device)))
    mixed = torch.zeros(qkv.q.shape, dtype=qkv.q.dtype, device=setting.device)
    lse = delta = torch.zeros(rows, qkv.q.shape[2], length, device=setting.device)
    calls: dict[str, Callable[[], object]] = {
        "forward": lambda: attend(qkv, by_query, shape, how),
        "queries": lambda: gradient_of_queries(qkv, mixed, lse, mixed, by_query, shape, how),
        "keys": lambda: gradient_of_keys(qkv, lse, delta, mixed, by_key, shape, how),
    }
    ms = milliseconds(calls[name], setting.device, setting.repeats)
    products = {"forward": 2, "queries": 3, "keys": 4}[name]
    tiles = len(by_query.full) + len(by_query.partial) - 2
    operations = 2 * products * tiles * shape.queries * shape.keys * SIZES[size].dim
    return {"ms": ms, "TFLOPS": operations / ms / 1e9}


def equal(dtype: torch.dtype, size: str, length: int, setting: Setting) -> Values:
    """Return how far outputs and gradients are from those of the plain path in float32.

    Raises:
        ArithmeticError: Farther than rounding explains.
    """
    inputs = music_rows(setting.shards, length, 2, SIZES[size]).inputs.to(setting.device)
    found: list[list[torch.Tensor]] = []
    masks = (ours(inputs, size), BiasMask.of(inputs, SIZES[size], torch.float32))
    for mask, as_dtype in zip(masks, (dtype, torch.float32), strict=True):
        qkv = [
            x.detach().to(dtype).to(as_dtype).requires_grad_()
            for x in heads(size, 2, length, setting.device)
        ]
        output = mask.attend(*qkv)
        torch.manual_seed(1)
        grad = torch.randn(output.shape, device=setting.device).to(dtype).to(as_dtype)
        grads = torch.autograd.grad(output, qkv, grad)
        found.append([x.detach().float() for x in (output, *grads)])
    names = ("output", "q", "k", "v")
    errors = {
        name: float((fast - slow).norm() / slow.norm())
        for name, fast, slow in zip(names, *found, strict=True)
    }
    if not max(errors.values()) < (1e-3 if dtype == torch.float32 else 0.02):
        raise ArithmeticError(f"relative errors are {errors}")
    return errors
