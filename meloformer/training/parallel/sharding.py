"""FSDP2: each process keeps a share of every weight, and layers are put together when they run.

Weights and optimiser states are read and written whole, so that a checkpoint knows nothing of how
many processes made it. All processes must call these functions at the same time.
"""

import torch
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import (
    OptimizerStateType,
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
)
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

from meloformer.model.transformer import MeloFormer

_WHOLE = StateDictOptions(full_state_dict=True, cpu_offload=True)
_FROM_WHOLE = StateDictOptions(full_state_dict=True)


def shard(model: MeloFormer, device: torch.device) -> None:
    """Split a model over all processes, in place."""
    mesh = init_device_mesh(device.type, (torch.distributed.get_world_size(),))
    for block in model.layers:
        # A block itself is never called: its two halves are.
        fully_shard(block.attention, mesh=mesh)
        fully_shard(block.ffn, mesh=mesh)
    # The rest too is split again after each forward pass: one that only measures has no backward
    # pass to do it, and what is whole cannot be averaged with what is split.
    fully_shard(model, mesh=mesh, reshard_after_forward=True)


def whole_state(model: nn.Module) -> dict[str, Tensor]:
    """Return the weights, whole, on the CPU; empty on all processes but the first."""
    return get_model_state_dict(model, options=_WHOLE)  # type: ignore[return-value]  # all tensors


def load_whole_state(model: nn.Module, state: dict[str, Tensor]) -> None:
    """Load what `whole_state` gave; each process has all of it and keeps its share."""
    set_model_state_dict(model, state, options=_FROM_WHOLE)  # type: ignore[arg-type]  # likewise


def whole_optimiser_state(model: nn.Module, optimiser: torch.optim.Optimizer) -> OptimizerStateType:
    """Return the optimiser's state, whole, by the names of the weights."""
    return get_optimizer_state_dict(model, optimiser, options=_WHOLE)


def load_whole_optimiser_state(
    model: nn.Module, optimiser: torch.optim.Optimizer, state: OptimizerStateType
) -> None:
    """Load what `whole_optimiser_state` gave."""
    set_optimizer_state_dict(model, optimiser, state, options=_FROM_WHOLE)
