"""The baseline to beat: an n-gram model with absolute discounting, interpolated down to uniform.

Counts are sorted arrays of integer keys (an n-gram read as a number in base V), so that tens of
millions of tokens are counted in seconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.evaluation.bits_per_note import Costs
from meloformer.evaluation.windows import Window
from meloformer.tokens.vocabulary import Kind, vocabulary

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Order:
    """All n-grams of one length."""

    keys: Ints
    """Sorted n-grams as numbers."""
    counts: Ints
    contexts: Ints
    """Sorted n-grams without their last token."""
    totals: Ints
    """How often each context was followed by anything."""
    types: Ints
    """By how many different tokens."""
    discount: float

    def probability(self, contexts: Ints, tokens: Ints, lower: Floats) -> Floats:
        """Return the probability of each token after each context, given that of shorter ones."""
        count = _look_up(self.keys, self.counts, contexts * vocabulary().size + tokens)
        total = _look_up(self.contexts, self.totals, contexts)
        types = _look_up(self.contexts, self.types, contexts)
        known = np.maximum(total, 1)
        seen = np.maximum(count - self.discount, 0.0) / known
        return np.where(total > 0, seen + self.discount * types / known * lower, lower)


class NGram:
    """An n-gram model of token streams.

    Args:
        ids: The tokens to count, one stream after another, each from BOS on. (T,), uint16.
        length: Of the longest n-grams. Up to 6 fit into the numbers they are counted as.
        on_progress: Told how many of how many tokens are counted; each is once for each length.
    """

    def __init__(
        self,
        ids: NDArray[np.uint16],
        length: int = 3,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.length = length
        self._orders = []
        for n in range(1, length + 1):
            if on_progress:
                on_progress((n - 1) * len(ids), length * len(ids))
            self._orders.append(_count(ids, n))
        if on_progress:
            on_progress(length * len(ids), length * len(ids))

    def costs(self, windows: Sequence[Window], length: int | None = None) -> Costs:
        """Return the bits of each token of each window but the first.

        Args:
            windows: The tokens to score.
            length: Of the longest n-grams to be used: one count serves shorter models too. By
                default all.
        """
        ids = np.concatenate([window.ids for window in windows]).astype(np.int64)
        bos = vocabulary().id(Kind.BOS)
        starts = np.maximum.accumulate(np.where(ids == bos, np.arange(len(ids)), 0))
        place = np.arange(len(ids)) - starts
        probability = np.full(len(ids), 1.0 / vocabulary().size)
        for n, order in enumerate(self._orders[:length], start=1):
            known = np.flatnonzero(place >= n - 1)
            contexts = np.zeros(len(known), dtype=np.int64)
            for back in range(n - 1, 0, -1):
                contexts = contexts * vocabulary().size + ids[known - back]
            probability[known] = order.probability(contexts, ids[known], probability[known])
        bits = -np.log2(probability)
        ends = np.cumsum([len(window.ids) for window in windows])
        return [one[1:] for one in np.split(bits, ends[:-1])]


def _count(ids: NDArray[np.uint16], n: int) -> _Order:
    """Count the n-grams that lie within one document."""
    size = vocabulary().size
    last = len(ids) - n + 1
    keys = np.zeros(last, dtype=np.int64)
    inside = np.ones(last, dtype=np.bool_)
    for place in range(n):
        keys = keys * size + ids[place : place + last]
        if place:
            inside &= ids[place : place + last] != vocabulary().id(Kind.BOS)
    unique, counts = np.unique(keys[inside], return_counts=True)
    contexts, first, types = np.unique(unique // size, return_index=True, return_counts=True)
    totals = np.add.reduceat(counts, first)
    once, twice = (counts == 1).sum(), (counts == 2).sum()
    discount = float(once / max(once + 2 * twice, 1)) if once else 0.5
    return _Order(unique, counts, contexts, totals, types, discount)


def _look_up(keys: Ints, values: Ints, wanted: Ints) -> Ints:
    index = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[index] == wanted, values[index], 0)
