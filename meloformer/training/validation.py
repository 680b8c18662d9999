"""Validation of a model in training on music it is not trained on."""

from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from meloformer.data.shards import open_shards
from meloformer.errors import DataError
from meloformer.evaluation.bits_per_note import BitsPerNote, Costs, model_costs, summarise
from meloformer.evaluation.windows import Window, sample_windows
from meloformer.model.attention.layout import layout
from meloformer.model.config import ModelConfig
from meloformer.model.inputs import Inputs
from meloformer.model.transformer import MeloFormer
from meloformer.runs.config import TrainConfig
from meloformer.training.parallel.distributed import DistributedContext


class Validation:
    """Bits per note, by token type, of a fixed choice of held-out music.

    The processes share the windows. A model that is split over them can only be run by all of
    them together: then each reads everything.

    Args:
        config: Of the run.
        context: This process and the others.
        context_tokens: Longest window.
        laid_out_for: The model whose rule rows are laid out for, if its attention skips blocks.
    """

    def __init__(
        self,
        config: TrainConfig,
        context: DistributedContext,
        context_tokens: int,
        laid_out_for: ModelConfig | None = None,
    ) -> None:
        self._context_tokens, self._distributed = context_tokens, context
        self._laid_out_for = laid_out_for
        self._windows = _held_out_windows(config, context_tokens)
        self._stride = 1 if config.fsdp else context.size

    @property
    def has_music(self) -> bool:
        """Whether there is anything to measure."""
        return bool(self._windows)

    def measure(self, model: MeloFormer) -> BitsPerNote:
        """Measure the held-out music; all processes do so together and get the same result."""
        reader = cast("MeloFormer", OnDevice(model, self._distributed.device, self._laid_out_for))
        own = self._windows[self._distributed.rank % self._stride :: self._stride]
        costs: Costs = [None] * len(self._windows)  # type: ignore[list-item]  # filled below
        gathered = self._distributed.gather(model_costs(reader, own, self._context_tokens))
        for rank, of_rank in enumerate(cast("list[Costs]", gathered[: self._stride])):
            costs[rank :: self._stride] = of_rank
        return summarise(self._windows, costs)


class OnDevice(nn.Module):
    """A model on some device, for inputs on the CPU in the order of the stream.

    Args:
        model: Reads them.
        device: Where it is.
        laid_out_for: The model whose rule rows are laid out for, if its attention skips blocks.
    """

    def __init__(
        self, model: MeloFormer, device: torch.device, laid_out_for: ModelConfig | None = None
    ) -> None:
        super().__init__()
        self._model, self._device, self._laid_out_for = model, device, laid_out_for

    def forward(self, inputs: Inputs) -> Tensor:
        """Return the logits of the token after each position, on the device. (B, T, V)."""
        if self._laid_out_for is None:
            logits: Tensor = self._model(inputs.to(self._device))
            return logits
        places = layout(inputs, self._laid_out_for)
        moved: Tensor = self._model(
            Inputs(*(field.gather(1, places) for field in inputs)).to(self._device)
        )
        back = places.argsort(dim=1).to(self._device)
        return moved.gather(1, back[..., None].expand_as(moved))


def _held_out_windows(config: TrainConfig, context_tokens: int) -> tuple[Window, ...]:
    folder = config.shards / "held_out"
    tokens = folder / "tokens.bin"
    if config.evaluate_tokens <= 0 or not tokens.is_file() or not tokens.stat().st_size:
        return ()
    windows = sample_windows(open_shards(folder), context_tokens, config.evaluate_tokens)
    try:
        summarise(windows, [np.zeros(len(window.ids) - 1) for window in windows])
    except DataError:  # not a single note, as where the openings are rests
        return ()
    return windows
