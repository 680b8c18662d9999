"""Batches: packed rows as the model reads them.

Axes: B rows, T positions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from meloformer.data.columns import NOT_SCORED as NOT_SCORED
from meloformer.data.columns import packed_columns
from meloformer.model.inputs import Inputs


@dataclass(frozen=True, eq=False)
class Batch:
    """Packed rows. All (B, T), int64."""

    ids: Tensor
    targets: Tensor
    """The next token, or `NOT_SCORED`."""
    type: Tensor
    bar: Tensor
    part: Tensor
    note: Tensor
    onset: Tensor
    doc: Tensor
    """Document in the row, from 0; padding -1."""
    order: Tensor
    """Place in the stream of the row."""

    @property
    def inputs(self) -> Inputs:
        """The columns that the model reads."""
        return Inputs(
            ids=self.ids,
            type=self.type,
            bar=self.bar,
            onset=self.onset,
            part=self.part,
            note=self.note,
            doc=self.doc,
            order=self.order,
        )


def pack(rows: Sequence[Sequence[NDArray[np.uint16]]], context_tokens: int) -> Tensor:
    """Return the fields of a `Batch`, as one tensor; see `packed_columns`. (9, B, T), int64."""
    return torch.from_numpy(packed_columns(rows, context_tokens))
