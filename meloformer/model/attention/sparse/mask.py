"""The mask as tiles of bits, for kernels of our own.

Axes: B row, T position, H query head, G key/value head, K head size.
"""

from importlib.util import find_spec
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor

from meloformer.errors import ConfigError, DataError
from meloformer.model.attention.sparse.operator import sparse_attention
from meloformer.model.attention.sparse.tiles import Tiles
from meloformer.model.attention.sparse.tuning import TUNING, Tuning
from meloformer.model.config import ModelConfig
from meloformer.model.inputs import Inputs

MIN_HEAD_DIM = 16
"""Of the matrices that a matrix unit multiplies."""


def has_triton() -> bool:
    """Return whether the kernels can be compiled, without importing what compiles them."""
    return find_spec("triton") is not None


class SparseMask(NamedTuple):
    """The mask by tiles, made once per batch and shared by all layers."""

    tiles: Tiles
    tuning: Tuning

    @classmethod
    def of(cls, inputs: Inputs, config: ModelConfig, tuning: Tuning = TUNING) -> "SparseMask":
        """Return the mask of rows in any layout.

        Raises:
            DataError: The rows are no whole number of blocks, or their fields disagree.
        """
        return cls(Tiles.of(inputs, config, tuning), tuning)

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Attend as `AttentionMask.attend` says; there are as many keys as queries.

        Raises:
            ConfigError: They have several dtypes.
            DataError: They are not of the rows the mask was made for.
        """
        if not q.dtype == k.dtype == v.dtype:
            raise ConfigError(
                f"queries, keys and values are {q.dtype}, {k.dtype} and {v.dtype}, "
                "and must be of one dtype"
            )
        length = self.tiles.length
        if not q.shape[1] == k.shape[1] == length:
            raise DataError(
                f"the mask is of rows of {length} tokens, and there are {q.shape[1]} queries "
                f"and {k.shape[1]} keys"
            )
        K = q.shape[-1]
        room = max(MIN_HEAD_DIM, 1 << (K - 1).bit_length())
        if room > K:
            # More values of 0 change no product, but the scale goes by the number of values.
            q, k, v = (F.pad(x, (0, room - K)) for x in (q * (room / K) ** 0.5, k, v))
        by_query, by_key = list(self.tiles.by_query), list(self.tiles.by_key)
        mixed: Tensor = sparse_attention(q, k, v, by_query, by_key, self.tuning.numbers())[0]
        return mixed[..., :K]
