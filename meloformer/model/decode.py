"""One more token on a CPU, in NumPy: the fast path beside the plain one.

At one token a step a small model's arithmetic takes less time than PyTorch takes to start its
operations; NumPy starts one several times faster. So the step runs on views of the cache's memory
and on weights laid out for it: gains are multiplied into the matrices after them, angles and gains
of all layers are worked out at once, and only visible keys are read.

Axes: L layer, B row, N key visible in some row, H query head, G key/value head, K head size,
D width, V vocabulary.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from meloformer.errors import ConfigError
from meloformer.model.attention.last_token import mask_columns, visible_to_last
from meloformer.model.config import ModelConfig, TokenType
from meloformer.model.kv_cache import CacheViews, KVCache

if TYPE_CHECKING:
    from meloformer.model.transformer import MeloFormer, TransformerBlock

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

BLOCK_WIDTH = 32
"""Columns of a matrix that lie together. So narrow a product is read in one sweep, without being
packed first, and is too small for BLAS to share it among threads, which takes longer than it."""

EPSILON = float(np.finfo(np.float32).eps)


class Matrix(NamedTuple):
    """A matrix to multiply rows with from the right."""

    blocks: Floats
    """(width / BLOCK_WIDTH rounded up, rows, BLOCK_WIDTH), the last one filled up with zeros."""
    width: int

    @classmethod
    def of(cls, weight: Tensor, gain: Tensor | None = None) -> "Matrix":
        """Lay out a linear layer's weight (width, rows), times the gain of the norm before it."""
        if gain is not None:
            weight = weight * (gain * gain.numel() ** 0.5)
        width, rows = weight.shape
        blocks = np.zeros((-(-width // BLOCK_WIDTH), rows, BLOCK_WIDTH), np.float32)
        for block, part in zip(blocks, torch.split(weight.detach(), BLOCK_WIDTH), strict=True):
            block[:, : len(part)] = part.numpy().T
        return cls(blocks, width)

    def after(self, x: Floats) -> Floats:
        """Return (B, rows) times the matrix. (B, width)."""
        by_block: Floats = np.matmul(x, self.blocks)
        return by_block.swapaxes(0, 1).reshape(len(x), -1)[:, : self.width]


class LayerWeights(NamedTuple):
    """The matrices of a block."""

    qkv: Matrix
    out: Matrix
    gate: Matrix
    """Halved: `silu(2 a)` is `a (1 + tanh(a))`."""
    up: Matrix
    down: Matrix


class DecodeWeights(NamedTuple):
    """A model's weights as decoding reads them: tables are views, the rest copies."""

    sources: tuple[Tensor, ...]
    """The model's own weights."""
    stamp: list[int]
    """Of the sources when they were read."""
    token_table: Floats
    program_table: Floats
    instance_table: Floats
    onset_table: Floats
    bar_frequencies: Floats
    onset_frequencies: Floats
    gains: Floats
    """Of both halves of all queries and keys, at any row. (L, 1, H + G, 2, K / 2)."""
    cross_gains: Floats
    """What comes from the other half when a pair is turned. Likewise."""
    layers: list[LayerWeights]
    head: Matrix


@torch.no_grad()
def decode_weights(model: "MeloFormer") -> DecodeWeights:
    """Lay out a model's weights, which are float32 on the CPU."""
    gains = np.stack([block.attention.gains().numpy() for block in model.layers])
    # A norm scales to the root of the width, and attention divides scores by the same number.
    gains[:, model.config.num_heads :] *= model.config.head_dim**0.5
    halves = gains.reshape(len(gains), 1, gains.shape[1], 2, -1)
    sources = tuple(model.parameters())
    return DecodeWeights(
        sources=sources,
        stamp=stamp_of(sources),
        token_table=model.embed_token.weight.detach().numpy(),
        program_table=model.embed_program.weight.detach().numpy(),
        instance_table=model.embed_instance.weight.detach().numpy(),
        onset_table=model.embed_onset.weight.detach().numpy(),
        bar_frequencies=model.rope.bar_frequencies.numpy(),
        onset_frequencies=model.rope.onset_frequencies.numpy(),
        gains=halves,
        cross_gains=halves[:, :, :, ::-1] * np.array([[-1], [1]], np.float32),
        layers=[_layer_weights(block) for block in model.layers],
        head=Matrix.of(model.embed_token.weight, model.norm.weight),
    )


def _layer_weights(block: "TransformerBlock") -> LayerWeights:
    gate, up = block.ffn.gate_up.weight.chunk(2)
    return LayerWeights(
        qkv=Matrix.of(block.attention.qkv.weight, block.attention_norm.weight),
        out=Matrix.of(block.attention.out.weight),
        gate=Matrix.of(gate / 2, block.ffn_norm.weight),
        up=Matrix.of(up, block.ffn_norm.weight),
        down=Matrix.of(block.ffn.down.weight),
    )


def stamp_of(weights: tuple[Tensor, ...]) -> list[int]:
    """Return numbers that change whenever a weight is written or moved."""
    return [weight.data_ptr() + _version(weight) for weight in weights]


def _version(weight: Tensor) -> int:
    """Return how often it was written; inference tensors do not count."""
    return 0 if weight.is_inference() else weight._version


def decode_one_token(
    weights: DecodeWeights, config: ModelConfig, columns: Ints, cache: KVCache
) -> Floats:
    """Append one token to every row of a cache; equal to the plain path to 1e-5.

    Args:
        weights: Of the model.
        config: Of the model.
        columns: The new tokens' fields, in the order of `Inputs`. (8, B).
        cache: What was read before.

    Returns:
        Logits of the token after it. (B, V).

    Raises:
        ConfigError: The cache is full, on another device, or of another dtype.
    """
    views = cache.views
    if views is None:
        raise ConfigError("A model of float32 on the CPU cannot read such a cache.")
    B, H, G = columns.shape[1], config.num_heads, config.num_kv_heads
    K = config.head_dim
    at = cache.claim(1)
    views.tokens[:, :, at] = mask_columns(columns, config)
    places, bias = _visible_places(views, at + 1, config)
    turn, cross_turn = _turns(weights, columns)

    x = _embed(weights, columns, config)  # (B, D)
    for layer, matrices in enumerate(weights.layers):
        qkv = matrices.qkv.after(_normalise(x)).reshape(B, H + 2 * G, K)
        halves = _normalise(qkv[:, : H + G]).reshape(B, H + G, 2, K // 2)
        qk = (halves * turn[layer] + halves[:, :, ::-1] * cross_turn[layer]).reshape(B, H + G, K)
        views.kv[layer, :, at, 0] = qk[:, H:]
        views.kv[layer, :, at, 1] = qkv[:, H + G :]
        # The heads that share a key head stand as its queries: each key is read once.
        q = qk[:, :H].reshape(B, G, H // G, K)
        kv = views.kv[layer].reshape(-1, 2, G, K).take(places, axis=0)  # (B, N, 2, G, K)
        scores = np.matmul(q, kv[:, :, 0].transpose(0, 2, 3, 1))  # (B, G, H / G, N)
        mixed = np.matmul(_softmax(scores + bias), kv[:, :, 1].swapaxes(1, 2))
        x = x + matrices.out.after(mixed.reshape(B, H * K))
        normal = _normalise(x)
        gate = matrices.gate.after(normal)
        hidden = np.tanh(gate)
        hidden += 1
        hidden *= gate
        hidden *= matrices.up.after(normal)
        x = x + matrices.down.after(hidden)
    return weights.head.after(_normalise(x))


def _visible_places(views: CacheViews, length: int, config: ModelConfig) -> tuple[Ints, Floats]:
    """Return which keys to read, and what to add to their scores.

    Returns:
        Their places in a layer's memory, (B, N), and a bias (B, 1, 1, N): minus infinity where a
        row attends to fewer keys than another.
    """
    B, max_tokens = views.kv.shape[1:3]
    visible = [visible_to_last(views.tokens[:, b, :length], config) for b in range(B)]
    N = max(map(len, visible))
    places = np.zeros((B, N), np.int64)
    bias = np.zeros((B, 1, 1, N), np.float32)
    for b, keys in enumerate(visible):
        places[b, : len(keys)] = keys
        bias[b, 0, 0, len(keys) :] = -np.inf
    places += np.arange(0, B * max_tokens, max_tokens)[:, None]
    return places, bias


def _turns(weights: DecodeWeights, columns: Ints) -> tuple[Floats, Floats]:
    """Return gain and rotation of every layer: factors of a value itself and of its partner.

    Returns:
        (L, B, H + G, 2, K / 2) each.
    """
    _, _, bar, onset, *_ = columns.astype(np.float32)[:, :, None]
    angles = np.concatenate(
        (bar * weights.bar_frequencies, onset * weights.onset_frequencies), axis=1
    )[:, None, None]
    return weights.gains * np.cos(angles), weights.cross_gains * np.sin(angles)


def _embed(weights: DecodeWeights, columns: Ints, config: ModelConfig) -> Floats:
    """Return what `MeloFormer.embed` does. (B, D)."""
    ids, token_type, _, onset, part, *_ = columns
    instance = np.where(part >= 0, part % config.num_instances + 1, 0)
    x: Floats = weights.token_table[ids]
    x += weights.program_table[part // config.num_instances + 1]
    x += weights.instance_table[instance]
    x += weights.onset_table[np.where(token_type >= TokenType.ONSET, onset + 1, 0)]
    return x


def _normalise(x: Floats) -> Floats:
    """Scale the last axis to length one: RMS norm but for a factor, which the weights hold."""
    squares = np.vecdot(x, x)[..., None]
    squares += EPSILON * x.shape[-1]
    scaled: Floats = x / np.sqrt(squares)
    return scaled


def _softmax(scores: Floats) -> Floats:
    """Return shares along the last axis; `scores` is overwritten."""
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores
