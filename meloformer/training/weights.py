"""The weights of a run: where they start, how they are kept, what becomes a checkpoint.

A model in training may be plain, hold low-rank layers, or be split over processes; a checkpoint
is always plain and whole.
"""

import copy
from pathlib import Path

import torch
from torch import Tensor

from meloformer import checkpoint
from meloformer.checkpoint import Card
from meloformer.errors import ConfigError
from meloformer.folders import recover_folder
from meloformer.model.config import SIZES
from meloformer.model.transformer import MeloFormer
from meloformer.runs.config import TrainConfig
from meloformer.training.lora import (
    add_lora,
    load_lora_state_dict,
    lora_state_dict,
    merged_state_dict,
)

StateDict = dict[str, Tensor]


def new_model(config: TrainConfig) -> tuple[MeloFormer, Card | None]:
    """Make the model as the run begins, and return the card of its base if it has one.

    Raises:
        ConfigError: There is no such size.
        CheckpointError: The base cannot be read.
    """
    base = None
    torch.manual_seed(config.seed)
    if config.base is not None:
        model, base = checkpoint.load(config.base)
    elif config.size in SIZES:
        model = MeloFormer(SIZES[config.size])
    else:
        raise ConfigError(f"there is no size {config.size}", hint=f"one of {', '.join(SIZES)}")
    if config.lora_rank:
        add_lora(model, config.lora_rank)
    model.checkpoint_attention = config.checkpoint_attention
    model.checkpoint_ffn = config.checkpoint_ffn
    return model.train(), base


def copy_base(base: Path, own: Path) -> None:
    """Keep a copy of the base with the run, unless there is one.

    The run must be able to go on when its base has been pruned, moved, or trained further.

    Raises:
        CheckpointError: The base cannot be read.
    """
    if not recover_folder(own).exists():
        checkpoint.copy(base, own)


def averaged_copy(model: MeloFormer) -> MeloFormer:
    """Copy the model, to hold averages of the weights; the copy is not trained itself."""
    return copy.deepcopy(model).eval().requires_grad_(False)


def kept_state(model: MeloFormer, config: TrainConfig) -> StateDict:
    """Return what resuming needs of a model: low-rank layers alone, if it has them.

    With fsdp, all processes must ask for it together, and the first one gets it.
    """
    if config.fsdp:
        from meloformer.training.parallel.sharding import whole_state

        return whole_state(model)
    return lora_state_dict(model) if config.lora_rank else model.state_dict()


def load_kept_state(model: MeloFormer, state: StateDict, config: TrainConfig) -> None:
    """Load what `kept_state` gave."""
    if config.fsdp:
        from meloformer.training.parallel.sharding import load_whole_state

        load_whole_state(model, state)
    elif config.lora_rank:
        load_lora_state_dict(model, state)
    else:
        model.load_state_dict(state)


def plain_model(model: MeloFormer, kept: StateDict, config: TrainConfig) -> MeloFormer:
    """Return the one whole model that computes the same, to be saved, not to be run.

    Args:
        model: In training.
        kept: Its `kept_state`.
        config: Of the run.
    """
    with torch.device("meta"):
        plain = MeloFormer(model.config)
    plain.load_state_dict(merged_state_dict(model) if config.lora_rank else kept, assign=True)
    return plain
