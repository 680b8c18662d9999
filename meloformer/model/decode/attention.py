"""Attention of one token to the keys that it sees, compiled: in lanes, or plainly.

Axes: S cached position, N visible position, L layer, H query head, G key/value head, K head size.
"""

import numpy as np
from numpy.typing import NDArray

from meloformer.model.compiled import compiled
from meloformer.model.decode.arithmetic import exponential, largest_of, round_values
from meloformer.model.decode.head_lanes import (
    HAS_AVX2_AND_FMA,
    HEAD,
    mixtures_of_one,
    mixtures_of_two,
    scores_of_one,
    scores_of_two,
)
from meloformer.model.decode.prefetch import prefetch_bytes

Floats = NDArray[np.float32]


@compiled
def attend(
    row: Floats,
    kv: NDArray[np.int8],
    kv_units: Floats,
    layer: int,
    places: NDArray[np.int32],
    scores: Floats,
    mixed: Floats,
) -> None:
    """Mix the values at the visible positions, for every query head of a row.

    Args:
        row: Its queries, first of all. (at least H, K).
        kv: All keys and values. (room for S, L, 2, G, K).
        kv_units: (room for S, L, 2, G).
        layer: Whose are read.
        places: (N,).
        scores: Room for them. (H / G, at least N).
        mixed: Receives the result. (H, K).
    """
    per_key, K = len(scores), mixed.shape[1]
    queries = np.empty((per_key, K), np.int16)
    units = np.empty(per_key, np.float32)
    for g in range(kv.shape[3]):
        own = mixed[g * per_key : (g + 1) * per_key]
        for h in range(per_key):
            units[h] = round_values(row[g * per_key + h], queries[h])
        if HAS_AVX2_AND_FMA and K == HEAD:
            score_in_lanes(kv, kv_units, layer, g, places, queries, scores)
        else:
            score_plainly(kv, kv_units, layer, g, places, queries, scores)
        for h in range(per_key):
            softmax(scores[h, : len(places)], units[h])
            for n in range(len(places)):
                scores[h, n] *= kv_units[places[n], layer, 1, g]
        if HAS_AVX2_AND_FMA and K == HEAD:
            mix_in_lanes(kv, layer, g, places, scores, own)
        else:
            mix_plainly(kv, layer, g, places, scores, own)


@compiled
def score_plainly(
    kv: NDArray[np.int8],
    kv_units: Floats,
    layer: int,
    g: int,
    places: NDArray[np.int32],
    queries: NDArray[np.int16],
    scores: Floats,
) -> None:
    """Multiply the visible keys of one key head with the queries that share it.

    Args:
        kv: All keys and values. (room for S, L, 2, G, K).
        kv_units: (room for S, L, 2, G).
        layer: Whose are read.
        g: The key head.
        places: (N,).
        queries: (H / G, K).
        scores: Receives the products. (H / G, at least N).
    """
    # Slices would be counted as references, for each key anew.
    for n in range(len(places)):
        at = places[n]
        for h in range(len(queries)):
            score = np.int32(0)
            for k in range(queries.shape[1]):
                score = np.int32(score + np.int32(kv[at, layer, 0, g, k]) * np.int32(queries[h, k]))
            scores[h, n] = np.float32(score) * kv_units[at, layer, 0, g]


@compiled
def score_in_lanes(
    kv: NDArray[np.int8],
    kv_units: Floats,
    layer: int,
    g: int,
    places: NDArray[np.int32],
    queries: NDArray[np.int16],
    scores: Floats,
) -> None:
    """Do the same for heads of `HEAD` on a processor with AVX2, equal to the last bit."""
    L, _, G, K = kv.shape[1:]
    stride, first = L * 2 * G * K, layer * 2 * G * K + g * K
    unit_stride, first_unit = L * 2 * G, layer * 2 * G + g
    count, room = len(places), scores.shape[1]
    h = 0
    while h + 1 < len(queries):
        scores_of_two(kv, stride, first, kv_units, unit_stride, first_unit, places, count,
                      queries, h, room, scores)  # fmt: skip
        h += 2
    if h < len(queries):
        scores_of_one(kv, stride, first, kv_units, unit_stride, first_unit, places, count,
                      queries, h, room, scores)  # fmt: skip


@compiled
def mix_plainly(
    kv: NDArray[np.int8],
    layer: int,
    g: int,
    places: NDArray[np.int32],
    shares: Floats,
    mixed: Floats,
) -> None:
    """Add up the visible values of one value head, each times its share.

    Args:
        kv: All keys and values. (room for S, L, 2, G, K).
        layer: Whose are read.
        g: The value head.
        places: (N,).
        shares: For each query head that shares it, times what a value is worth. (H / G, at least
            N).
        mixed: Receives the sums. (H / G, K).
    """
    mixed[:] = 0
    for n in range(len(places)):
        at = places[n]
        for h in range(len(mixed)):
            share = shares[h, n]
            for k in range(mixed.shape[1]):
                mixed[h, k] += share * np.float32(kv[at, layer, 1, g, k])


@compiled
def mix_in_lanes(
    kv: NDArray[np.int8],
    layer: int,
    g: int,
    places: NDArray[np.int32],
    shares: Floats,
    mixed: Floats,
) -> None:
    """Do the same for heads of `HEAD` on a processor with AVX2, to the rounding of a product."""
    L, _, G, K = kv.shape[1:]
    stride, first = L * 2 * G * K, (layer * 2 + 1) * G * K + g * K
    count, room = len(places), shares.shape[1]
    h = 0
    while h + 1 < len(mixed):
        mixtures_of_two(kv, stride, first, places, count, h, room, shares, mixed)
        h += 2
    if h < len(mixed):
        mixtures_of_one(kv, stride, first, places, count, h, room, shares, mixed)


@compiled
def prefetch_keys(kv: NDArray[np.int8], layer: int, places: NDArray[np.int32]) -> None:
    """Ask for the keys and values at the visible positions, which lie scattered."""
    size = 2 * kv.shape[3] * kv.shape[4]
    for n in range(len(places)):
        prefetch_bytes(kv, (places[n] * kv.shape[1] + layer) * size, size)  # type: ignore[call-arg]  # Numba passes the first


@compiled
def softmax(scores: Floats, unit: float) -> None:
    """Turn scores into shares, in place.

    Args:
        scores: (N,).
        unit: What one of them is worth, not below 0.
    """
    largest = largest_of(scores)
    total = np.float32(0)
    for n in range(len(scores)):
        scores[n] = exponential((scores[n] - largest) * unit)
        total += scores[n]
    factor = np.float32(1) / total
    for n in range(len(scores)):
        scores[n] *= factor
