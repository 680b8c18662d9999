"""The layout of rows in memory, for tensors; `placement` says what it is and makes it.

Axes: B row, T position.
"""

import torch
from torch import Tensor

from meloformer.model.attention.placement import RowFields, places
from meloformer.model.config import ModelConfig
from meloformer.model.inputs import Inputs


def layout(inputs: Inputs, config: ModelConfig) -> Tensor:
    """Return which token lies where, for each row the choice with about the fewest blocks.

    Args:
        inputs: Rows in any order.
        config: Whose rule is followed.

    Returns:
        Position in `inputs` of each token of the row as it is to lie. (B, T), int64, on the CPU.
    """
    return torch.from_numpy(places(row_fields(inputs), config))


def row_fields(inputs: Inputs) -> RowFields:
    """Return what a layout goes by."""
    return RowFields(*(getattr(inputs, name).cpu().numpy() for name in RowFields._fields))


def taken(row: Inputs, positions: Tensor) -> Inputs:
    """Return the tokens of a single row at some positions, in their order. (1, len(positions))."""
    return Inputs(*(field[:, positions] for field in row))
