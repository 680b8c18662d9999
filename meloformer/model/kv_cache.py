"""The keys and values of the tokens read so far, and the fields of them that the mask reads.

Axes: L layer, B row, G key/value head, S cached position, K head size.
"""

import torch
from torch import Tensor

from meloformer.errors import ConfigError
from meloformer.model.attention.layer import CacheSlot
from meloformer.model.attention.rule import MaskFields
from meloformer.model.config import ModelConfig


class KVCache:
    """Preallocated; the only mutable state of inference."""

    def __init__(
        self,
        config: ModelConfig,
        batch_size: int,
        max_tokens: int,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        heads = (config.num_kv_heads, config.head_dim)
        shape = (config.num_layers, batch_size, max_tokens, 2, *heads)
        memory = torch.zeros(shape, device=device, dtype=dtype)
        self.k, self.v = memory.transpose(2, 4).unbind(3)
        """(L, B, G, room for S, K) each."""
        self._tokens = torch.zeros(
            len(MaskFields._fields), batch_size, max_tokens, device=device, dtype=torch.int32
        )
        self.config = config
        self.length = 0
        """Tokens read so far, the same in every row."""

    @property
    def max_tokens(self) -> int:
        """Tokens there is room for."""
        return int(self.k.shape[3])

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
        self.length = end
        return start

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
        copy.length = self.length
        for source, target in zip(self._buffers(), copy._buffers(), strict=True):
            target.copy_(source)
        return copy

    def select(self, rows: list[int]) -> "KVCache":
        """Return a copy of some rows, in the order given."""
        copy = KVCache(self.config, len(rows), self.max_tokens, self.k.device, self.k.dtype)
        copy.length = self.length
        for source, target in zip(self._buffers(), copy._buffers(), strict=True):
            target.copy_(source[:, rows])
        return copy

    def _buffers(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return what has been written, rows first after the leading axis."""
        end = self.length
        return self.k[:, :, :, :end], self.v[:, :, :, :end], self._tokens[:, :, :end]
