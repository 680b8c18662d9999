"""The keys and values of the tokens read so far, rounded to int8: a quarter of the memory to read.

Axes: L layer, B row, S cached position, G key/value head, K head size.
"""

import numpy as np
from numpy.typing import NDArray

from meloformer.errors import ConfigError
from meloformer.model.decode.arithmetic import WEIGHT_LIMIT
from meloformer.model.kv_cache import KVCache

Floats = NDArray[np.float32]


class RoundedCache:
    """A preallocated cache that only `Decoder` writes to.

    Attributes:
        kv: Key, then value. (B, room for S, L, 2, G, K), int8. All that is kept of a token lies
            together: single tokens are picked.
        units: What one of a head's values is worth. (B, room for S, L, 2, G).
        tokens: The fields of `MaskFields`. (7, B, room for S), int32.
        length: Tokens read so far, the same in every row.
    """

    def __init__(
        self, kv: NDArray[np.int8], units: Floats, tokens: NDArray[np.int32], length: int
    ) -> None:
        self.kv, self.units, self.tokens = kv, units, tokens
        self.length = length

    @classmethod
    def of(cls, cache: KVCache, max_tokens: int) -> "RoundedCache":
        """Round what a cache holds, with room for `max_tokens`."""
        k, v = (each.transpose(2, 3)[:, :, : cache.length].numpy() for each in (cache.k, cache.v))
        L, B, end, G, K = k.shape
        rounded = cls(
            np.empty((B, max_tokens, L, 2, G, K), np.int8),
            np.empty((B, max_tokens, L, 2, G), np.float32),
            np.empty((len(cache.tokens), B, max_tokens), np.int32),
            cache.length,
        )
        for layer in range(L):
            for which, of_layers in enumerate((k, v)):
                values = of_layers[layer]
                units = np.abs(values).max(axis=-1) / np.float32(WEIGHT_LIMIT)
                rounded.units[:, :end, layer, which] = units
                values = values / np.where(units > 0, units, 1)[..., None]
                rounded.kv[:, :end, layer, which] = np.rint(values)
        for field, of_tokens in enumerate(cache.tokens):
            rounded.tokens[field, :, :end] = of_tokens.numpy()
        return rounded

    @property
    def max_tokens(self) -> int:
        """Tokens there is room for."""
        return int(self.kv.shape[1])

    def claim(self) -> int:
        """Make the next position part of the cache, for the caller to write, and return it.

        Raises:
            ConfigError: The cache is full.
        """
        if self.length == self.max_tokens:
            raise ConfigError(
                f"{self.length + 1} tokens do not fit a cache of {self.max_tokens}.",
                hint="Make the cache as long as the prompt and the continuation together.",
            )
        self.length += 1
        return self.length - 1

    def repeat(self, rows: int) -> "RoundedCache":
        """Return a copy with `rows` rows of this cache's single row."""
        return self.select([0] * rows)

    def select(self, rows: list[int]) -> "RoundedCache":
        """Return a copy of some rows, in the order given."""
        copy = RoundedCache(
            np.empty((len(rows), *self.kv.shape[1:]), np.int8),
            np.empty((len(rows), *self.units.shape[1:]), np.float32),
            np.empty((len(self.tokens), len(rows), self.max_tokens), np.int32),
            self.length,
        )
        end = self.length
        copy.kv[:, :end] = self.kv[rows, :end]
        copy.units[:, :end] = self.units[rows, :end]
        copy.tokens[:, :, :end] = self.tokens[:, rows, :end]
        return copy
