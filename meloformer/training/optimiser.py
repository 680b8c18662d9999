"""Muon for the matrices, AdamW for the rest, and the schedule of both."""

import torch
from torch import nn

from meloformer.training.config import TrainConfig

_BETAS = (0.9, 0.95)
_MOMENTUM = 0.95


class Optimiser:
    """Both optimisers as one."""

    def __init__(self, model: nn.Module, config: TrainConfig) -> None:
        matrices, others = split_parameters(model)
        muon = torch.optim.Muon(
            matrices, lr=config.muon_lr, weight_decay=config.weight_decay, momentum=_MOMENTUM
        )
        adam = torch.optim.AdamW(others, lr=config.adam_lr, betas=_BETAS, weight_decay=0.0)
        self._config = config
        self._optimisers: tuple[torch.optim.Optimizer, ...] = (muon, adam)
        self._peaks = (config.muon_lr, config.adam_lr)
        self._parameters = [*matrices, *others]

    def step(self, rate: float) -> float:
        """Clip the gradients, update the weights at `rate` times the peak learning rates.

        Returns:
            The norm of the gradient before clipping.
        """
        norm = nn.utils.clip_grad_norm_(self._parameters, self._config.clip)
        for optimiser, peak in zip(self._optimisers, self._peaks, strict=True):
            for group in optimiser.param_groups:
                group["lr"] = rate * peak
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        return float(norm)

    def state_dict(self) -> dict[str, object]:
        """Everything needed to go on."""
        muon, adam = self._optimisers
        return {"muon": muon.state_dict(), "adam": adam.state_dict()}

    def load_state_dict(self, state: dict[str, dict[str, object]]) -> None:
        """Go on from what `state_dict` gave."""
        muon, adam = self._optimisers
        muon.load_state_dict(state["muon"])
        adam.load_state_dict(state["adam"])


def split_parameters(model: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """The matrices between layers, and all else: embeddings, norms, gains."""
    embeddings = {
        id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)
    }
    matrices: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for parameter in model.parameters():
        is_matrix = parameter.ndim == 2 and id(parameter) not in embeddings
        (matrices if is_matrix else others).append(parameter)
    return matrices, others


def rate_at(step: int, fraction: float, config: TrainConfig) -> float:
    """Learning rate as a share of its peak: warm-up, stable, linear decay.

    Args:
        step: From 0.
        fraction: How much of the run is over, 0 to 1.
        config: Gives the length of both slopes.
    """
    warmup = (step + 1) / max(config.warmup_steps, 1)
    remaining = (1.0 - fraction) / config.decay if config.decay else 1.0
    return max(min(warmup, remaining, 1.0), 0.0)
