"""A model's weights as decoding reads them: matrices rounded to int8, with one scale a row.

A step reads every weight once and does little with it, so it takes about as long as the reading:
a quarter of the bytes takes a quarter of the time. The gain of a norm is multiplied into the matrix
after it before that is rounded.

Axes: L layer, N output, M input, V vocabulary, D width, F feed-forward width, H query head,
G key/value head, K head size.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from meloformer.model.attention.last_token import LastTokenRule, last_token_rule
from meloformer.model.decode.products import Matrix, quantise

if TYPE_CHECKING:
    from meloformer.model.transformer import MeloFormer

Floats = NDArray[np.float32]


class DecodeWeights(NamedTuple):
    """Everything that a step reads, as compiled code takes it."""

    tokens: Floats
    """Embedding of each token. (V, D)."""
    programs: Floats
    instances: Floats
    onsets: Floats
    bar_frequencies: Floats
    onset_frequencies: Floats
    gains: Floats
    """Of queries and keys. (L, H + G, K)."""
    qkv: Matrix
    out: Matrix
    gate_up: Matrix
    down: Matrix
    head: Matrix
    rule: LastTokenRule


@torch.no_grad()
def decode_weights(model: "MeloFormer") -> DecodeWeights:
    """Lay out a model's weights, which are float32 on the CPU."""
    layers = model.layers
    gains = torch.stack([block.attention.gains() for block in layers])
    # Attention divides scores by the root of the head size.
    gains[:, : model.config.num_heads] /= model.config.head_dim**0.5
    return DecodeWeights(
        tokens=_table(model.embed_token.weight),
        programs=_table(model.embed_program.weight),
        instances=_table(model.embed_instance.weight),
        onsets=_table(model.embed_onset.weight),
        bar_frequencies=_table(model.rope.bar_frequencies),
        onset_frequencies=_table(model.rope.onset_frequencies),
        gains=gains.numpy(),
        qkv=_matrix([b.attention.qkv.weight * b.attention_norm.weight for b in layers]),
        out=_matrix([b.attention.out.weight for b in layers]),
        gate_up=_matrix([b.ffn.gate_up.weight * b.ffn_norm.weight for b in layers]),
        down=_matrix([b.ffn.down.weight for b in layers]),
        head=quantise(model.embed_token.weight * model.norm.weight),
        rule=last_token_rule(model.config),
    )


def _table(values: Tensor) -> Floats:
    return values.detach().numpy()


def _matrix(weights: list[Tensor]) -> Matrix:
    return quantise(torch.stack(weights))
