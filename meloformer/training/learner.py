"""The learner: a model, the average of its weights, and an optimiser."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from meloformer.data.packing import NOT_SCORED
from meloformer.model.attention.paths import choose_path
from meloformer.model.config import ModelConfig
from meloformer.model.transformer import MeloFormer
from meloformer.runs.config import TrainConfig
from meloformer.training.optimiser import Optimiser
from meloformer.training.parallel.distributed import DistributedContext, no_gradient_sync
from meloformer.training.precision import Precision
from meloformer.training.sender import Sender, SentBatch
from meloformer.training.teacher import Teacher
from meloformer.training.weights import (
    averaged_copy,
    kept_state,
    load_kept_state,
    new_model,
    plain_model,
)


class Learner:
    """Model, average and optimiser, bit for bit the same in all processes after every step.

    Dropout is drawn from the seed and the number of the step, as batches are: to go on exactly,
    nothing random needs to be kept.
    """

    def __init__(self, config: TrainConfig, context: DistributedContext) -> None:
        self._config, self._distributed = config, context
        self.model, self.base = new_model(config)
        self.model.to(context.device)
        self.averaged = averaged_copy(self.model)
        self._parallel = context.parallel(self.model, fsdp=config.fsdp)
        if config.fsdp:
            context.split(self.averaged)
        self._optimiser = Optimiser(self.model, config)
        self._precision = Precision(config, context.device)
        self._teacher = None
        if config.teacher is not None and config.teacher_share > 0:
            self._teacher = Teacher(
                config.teacher, config.teacher_share, self.model.config, context.device
            )
        # Of rows that are laid out: what compiles the kernel compiles the blocks around it.
        on_gpu = context.device.type == "cuda"
        self.model.compiles_blocks = on_gpu and self.layout is not None and not config.fsdp
        self.sender = Sender(self.model, self._precision, context.device)
        self.norm = torch.zeros(())
        """Of the last gradient, on its device."""

    @property
    def may_overflow(self) -> bool:
        """Whether a gradient that is not finite does no harm, as its step is left out."""
        return self._precision.scaler.is_enabled()

    @property
    def layout(self) -> ModelConfig | None:
        """The model whose rule rows are laid out for, if its attention skips blocks."""
        config, model = self._config, self.model.config
        path = choose_path(
            self._distributed.device,
            self._precision.dtype,
            config.rows,
            config.context_tokens,
            training=True,
        )
        return model if path.skips_blocks and not model.dense else None

    def train_step(
        self, batches: Sequence[SentBatch], targets: int, step: int, rate: float
    ) -> Tensor:
        """Take one step: all gradients, then one update.

        Args:
            batches: Of this process, from `sender`.
            targets: How many tokens the batches of all processes predict: each counts alike,
                wherever there is padding.
            step: From 0.
            rate: Share of the peak learning rates.

        Returns:
            The mean loss of those tokens, in nats, on its device.
        """
        drawn = np.random.SeedSequence((self._config.seed, step, self._distributed.rank))
        torch.manual_seed(int(drawn.generate_state(1, np.uint64)[0]))
        loss = torch.zeros((), device=self._distributed.device)
        for number, batch in enumerate(batches, start=1):
            with no_gradient_sync(self._parallel, active=number < len(batches)):
                part = self._loss(batch) / targets
                # Gradients are averaged over the processes, and shall be added up.
                scaled = self._precision.scaler.scale(part * self._distributed.size)
                scaled.backward()  # type: ignore[no-untyped-call]  # torch
            loss += part.detach()
        self.norm = self._optimiser.step(rate, self._precision.scaler)
        self._update_average(step)
        self.sender.step_is_begun()
        return self._distributed.all_reduce(loss)

    def _loss(self, sent: SentBatch) -> Tensor:
        """Return the sum of the losses over the targets of a batch."""
        self.sender.receive(sent)
        batch = sent.batch
        with self._precision.autocast():
            taught = None
            if self._teacher is not None:
                taught = self._teacher.teach(batch.inputs, sent.mask)
            if batch.ids.is_cuda or taught is not None:
                loss: Tensor = self._parallel(
                    batch.inputs, targets=batch.targets, mask=sent.mask, taught=taught
                )
                return loss
            logits = self._parallel(batch.inputs)
        return cross_entropy(
            logits.flatten(0, 1).float(),
            batch.targets.flatten(),
            ignore_index=NOT_SCORED,
            reduction="sum",
        )

    @torch.no_grad()
    def _update_average(self, step: int) -> None:
        # Early weights are noise: the average starts short and grows to its full length.
        decay = min(self._config.ema, (1 + step) / (10 + step))
        pairs = zip(self.averaged.parameters(), self.model.parameters(), strict=True)
        averages, weights = zip(*(pair for pair in pairs if pair[1].requires_grad), strict=True)
        torch._foreach_lerp_(averages, weights, 1 - decay)

    def state(self) -> dict[str, Any]:
        """Return all that resuming needs. With fsdp, all processes must call this together."""
        return {
            "model": kept_state(self.model, self._config),
            "averaged": kept_state(self.averaged, self._config),
            "optimiser": self._optimiser.state_dict(),
            "scaler": self._precision.scaler.state_dict(),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Resume from what `state` gave."""
        load_kept_state(self.model, state["model"], self._config)
        load_kept_state(self.averaged, state["averaged"], self._config)
        self._optimiser.load_state_dict(state["optimiser"])
        self._precision.scaler.load_state_dict(state["scaler"])

    def result(self, state: dict[str, Any]) -> MeloFormer:
        """Return the averaged weights as a plain, whole model to be saved.

        Args:
            state: What `state` gave.
        """
        return plain_model(self.averaged, state["averaged"], self._config)
