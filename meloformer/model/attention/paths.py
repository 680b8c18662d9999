"""Which path computes attention: the one place that decides.

Axes: B row, T position.
"""

from enum import Enum

import torch

from meloformer.model.attention import gathered
from meloformer.model.attention.block_bounds import BLOCK
from meloformer.model.attention.gathered import GatheredMask
from meloformer.model.attention.mask import AttentionMask
from meloformer.model.attention.plain import BiasMask
from meloformer.model.attention.rule import MaskFields
from meloformer.model.attention.selected import SelectedMask
from meloformer.model.attention.sparse.mask import SparseMask, has_triton
from meloformer.model.compiled import can_compile
from meloformer.model.config import ModelConfig
from meloformer.model.inputs import Inputs

MIN_SPARSE_TOKENS = 1024
"""Tokens of a row from which a kernel that skips blocks is worth its set-up."""
MIN_GATHERED_TOKENS = 256
MAX_GATHERED_PAIRS = 2**27
"""Of a batch; each takes a byte or two while the blocks are made."""
MIN_SELECTED_TOKENS = 256
MAX_SELECTED_PAIRS = 2**26
"""Of a batch; each takes a byte or two as long as the mask is kept."""


class AttentionPath(Enum):
    """A way to compute attention; all give the same numbers but for rounding."""

    PLAIN = "plain"
    """The reference: `plain.BiasMask`. With a cache, and wherever no other is faster."""
    GATHERED = "gathered"
    """Visible keys only, for training: `gathered.GatheredMask`."""
    SELECTED = "selected"
    """Visible keys only, for reading: `selected.SelectedMask`."""
    SPARSE = "sparse"
    """Tiles with a visible pair only, on a GPU: `sparse.SparseMask`."""
    ONE_TOKEN = "one token"
    """The whole step in int8, compiled: `model.decode`."""

    @property
    def skips_blocks(self) -> bool:
        """Whether blocks without a visible pair are skipped, so that rows gain from `layout`."""
        return self is AttentionPath.SPARSE


def choose_path(
    device: torch.device,
    dtype: torch.dtype,
    rows: int,
    length: int,
    *,
    training: bool = False,
    cached: bool = False,
) -> AttentionPath:
    """Return the fastest path for a call of the model.

    Args:
        device: Where weights and rows are.
        dtype: Of attention: autocast's if it is on, else the weights'.
        rows: Of the batch, B.
        length: Tokens of a row, T; with a cache the new ones only.
        training: Whether the model is in training mode.
        cached: Whether earlier tokens are in a cache.
    """
    on_cpu = device.type == "cpu"
    reads = on_cpu and dtype == torch.float32 and not (training or torch.is_grad_enabled())
    if reads and length >= MIN_SELECTED_TOKENS and rows * length * length <= MAX_SELECTED_PAIRS:
        return AttentionPath.SELECTED
    if cached:
        one_token = length == 1 and on_cpu and dtype == torch.float32 and not training
        return AttentionPath.ONE_TOKEN if one_token and can_compile() else AttentionPath.PLAIN
    if device.type == "cuda" and length >= MIN_SPARSE_TOKENS and has_triton():
        return AttentionPath.SPARSE
    whole_blocks = length >= MIN_GATHERED_TOKENS and length % gathered.BLOCK == 0
    has_room = rows * length * length <= MAX_GATHERED_PAIRS
    if training and on_cpu and dtype == torch.bfloat16 and whole_blocks and has_room:
        return AttentionPath.GATHERED
    return AttentionPath.PLAIN


def padded_length(path: AttentionPath, length: int) -> int:
    """Return the tokens of a row as a path computes it: `length`, or more with padding.

    A path that skips blocks computes few lengths, as each is compiled for: 128, 256, 384, 512, 768,
    1,024 and so on.
    """
    if not path.skips_blocks:
        return length
    power = BLOCK
    while power < length:
        power *= 2
    shorter = power // 4 * 3
    return shorter if length <= shorter and shorter % BLOCK == 0 else power


def make_mask(
    path: AttentionPath, inputs: Inputs, config: ModelConfig, dtype: torch.dtype
) -> AttentionMask:
    """Return the mask of rows without a cache, ready for a path.

    Args:
        path: `ONE_TOKEN` has no such mask, and gets the plain one.
        inputs: T is `padded_length`.
        config: Whose rule is followed.
        dtype: Of attention.

    Raises:
        DataError: The kernels of `SPARSE` refuse these rows.
    """
    match path:
        case AttentionPath.SPARSE:
            return SparseMask.of(inputs, config)
        case AttentionPath.GATHERED:
            return GatheredMask.of(inputs, config, dtype)
        case AttentionPath.SELECTED:
            return SelectedMask.of(inputs, config, dtype)
        case _:
            return BiasMask.of(inputs, config, dtype)


def make_cached_mask(
    path: AttentionPath,
    new: MaskFields,
    every: MaskFields,
    config: ModelConfig,
    dtype: torch.dtype,
) -> AttentionMask:
    """Return the mask of tokens that follow those of a cache, ready for a path.

    Args:
        path: All but `SELECTED` get the plain mask.
        new: The tokens that follow. (B, T).
        every: Those of the cache, and the new ones. (B, S).
        config: Whose rule is followed.
        dtype: Of attention.
    """
    kind = SelectedMask if path is AttentionPath.SELECTED else BiasMask
    return kind.between(new, every, config, dtype)
