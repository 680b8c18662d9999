"""The keys and values of the tokens read so far, rounded to int8: a quarter of the memory to read.

Rows that go on from one prompt share what is kept of it, so that a processor's cache holds it once
for all of them.

Axes: L layer, B row, S cached position, N place, G key/value head, K head size.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from meloformer.errors import ConfigError
from meloformer.model.attention.rule import MaskFields
from meloformer.model.decode.arithmetic import WEIGHT_LIMIT
from meloformer.model.kv_cache import KVCache

Floats = NDArray[np.float32]


GROWN_BY = 256
"""Positions that a cache grows by at least; else by half of what it has, so that few are copied
often."""


class RoundedCache:
    """A cache that only `Decoder` writes to. It takes memory for what is read, and grows with it.

    Attributes:
        kv: Key, then value. (N, L, 2, G, K), int8. All that is kept of a token lies together:
            single tokens are picked.
        units: What one of a head's values is worth. (N, L, 2, G).
        places: Where each position's are. (B, room for S), int32.
        tokens: The fields of `MaskFields`. (7, B, room for S), int32.
        length: Tokens read so far, the same in every row.
        max_tokens: Of a row that there may be.
    """

    def __init__(
        self,
        num_kept: int,
        kept_places: NDArray[np.int32],
        max_tokens: int,
        like: tuple[int, int, int],
    ) -> None:
        rows, end = kept_places.shape
        L, G, K = like
        self.kv = np.empty((num_kept, L, 2, G, K), np.int8)
        self.units = np.empty((num_kept, L, 2, G), np.float32)
        self.places = kept_places
        self.tokens = np.empty((len(MaskFields._fields), rows, end), np.int32)
        self.length = int(end)
        self.max_tokens = max_tokens

    @classmethod
    def of(cls, cache: KVCache, max_tokens: int) -> "RoundedCache":
        """Round what a cache holds, with room for `max_tokens`."""
        k, v = (each.transpose(2, 3)[:, :, : cache.length].numpy() for each in (cache.k, cache.v))
        L, B, end, G, K = k.shape
        kept = np.arange(B * end, dtype=np.int32).reshape(B, end)
        rounded = cls(B * end, kept, max_tokens, (L, G, K))
        for layer in range(L):
            for which, of_layers in enumerate((k, v)):
                values = of_layers[layer].reshape(B * end, G, K)
                units = np.abs(values).max(axis=-1) / np.float32(WEIGHT_LIMIT)
                rounded.units[: B * end, layer, which] = units
                values = values / np.where(units > 0, units, 1)[..., None]
                rounded.kv[: B * end, layer, which] = np.rint(values)
        for field, of_tokens in enumerate(cache.tokens):
            rounded.tokens[field, :, :end] = of_tokens.numpy()
        return rounded

    @property
    def num_bytes(self) -> int:
        """Return how much memory it takes."""
        return sum(one.nbytes for one in (self.kv, self.units, self.places, self.tokens))

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
        if self.length == self.places.shape[1]:
            self._grow()
        self.length += 1
        return self.length - 1

    def _grow(self) -> None:
        """Take memory for more positions of every row."""
        rows, room = self.places.shape
        more = min(max(GROWN_BY, room // 2), self.max_tokens - room)
        own = np.arange(len(self.kv), len(self.kv) + rows * more, dtype=np.int32)
        self.kv = _longer(self.kv, rows * more)
        self.units = _longer(self.units, rows * more)
        self.places = np.concatenate((self.places, own.reshape(rows, more)), axis=1)
        tokens = np.empty((len(self.tokens), rows, room + more), np.int32)
        tokens[:, :, :room] = self.tokens
        self.tokens = tokens

    def repeat(self, rows: int) -> "RoundedCache":
        """Return a copy with `rows` rows of this cache's single row."""
        return self.select([0] * rows)

    def select(self, rows: list[int]) -> "RoundedCache":
        """Return a copy of some rows, in the order given, with what they share kept once."""
        end = self.length
        kept, places = np.unique(self.places[rows, :end], return_inverse=True)
        shape = (self.kv.shape[1], *self.kv.shape[3:])
        kept_places = places.reshape(len(rows), end).astype(np.int32)
        copy = RoundedCache(len(kept), kept_places, self.max_tokens, shape)
        copy.kv[: len(kept)] = self.kv[kept]
        copy.units[: len(kept)] = self.units[kept]
        copy.tokens[:, :, :end] = self.tokens[:, rows, :end]
        return copy


def _longer(values: NDArray[Any], by: int) -> NDArray[Any]:
    """Return a copy with room for more of the first axis."""
    longer = np.empty((len(values) + by, *values.shape[1:]), values.dtype)
    longer[: len(values)] = values
    return longer
