"""Attention that skips the blocks without a visible pair: FlexAttention, compiled.

Uncompiled, FlexAttention computes every pair and keeps them all; on a GPU that is an error here and
not a slow surprise. On a CPU it exists for the tests: compiled without gradients, or as it is.

Axes: B row, T position, H query head, G key/value head, K head size.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.attention.flex_attention import BlockMask, flex_attention

from meloformer.errors import ConfigError, DataError, RunError
from meloformer.model.attention.block_mask import block_mask
from meloformer.model.attention.visible_blocks import BLOCK
from meloformer.model.config import ModelConfig
from meloformer.model.inputs import Inputs

MAX_COMPILED = 64
"""Variants that one process may compile: some 10 lengths, and a few of each."""


def padded_length(length: int) -> int:
    """Return the next of few lengths, each of which is compiled for: 128, 256, 384, 512, 768, …"""
    power = BLOCK
    while power < length:
        power *= 2
    shorter = power // 4 * 3
    return shorter if length <= shorter and shorter % BLOCK == 0 else power


class FlexMask(NamedTuple):
    """The mask by blocks, made once per batch and shared by all layers."""

    mask: BlockMask
    length: int
    """Tokens of a row, T."""

    @classmethod
    def of(cls, inputs: Inputs, config: ModelConfig) -> "FlexMask":
        """Return the mask of rows in any layout.

        Raises:
            DataError: The rows are no whole number of blocks, or their fields disagree.
        """
        return cls(block_mask(inputs, config), inputs.ids.shape[1])

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Attend as `AttentionMask.attend` says; there are as many keys as queries.

        Raises:
            ConfigError: They have several dtypes.
            DataError: They are not of the rows the mask was made for.
            RunError: FlexAttention would run uncompiled on a GPU.
        """
        if not q.dtype == k.dtype == v.dtype:
            raise ConfigError(
                f"queries, keys and values are {q.dtype}, {k.dtype} and {v.dtype}, "
                "and must be of one dtype"
            )
        if not q.shape[1] == k.shape[1] == self.length:
            raise DataError(
                f"the mask is of rows of {self.length} tokens, and there are {q.shape[1]} queries "
                f"and {k.shape[1]} keys"
            )
        # The kernel has been wrong about slices of a larger tensor.
        q, k, v = (x.transpose(1, 2).contiguous() for x in (q, k, v))
        return compiled_attention()(q, k, v, self.mask).transpose(1, 2)


def _attend(q: Tensor, k: Tensor, v: Tensor, mask: BlockMask) -> Tensor:
    # While this is compiled, and in what comes of it, the condition is false.
    if not torch.compiler.is_compiling() and q.device.type == "cuda":
        raise RunError(
            "attention would run uncompiled, in the memory of all pairs of tokens",
            hint="let torch compile, which was switched off where this was started",
        )
    return flex_attention(q, k, v, block_mask=mask, enable_gqa=True)


@cache
def compiled_attention() -> Callable[[Tensor, Tensor, Tensor, BlockMask], Tensor]:
    """Return the one compiled call of all layers and models; it fails where nothing compiles."""
    from torch._dynamo import config  # loading it takes a second

    # Each length is compiled for, and again with gradients or another number of rows.
    config.recompile_limit = max(config.recompile_limit, MAX_COMPILED)
    return torch.compile(_attend, dynamic=False, fullgraph=True)
