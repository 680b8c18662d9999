"""Sentences on why a run failed."""

import errno

import torch

from meloformer.errors import MeloFormerError
from meloformer.runs.config import TrainConfig
from meloformer.training.parallel.distributed import is_lost_peer

_FULL = (errno.ENOSPC, errno.EDQUOT)


def reason_of(error: Exception, config: TrainConfig) -> str:
    """Return why the run failed, for its owner; empty if only another process of it is gone.

    That is not the end of the run: torchrun starts all processes again.
    """
    if isinstance(error, MeloFormerError):
        hint = f": {error.hint}" if error.hint else ""
        return f"{error.problem[:1].upper()}{error.problem[1:]}{hint}."
    if _is_disk_full(error):
        return "The disk is full: make room, then resume it; it goes on from its last checkpoint."
    if _is_out_of_memory(error):
        return (
            f"The memory is too small: take fewer rows at once (now {config.rows}), a shorter "
            f"context (now {config.context_tokens:,} tokens) or a smaller model, or close other "
            "programs."
        )
    if is_lost_peer(error):
        return ""
    return f"An unexpected error ended the run, see its log: {type(error).__name__}: {error}"


def _is_disk_full(error: BaseException | None) -> bool:
    """Return whether the disk is full: by the error, or by what led to it."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        if "No space left on device" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _is_out_of_memory(error: Exception) -> bool:
    kinds = (MemoryError, torch.OutOfMemoryError)
    return isinstance(error, kinds) or "can't allocate memory" in str(error)
