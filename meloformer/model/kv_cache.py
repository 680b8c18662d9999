"""The keys and values of the tokens read so far, and the fields of them that the mask reads.

Axes: L layer, B row, G key/value head, S cached position, K head size.
"""

import torch
from torch import Tensor

from meloformer.errors import ConfigError
from meloformer.model.attention.layer import CacheSlot
from meloformer.model.attention.rule import MaskFields
from meloformer.model.config import ModelConfig

GROWN_BY = 256
"""Positions that a cache grows by at least; else by half of what it has, so that few are copied
often."""


class KVCache:
    """The only mutable state of inference. It takes memory for what is read, and grows with it.

    Args:
        config: Of the model.
        batch_size: Rows.
        max_tokens: Of a row that there may be.
        device: Where it is.
        dtype: Of keys and values.
    """

    def __init__(
        self,
        config: ModelConfig,
        batch_size: int,
        max_tokens: int,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.config = config
        self.max_tokens = max_tokens
        self.length = 0
        """Tokens read so far, the same in every row."""
        self._batch_size = batch_size
        self.k, self.v, self._tokens = self._empty(0, device, dtype)
        """(L, B, G, room for S, K) of keys and values, and the fields of the tokens."""

    def _empty(
        self, room: int, device: torch.device | str, dtype: torch.dtype
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return memory for some positions of every row."""
        heads = (self.config.num_kv_heads, self.config.head_dim)
        shape = (self.config.num_layers, self._batch_size, room, 2, *heads)
        k, v = torch.zeros(shape, device=device, dtype=dtype).transpose(2, 4).unbind(3)
        fields = (len(MaskFields._fields), self._batch_size, room)
        return k, v, torch.zeros(fields, device=device, dtype=torch.int32)

    @property
    def num_bytes(self) -> int:
        """Return how much memory it takes."""
        return sum(one.numel() * one.element_size() for one in (self.k, self.v, self._tokens))

    def append(self, new: MaskFields) -> MaskFields:
        """Keep the fields of the next tokens that the mask reads; keys follow layer by layer.

        Args:
            new: The tokens about to be read. (B, T).

        Returns:
            All tokens, cached and new. (B, S).

        Raises:
            ConfigError: They do not fit.
        """
        start = self.claim(new.order.shape[1])
        self._tokens[:, :, start : self.length] = torch.stack(list(new))
        return self.tokens

    def claim(self, count: int) -> int:
        """Make the next `count` positions part of the cache, for the caller to write.

        Returns:
            The first of them.

        Raises:
            ConfigError: They do not fit.
        """
        start, end = self.length, self.length + count
        if end > self.max_tokens:
            raise ConfigError(
                f"{end} tokens do not fit a cache of {self.max_tokens}.",
                hint="Make the cache as long as the prompt and the continuation together.",
            )
        room = int(self.k.shape[3])
        if end > room:
            self._grow(min(max(end, room + max(GROWN_BY, room // 2)), self.max_tokens))
        self.length = end
        return start

    def _grow(self, room: int) -> None:
        """Take memory for that many positions of every row; what was read stays."""
        before = self._buffers()
        self.k, self.v, self._tokens = self._empty(room, self.k.device, self.k.dtype)
        for source, target in zip(before, self._buffers(), strict=True):
            target.copy_(source)

    @property
    def tokens(self) -> MaskFields:
        """The fields of the cached tokens that the mask reads. (B, S)."""
        return MaskFields(*self._tokens[:, :, : self.length])

    def slot(self, layer: int, start: int) -> CacheSlot:
        """Return the part of the cache that `layer` reads, and writes from position `start` on."""
        return CacheSlot(
            self.k[layer, :, :, : self.length].transpose(1, 2),
            self.v[layer, :, :, : self.length].transpose(1, 2),
            start,
        )

    def truncate(self, length: int) -> None:
        """Forget all but the first `length` tokens."""
        self.length = min(self.length, length)

    def repeat(self, rows: int) -> "KVCache":
        """Return a copy with `rows` rows of this cache's single row."""
        copy = KVCache(self.config, rows, self.max_tokens, self.k.device, self.k.dtype)
        copy.claim(self.length)
        for source, target in zip(self._buffers(), copy._buffers(), strict=True):
            target.copy_(source)
        return copy

    def select(self, rows: list[int]) -> "KVCache":
        """Return a copy of some rows, in the order given."""
        copy = KVCache(self.config, len(rows), self.max_tokens, self.k.device, self.k.dtype)
        copy.claim(self.length)
        for source, target in zip(self._buffers(), copy._buffers(), strict=True):
            target.copy_(source[:, rows])
        return copy

    def _buffers(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return what has been written, rows first after the leading axis."""
        end = self.length
        return self.k[:, :, :, :end], self.v[:, :, :, :end], self._tokens[:, :, :end]
