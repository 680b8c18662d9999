"""A model that reads one more token in every row of a cache, on all cores.

Axes: B row, V vocabulary.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from meloformer.model.decode.cache import RoundedCache
from meloformer.model.decode.step import step
from meloformer.model.decode.weights import decode_weights

if TYPE_CHECKING:
    from meloformer.model.transformer import MeloFormer


class Decoder:
    """A model's weights as they are now, laid out for decoding.

    Its logits differ from the plain path's by what int8 weights lose; where the weights are such
    already, by 1e-3 at most.
    """

    def __init__(self, model: "MeloFormer") -> None:
        self._sources = tuple(model.parameters())
        self._stamp = _stamp(self._sources)
        self._weights = decode_weights(model)

    @property
    def is_current(self) -> bool:
        """Whether no weight has been written or moved since."""
        return self._stamp == _stamp(self._sources)

    def next_logits(self, columns: NDArray[np.int64], cache: RoundedCache) -> NDArray[np.float32]:
        """Append one token to every row of a cache.

        A row's logits are the same in any company.

        Args:
            columns: The new tokens' fields, in the order of `Inputs`. (8, B).
            cache: What was read before.

        Returns:
            Logits of the token after it. (B, V).

        Raises:
            ConfigError: The cache is full.
        """
        columns = np.ascontiguousarray(columns)  # one layout, so that the step is compiled once
        logits = np.empty((columns.shape[1], len(self._weights.head.scales)), np.float32)
        at = cache.claim()

        def read(first: int, end: int) -> None:
            step(
                self._weights,
                columns,
                at,
                cache.kv,
                cache.units,
                cache.places,
                cache.tokens,
                first,
                end,
                logits,
            )

        rows = len(logits)
        threads = min(rows, torch.get_num_threads())
        borders = [rows * thread // threads for thread in range(threads + 1)]
        others = [_pool().submit(read, *some) for some in pairwise(borders[1:])]
        read(0, borders[1])
        for other in others:
            other.result()
        return logits[:, : len(self._weights.tokens)]


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="decode")


def _stamp(weights: tuple[Tensor, ...]) -> list[int]:
    """Return numbers that change whenever a weight is written or moved."""
    return [weight.data_ptr() + _version(weight) for weight in weights]


def _version(weight: Tensor) -> int:
    """Return how often it was written; inference tensors do not count."""
    return 0 if weight.is_inference() else weight._version
