"""Logits of a whole token sequence by the plain path; for evaluation and tests."""

import numpy as np
import torch
from numpy.typing import NDArray

from meloformer.engine.stream import inputs_of
from meloformer.model import MeloFormer


@torch.inference_mode()
def teacher_forced_logits(model: MeloFormer, ids: NDArray[np.integer]) -> torch.Tensor:
    """Return what the model expects after each token of a stream.

    Args:
        model: In evaluation mode.
        ids: A stream from BOS on. (T,).

    Returns:
        (T, V), float32.
    """
    logits: torch.Tensor = model(inputs_of(ids))
    return logits[0]
