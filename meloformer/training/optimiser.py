"""The optimiser: Muon for the matrices, AdamW for the rest, and the schedule of both."""

from typing import Any

import torch
from torch import Tensor, nn

from meloformer.runs.config import TrainConfig
from meloformer.training.muon import Muon

_BETAS = (0.9, 0.95)
_MOMENTUM = 0.95


class Optimiser:
    """Both optimisers as one.

    Muon needs whole matrices that stand for themselves. Where they are split over processes, or
    are the two factors of a low-rank one, AdamW trains them too.
    """

    def __init__(self, model: nn.Module, config: TrainConfig) -> None:
        matrices, others = split_parameters(model)
        decay = config.weight_decay
        self._model, self._config = model, config
        self._parameters = [*matrices, *others]
        self._optimisers: dict[str, torch.optim.Optimizer] = {}
        self._peaks = {"muon": config.muon_lr, "adam": config.adam_lr}
        groups: list[dict[str, Any]] = [{"params": others, "weight_decay": 0.0}]
        if config.fsdp or config.lora_rank:
            groups.append({"params": matrices, "weight_decay": decay})
        else:
            self._optimisers["muon"] = Muon(
                matrices, lr=config.muon_lr, weight_decay=decay, momentum=_MOMENTUM
            )
        groups = [group for group in groups if group["params"]]
        fused = not config.fsdp and all(one.is_cuda for one in self._parameters)
        self._optimisers["adam"] = torch.optim.AdamW(
            groups, lr=config.adam_lr, betas=_BETAS, fused=fused or None
        )

    def step(self, rate: float, scaler: torch.amp.GradScaler) -> Tensor:
        """Clip the gradients, update the weights at `rate` times the peak learning rates.

        Args:
            rate: 0 to 1.
            scaler: Has scaled the loss, or is turned off; it leaves out steps that overflow.

        Returns:
            The norm of the gradient before clipping, on its device.
        """
        for optimiser in self._optimisers.values():
            scaler.unscale_(optimiser)
        norm = nn.utils.clip_grad_norm_(self._parameters, self._config.clip)
        for name, optimiser in self._optimisers.items():
            for group in optimiser.param_groups:
                group["lr"] = rate * self._peaks[name]
            scaler.step(optimiser)
            optimiser.zero_grad(set_to_none=True)
        scaler.update()
        return norm.full_tensor() if self._config.fsdp and hasattr(norm, "full_tensor") else norm

    def state_dict(self) -> dict[str, Any]:
        """Return all that resuming needs. With fsdp, all processes must call this together."""
        if self._config.fsdp:
            from meloformer.training.parallel.sharding import whole_optimiser_state

            return {"adam": whole_optimiser_state(self._model, self._optimisers["adam"])}
        return {name: one.state_dict() for name, one in self._optimisers.items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Resume from what `state_dict` gave."""
        if self._config.fsdp:
            from meloformer.training.parallel.sharding import load_whole_optimiser_state

            load_whole_optimiser_state(self._model, self._optimisers["adam"], state["adam"])
            return
        for name, one in self._optimisers.items():
            one.load_state_dict(state[name])


def split_parameters(model: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Split what is trained: the matrices between layers, and embeddings, norms and gains."""
    embeddings = {
        id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)
    }
    matrices: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for parameter in filter(lambda one: one.requires_grad, model.parameters()):
        is_matrix = parameter.ndim == 2 and id(parameter) not in embeddings
        (matrices if is_matrix else others).append(parameter)
    return matrices, others


def rate_at(step: int, fraction: float, config: TrainConfig) -> float:
    """Return the learning rate as a share of its peak: warm-up, stable, linear decay.

    Args:
        step: From 0.
        fraction: How much of the run is over, 0 to 1.
        config: Gives the length of both slopes.
    """
    warmup = (step + 1) / max(config.warmup_steps, 1)
    remaining = (1.0 - fraction) / config.decay if config.decay else 1.0
    return max(min(warmup, remaining, 1.0), 0.0)
