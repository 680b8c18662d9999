"""One more token with as few operations as possible: the fast path beside the plain one.

At one token a step the arithmetic is small; the cost is in starting operations and in reading
weights and keys. So angles and gains of all layers are multiplied out at once, the mask is one row
for all layers, only the visible keys are read where they are few, and wide matrices are kept in the
order in which they are read.

Axes: L layer, B row, S cached position, H query head, G key/value head, K head size, D width,
V vocabulary.
"""

from typing import TYPE_CHECKING, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from meloformer.model.inputs import Inputs
from meloformer.model.kv_cache import KVCache
from meloformer.model.masks import Side, visible

if TYPE_CHECKING:
    from meloformer.model.transformer import MeloFormer

GATHER_SHARE = 2
"""Visible keys are gathered when they are fewer than one in so many."""


class LayerWeights(NamedTuple):
    """The matrices of a block, to be multiplied from the right."""

    qkv: Tensor
    """Times the gain of the norm before it. (D, (H + 2 G) K)."""
    out: Tensor
    """(D, D)."""
    gate_up: Tensor
    """Times the gain of the norm before it. (D, 2 F)."""
    down: Tensor
    """(F, D)."""


class DecodeWeights(NamedTuple):
    """A model's weights as decoding reads them; wide matrices are copies."""

    sources: tuple[Tensor, ...]
    """The model's own weights."""
    stamp: list[int]
    """Of the sources when they were read."""
    layers: list[LayerWeights]
    gains: Tensor
    """Gains of queries and keys. (L, H + G, K)."""
    head: Tensor
    """(D, V)."""


@torch.no_grad()
def decode_weights(model: "MeloFormer") -> DecodeWeights:
    """Lay out a model's weights."""
    layers = [
        LayerWeights(
            qkv=_after_norm(block.attention.qkv.weight, block.attention_norm.weight),
            out=block.attention.out.weight.detach().t(),
            gate_up=_after_norm(block.ffn.gate_up.weight, block.ffn_norm.weight),
            down=block.ffn.down.weight.detach().t(),
        )
        for block in model.layers
    ]
    gains = torch.stack([block.attention.gains() for block in model.layers])
    head = _after_norm(model.embed_token.weight, model.norm.weight)
    sources = tuple(model.parameters())
    gains = gains * model.config.head_dim**0.5
    return DecodeWeights(sources, stamp_of(sources), layers, gains, head)


def _after_norm(weight: Tensor, gain: Tensor) -> Tensor:
    """A matrix with the gain before it, in rows as long as its output: read in one sweep."""
    scaled: Tensor = weight * (gain * gain.numel() ** 0.5)
    return scaled.t().contiguous()


def stamp_of(weights: tuple[Tensor, ...]) -> list[int]:
    """Numbers that change whenever a weight is written or moved."""
    return [weight.data_ptr() + _version(weight) for weight in weights]


def _version(weight: Tensor) -> int:
    """How often it was written; inference tensors do not count."""
    return 0 if weight.is_inference() else weight._version


def decode_one_token(
    model: "MeloFormer", weights: DecodeWeights, inputs: Inputs, cache: KVCache
) -> Tensor:
    """Append one token to every row of a cache; equal to `model.forward_plain(inputs, cache)`.

    Args:
        model: Whose embedding, angles and rule of visibility are used.
        weights: Of this model.
        inputs: The new tokens. (B, 1).
        cache: What was read before.

    Returns:
        Logits of the token after it. (B, 1, V), float32.
    """
    config = model.config
    B, G, K = inputs.ids.shape[0], config.num_kv_heads, config.head_dim
    H = config.num_heads
    new = Side.of(inputs, config)
    mask = visible(new.queries(), cache.append(new).keys(), config)[:, 0]  # (B, S)
    index, bias = _visible_keys(mask, cache.k.dtype)
    turn, cross_turn = _turns(model, weights, inputs)
    new_k, new_v = (x[:, :, :, cache.length - 1].unbind(0) for x in (cache.k, cache.v))
    all_k, all_v = (x[:, :, :, : cache.length].unbind(0) for x in (cache.k, cache.v))

    x = model.embed(inputs)[:, 0]  # (B, D)
    floor, head_floor = _floor(config.dim, x), _floor(K, x)
    for layer, matrices in enumerate(weights.layers):
        qkv = torch.mm(_normalise(x, floor), matrices.qkv).view(B, H + 2 * G, K)
        qk = _normalise(qkv[:, : H + G], head_floor)
        qk = torch.addcmul(qk * turn[layer], qk.roll(K // 2, -1), cross_turn[layer])
        new_k[layer].copy_(qk[:, H:])
        new_v[layer].copy_(qkv[:, H + G :])
        k, v = all_k[layer], all_v[layer]
        if index is not None:
            k, v = k.index_select(2, index), v.index_select(2, index)
        # The heads that share a key head stand as its queries: each key is read once.
        q = qk[:, :H].reshape(B, G, H // G, K)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        x = x + torch.mm(mixed.reshape(B, H * K), matrices.out)
        gate, up = torch.mm(_normalise(x, floor), matrices.gate_up).chunk(2, dim=-1)
        x = x + torch.mm(F.silu(gate).mul_(up), matrices.down)
    return torch.mm(_normalise(x, floor), weights.head)[:, None].float()


def _visible_keys(mask: Tensor, dtype: torch.dtype) -> tuple[Tensor | None, Tensor | None]:
    """Which keys to read, and what to add to their scores.

    Args:
        mask: Who is seen by each row's new token. (B, S), bool.
        dtype: Of the scores.

    Returns:
        Positions to gather, or none for all; and a bias (B, 1, 1, S), or none where the gathered
        are all visible.
    """
    index: Tensor | None = mask.any(dim=0).nonzero()[:, 0]
    if index is not None and len(index) * GATHER_SHARE <= mask.shape[1]:
        if mask.shape[0] == 1:
            return index, None
        mask = mask.index_select(1, index)
    else:
        index = None
    bias = torch.zeros(mask.shape, dtype=dtype, device=mask.device)
    return index, bias.masked_fill_(~mask, -torch.inf)[:, None, None]


def _turns(model: "MeloFormer", weights: DecodeWeights, inputs: Inputs) -> tuple[Tensor, Tensor]:
    """Gain and rotation of every layer as two factors: of a value itself and of its partner.

    Returns:
        (L, B, H + G, K) each.
    """
    cos, sin = model.rope(inputs.bar, inputs.onset, weights.gains.dtype)  # (B, 1, 1, K / 2)
    cos, sin = torch.cat([cos, cos], dim=-1)[:, 0], torch.cat([-sin, sin], dim=-1)[:, 0]
    gains = weights.gains[:, None]
    return gains * cos, gains.roll(gains.shape[-1] // 2, -1) * sin


def _normalise(x: Tensor, floor: Tensor) -> Tensor:
    """To length one: RMS norm but for a factor, which the weights hold.

    Args:
        x: Vectors along the last axis.
        floor: What RMS norm's epsilon adds to their length, at right angles.
    """
    return torch.div(x, torch.hypot(torch.linalg.vector_norm(x, dim=-1, keepdim=True), floor))


def _floor(width: int, like: Tensor) -> Tensor:
    """For vectors of this width; RMS norm's epsilon is that of the dtype."""
    return like.new_tensor((width * torch.finfo(like.dtype).eps) ** 0.5)
