"""LoRA: fine-tuning by low-rank matrices beside the linear layers.

After Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models" (2021): a frozen matrix W
becomes W + (alpha / rank) B A, with A (rank, in) and B (out, rank) trained. B begins at zero, and
so the model begins as it was. What comes out of a run is a plain model, its matrices summed up:
composing with it needs nothing of this file.

Queries, keys and values are one matrix in this model and share one A, and so do both halves of the
gated feed-forward layer.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from meloformer.errors import CheckpointError, ConfigError

StateDict = dict[str, Tensor]


class LoraLinear(nn.Module):
    """A linear layer whose own weight is frozen, and a low-rank one beside it.

    It has no `weight` on purpose: code that reads weights directly, as decoding one token does,
    must be given the merged model, and fails instead of leaving out what was learned.
    """

    def __init__(self, base: nn.Linear, rank: int, alpha: float) -> None:
        super().__init__()
        self.base = base.requires_grad_(False)
        self.scale = alpha / rank
        weight = base.weight
        # A draws random directions of about unit length out of its input.
        self.lora_a = nn.Parameter(weight.new_empty(rank, base.in_features))
        nn.init.normal_(self.lora_a, std=base.in_features**-0.5)
        self.lora_b = nn.Parameter(weight.new_zeros(base.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., in) to (..., out)."""
        low = linear(x, self.lora_a) * self.scale  # (..., rank)
        return self.base(x) + linear(low, self.lora_b)  # type: ignore[no-any-return]  # nn.Module

    @torch.no_grad()
    def merged_weight(self) -> Tensor:
        """Return the weight of the one linear layer that computes the same. (out, in)."""
        return self.base.weight + self.scale * (self.lora_b @ self.lora_a)


def add_lora(model: nn.Module, rank: int, alpha: float | None = None) -> list[nn.Parameter]:
    """Freeze a model and put a trainable low-rank layer beside each of its linear layers, in place.

    Args:
        model: A plain model.
        rank: Of the matrices that are trained; the higher, the more can be learned.
        alpha: What is learned counts `alpha / rank` times; by default twice.

    Returns:
        All that is left to train.

    Raises:
        ConfigError: The rank does not fit the layers, or the model has such layers already.
    """
    if _lora_layers(model):
        raise ConfigError("the model has low-rank layers already", hint="merge them first")
    layers = [
        (parent, name, layer)
        for parent in model.modules()
        for name, layer in parent.named_children()
        if isinstance(layer, nn.Linear)
    ]
    highest = min((min(layer.weight.shape) for _, _, layer in layers), default=0)
    if not 1 <= rank <= highest:
        raise ConfigError(f"the rank of LoRA is from 1 to {highest} for this model, not {rank}")
    model.requires_grad_(False)
    for parent, name, layer in layers:
        setattr(parent, name, LoraLinear(layer, rank, 2 * rank if alpha is None else alpha))
    return [one for one in model.parameters() if one.requires_grad]


def merged_state_dict(model: nn.Module) -> StateDict:
    """Return the weights of the plain model that computes the same, under its names.

    Args:
        model: With low-rank layers or without.
    """
    layers = _lora_layers(model)
    merged: StateDict = {}
    for name, value in model.state_dict().items():
        owner, _, last = name.rpartition(".")
        if last in ("lora_a", "lora_b") and owner in layers:
            continue
        layer = layers.get(owner.removesuffix(".base"))
        if layer is None:
            merged[name] = value
        else:
            plain = f"{owner.removesuffix('.base')}.{last}"
            merged[plain] = layer.merged_weight() if last == "weight" else value
    return merged


def lora_state_dict(model: nn.Module) -> StateDict:
    """Return the low-rank matrices alone, a small part of a model: what was learned."""
    layers = _lora_layers(model)
    state = model.state_dict()
    return {
        f"{name}.{part}": state[f"{name}.{part}"]
        for name in layers
        for part in ("lora_a", "lora_b")
    }


def load_lora_state_dict(model: nn.Module, state: StateDict) -> None:
    """Load what `lora_state_dict` gave of a model with the same base, rank and alpha.

    Raises:
        CheckpointError: The matrices do not belong to these layers.
    """
    own = lora_state_dict(model)
    if {n: v.shape for n, v in own.items()} != {n: v.shape for n, v in state.items()}:
        raise CheckpointError(
            "the low-rank matrices do not fit the layers of this model",
            hint="they were made with another model, or another rank",
        )
    model.load_state_dict(state, strict=False)


def _lora_layers(model: nn.Module) -> dict[str, LoraLinear]:
    """Return the low-rank layers by their name in the model."""
    return {name: one for name, one in model.named_modules() if isinstance(one, LoraLinear)}
