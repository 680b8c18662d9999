"""Logits to the next id: temperature, top-k, top-p and min-p over the legal tokens.

Plain functions over a few hundred numbers; numpy is quicker here than torch, and methods of its
arrays quicker than its functions.

Axes: V vocabulary.
"""

import numpy as np
from numpy.typing import NDArray

from meloformer.engine.request import SamplingConfig


def sample(
    logits: NDArray[np.float32],
    legal: NDArray[np.bool_],
    config: SamplingConfig,
    rng: np.random.Generator,
) -> int:
    """Draw one id.

    Args:
        logits: (V,), float32.
        legal: At least one is true. (V,), bool.
        config: The filters.
        rng: One number is drawn from it, always, so that a stream of draws never shifts.
    """
    ids = legal.nonzero()[0]
    draw = rng.random()
    if len(ids) == 1:
        return int(ids[0])
    cumulative = filtered_probabilities(logits[ids], config).cumsum()
    return int(ids[cumulative.searchsorted(draw * cumulative[-1], side="right")])


def filtered_probabilities(
    logits: NDArray[np.float32], config: SamplingConfig
) -> NDArray[np.float64]:
    """Probabilities after all filters, not normalised; the likeliest always stays."""
    probabilities = np.divide(logits, config.temperature, dtype=np.float64)
    probabilities -= probabilities.max()
    np.exp(probabilities, out=probabilities)
    keep = probabilities >= config.min_p  # the likeliest is 1 here
    if 0 < config.top_k < len(probabilities):
        keep &= probabilities >= np.partition(probabilities, -config.top_k)[-config.top_k]
    if config.top_p < 1.0:
        descending = np.argsort(-probabilities, kind="stable")
        cumulative = np.cumsum(probabilities[descending])
        before = cumulative - probabilities[descending]
        keep[descending[before >= config.top_p * cumulative[-1]]] = False
    return probabilities * keep
