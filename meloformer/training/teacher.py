"""The teacher of a run: a trained model whose distribution another one learns from."""

from pathlib import Path

import torch

from meloformer import checkpoint
from meloformer.errors import ConfigError
from meloformer.model.attention.mask import AttentionMask
from meloformer.model.chunked_loss import Taught
from meloformer.model.config import ModelConfig
from meloformer.model.inputs import Inputs

_OF_ROWS = ("vocab_size", "cross_offsets", "type_rule", "summaries", "dense")
"""What decides how rows are laid out and who attends to whom: one mask serves both models."""


class Teacher:
    """Says what comes next in the rows that a model is trained on.

    Args:
        folder: Its checkpoint.
        share: Of the loss, above 0.
        learner: The model that learns.
        device: Where that is.

    Raises:
        CheckpointError: The checkpoint cannot be read.
        ConfigError: It attends otherwise than the model that learns.
    """

    def __init__(
        self, folder: Path, share: float, learner: ModelConfig, device: torch.device
    ) -> None:
        self._model, card = checkpoint.load(folder)
        differs = [one for one in _OF_ROWS if getattr(card.model, one) != getattr(learner, one)]
        if differs:
            raise ConfigError(
                f"{card.name} cannot teach this model: they differ in {', '.join(differs)}",
                hint="choose a teacher with the same rule of attention",
            )
        self._model.eval().requires_grad_(False).to(device)
        self._share = share

    @torch.no_grad()
    def teach(self, inputs: Inputs, mask: AttentionMask | None) -> Taught:
        """Return what it holds probable after each position of a batch.

        Args:
            inputs: On its device. (B, T).
            mask: Made for the model that learns, if it was made ahead.
        """
        return Taught(self._model(inputs, mask=mask), self._share)
