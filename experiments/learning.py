"""A training without a run folder, so that it can be fed with any batches.

It makes the same steps as the project's trainer, from the same parts: a test compares the weights.
"""

import logging
from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from meloformer.data.packing import NOT_SCORED, Batch
from meloformer.model.config import ModelConfig
from meloformer.model.transformer import MeloFormer
from meloformer.runs.config import TrainConfig
from meloformer.training.optimiser import Optimiser, rate_at
from meloformer.training.weights import averaged_copy

_LOG_STEPS = 10
_log = logging.getLogger(__name__)


def learn(
    model_config: ModelConfig, config: TrainConfig, batches: Iterable[Batch]
) -> tuple[MeloFormer, int]:
    """Train a model from scratch, in float32, on the CPU.

    Args:
        model_config: Its dimensions and its rule.
        config: Seed, number of steps, and all that the optimiser asks for.
        batches: One a step.

    Returns:
        The average of its weights, in evaluation mode, and how many tokens were predicted.
    """
    torch.manual_seed(config.seed)
    model = MeloFormer(model_config).train()
    averaged = averaged_copy(model)
    optimiser = Optimiser(model, config)
    scaler = torch.amp.GradScaler(enabled=False)
    averages: list[Tensor] = list(averaged.parameters())
    weights: list[Tensor] = list(model.parameters())
    tokens = 0
    for step, batch in zip(range(config.steps), batches, strict=False):
        logits = model(batch.inputs)
        loss = cross_entropy(
            logits.flatten(0, 1), batch.targets.flatten(), ignore_index=NOT_SCORED, reduction="sum"
        )
        targets = int((batch.targets != NOT_SCORED).sum())
        mean = loss / targets
        mean.backward()
        tokens += targets
        optimiser.step(rate_at(step, step / config.steps, config), scaler)
        with torch.no_grad():  # early weights are noise: the average grows to its full length
            decay = min(config.ema, (1 + step) / (10 + step))
            torch._foreach_lerp_(averages, weights, 1 - decay)
        if (step + 1) % _LOG_STEPS == 0:
            _log.info("step %d, %d tokens, loss %.3f", step + 1, tokens, mean.item())
    return averaged, tokens
