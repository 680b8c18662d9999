"""One more token of some rows: the whole model, compiled.

Axes: B row, S cached position, N visible position, L layer, V vocabulary, D width, F feed-forward
width, H query head, G key/value head, K head size.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from meloformer.model.attention import last_token, rule
from meloformer.model.attention.last_token import visible_to_last, write_mask_fields
from meloformer.model.compiled import compiled, compiled_and_kept, fingerprint
from meloformer.model.config import TokenType
from meloformer.model.decode import (
    arithmetic,
    attention,
    head_lanes,
    instructions,
    lanes,
    prefetch,
    products,
)
from meloformer.model.decode.arithmetic import (
    WEIGHT_LIMIT,
    exponential,
    normalise_and_round,
    round_values,
)
from meloformer.model.decode.attention import attend, prefetch_keys
from meloformer.model.decode.products import multiply
from meloformer.model.decode.weights import DecodeWeights

Floats = NDArray[np.float32]
Step = Callable[..., None]

_EPSILON = np.float32(np.finfo(np.float32).eps)
_FIRST_NOTE_TYPE = int(TokenType.ONSET)


@compiled
def _step(
    weights: DecodeWeights,
    columns: NDArray[np.int64],
    at: int,
    kv: NDArray[np.int8],
    kv_units: Floats,
    all_places: NDArray[np.int32],
    tokens: NDArray[np.int32],
    first: int,
    end: int,
    logits: Floats,
) -> None:
    """Read the token at one position of some rows of a cache.

    Args:
        weights: Of the model.
        columns: The tokens' fields, in the order of `Inputs`, of all rows. (8, rows).
        at: Their position in the cache, which becomes part of it.
        kv: `RoundedCache.kv`. (places, L, 2, G, K).
        kv_units: `RoundedCache.units`. (places, L, 2, G).
        all_places: `RoundedCache.places`. (rows, room for S).
        tokens: `RoundedCache.tokens`. (7, rows, room for S).
        first: Of the B rows that are read.
        end: After the last of them.
        logits: Receives what comes after the tokens. (rows, V filled up to whole `LANES`).
    """
    L, heads, K = weights.gains.shape
    G = kv.shape[3]
    H = heads - G
    per_key = H // G
    D = weights.tokens.shape[1]
    F = weights.gate_up.scales.shape[1] // 2
    B = end - first

    x = np.empty((B, D), np.float32)
    cosines = np.empty((B, K // 2), np.float32)
    sines = np.empty((B, K // 2), np.float32)
    places = np.empty((B, at + 1), np.int32)
    visible = np.empty(B, np.int64)
    for b in range(B):
        column, fields = columns[:, first + b], tokens[:, first + b]
        _embed(weights, column, x[b])
        _turns(weights, column, cosines[b], sines[b])
        write_mask_fields(column, weights.rule, fields[:, at])
        visible[b] = visible_to_last(fields, at + 1, weights.rule, places[b])
        for n in range(visible[b]):
            places[b, n] = all_places[first + b, places[b, n]]

    rounded = np.empty((B, D), np.int16)
    rounded_hidden = np.empty((B, F), np.int16)
    units = np.empty(B, np.float32)
    qkv = np.empty((B, (heads + G) * K), np.float32)
    mixed = np.empty((B, D), np.float32)
    gate_up = np.empty((B, 2 * F), np.float32)
    hidden = np.empty(F, np.float32)
    added = np.empty((B, D), np.float32)
    scores = np.empty((per_key, at + 1), np.float32)
    for layer in range(L):
        for b in range(B):
            units[b] = normalise_and_round(x[b], _EPSILON, rounded[b])
            prefetch_keys(kv, layer, places[b, : visible[b]])
        multiply(weights.qkv.weights[layer], weights.qkv.scales[layer], rounded, units, qkv)
        for b in range(B):
            of_row = qkv[b].reshape(heads + G, K)
            _turn(of_row, weights.gains[layer], cosines[b], sines[b])
            own = all_places[first + b, at]
            _keep(of_row, kv[own, layer], kv_units[own, layer])
            keys = places[b, : visible[b]]
            attend(of_row, kv, kv_units, layer, keys, scores, mixed[b].reshape(H, K))
            units[b] = round_values(mixed[b], rounded[b])
        multiply(weights.out.weights[layer], weights.out.scales[layer], rounded, units, added)
        for b in range(B):
            _add(x[b], added[b])
            units[b] = normalise_and_round(x[b], _EPSILON, rounded[b])
        multiply(
            weights.gate_up.weights[layer], weights.gate_up.scales[layer], rounded, units, gate_up
        )
        for b in range(B):
            _gate(gate_up[b], hidden)
            units[b] = round_values(hidden, rounded_hidden[b])
        multiply(
            weights.down.weights[layer], weights.down.scales[layer], rounded_hidden, units, added
        )
        for b in range(B):
            _add(x[b], added[b])
    for b in range(B):
        units[b] = normalise_and_round(x[b], _EPSILON, rounded[b])
    multiply(weights.head.weights, weights.head.scales, rounded, units, logits[first:end])


@compiled
def _embed(weights: DecodeWeights, column: NDArray[np.int64], x: Floats) -> None:
    """Write what `MeloFormer.embed` gives of a token. (D,)."""
    num_instances = len(weights.instances) - 1
    part = column[4]
    program = instance = onset = 0
    if part >= 0:
        program = part // num_instances + 1
        instance = part % num_instances + 1
    if column[1] >= _FIRST_NOTE_TYPE:
        onset = column[3] + 1
    for d in range(len(x)):
        x[d] = (
            weights.tokens[column[0], d]
            + weights.programs[program, d]
            + weights.instances[instance, d]
            + weights.onsets[onset, d]
        )


@compiled
def _turns(
    weights: DecodeWeights, column: NDArray[np.int64], cosines: Floats, sines: Floats
) -> None:
    """Write the cosines and sines of a token's angles, as `MusicalRope` does. (K / 2,) each."""
    quarter = len(weights.bar_frequencies)
    for k in range(quarter):
        angle = np.float32(column[2]) * weights.bar_frequencies[k]
        cosines[k], sines[k] = np.cos(angle), np.sin(angle)
        angle = np.float32(column[3]) * weights.onset_frequencies[k]
        cosines[quarter + k], sines[quarter + k] = np.cos(angle), np.sin(angle)


@compiled
def _turn(row: Floats, gains: Floats, cosines: Floats, sines: Floats) -> None:
    """Normalise and turn the queries and keys of a row, in place.

    Args:
        row: Queries, keys and values. (H + 2 G, K).
        gains: (H + G, K).
        cosines: (K / 2,).
        sines: (K / 2,).
    """
    heads, K = gains.shape
    half = K // 2
    for h in range(heads):
        squares = np.float32(0)
        for k in range(K):
            squares += row[h, k] * row[h, k]
        factor = np.float32(1) / np.sqrt(squares / np.float32(K) + _EPSILON)
        for k in range(half):
            left = row[h, k] * factor * gains[h, k]
            right = row[h, half + k] * factor * gains[h, half + k]
            row[h, k] = left * cosines[k] - right * sines[k]
            row[h, half + k] = right * cosines[k] + left * sines[k]


@compiled
def _keep(row: Floats, kv: NDArray[np.int8], kv_units: Floats) -> None:
    """Round keys and values to int8 into the cache, as `RoundedCache.of` does.

    Args:
        row: Queries, keys and values. (H + 2 G, K).
        kv: Of the row's new position in a layer. (2, G, K).
        kv_units: (2, G).
    """
    G, K = kv.shape[1:]
    for which in range(2):
        for g in range(G):
            values = row[len(row) + (which - 2) * G + g]
            largest = np.float32(0)
            for k in range(K):
                largest = max(largest, abs(values[k]))
            unit = largest / np.float32(WEIGHT_LIMIT)
            factor = np.float32(1) / unit if unit > 0 else np.float32(0)
            kv_units[which, g] = unit
            for k in range(K):
                kv[which, g, k] = np.int8(np.rint(values[k] * factor))


@compiled
def _gate(gate_up: Floats, hidden: Floats) -> None:
    """Write `silu(gate) * up`. (2 F,) to (F,)."""
    F = len(hidden)
    for f in range(F):
        gate = gate_up[f]
        e = exponential(-abs(gate))
        sigmoid = np.float32(1) / (np.float32(1) + e)
        hidden[f] = gate * sigmoid * (e if gate < 0 else np.float32(1)) * gate_up[F + f]


@compiled
def _add(x: Floats, added: Floats) -> None:
    for d in range(len(x)):
        x[d] += added[d]


def _kept_step(sources: int) -> Step:
    def step(  # type: ignore[no-untyped-def]  # `_step` says the types
        weights, columns, at, kv, kv_units, all_places, tokens, first, end, logits
    ):
        if sources:
            _step(weights, columns, at, kv, kv_units, all_places, tokens, first, end, logits)

    return compiled_and_kept(step)


step = _kept_step(
    fingerprint(
        arithmetic, attention, head_lanes, instructions, lanes, last_token, prefetch, products, rule
    )
)
"""`_step`, as Python calls it."""
