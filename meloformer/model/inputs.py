"""What the model reads: token ids and what `annotate` says of each token.

Axes: B row, T position.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_PADDING = (0, 0, 0, 0, -1, -1, -1, 0)
"""The fields of a position that holds nothing."""

Column = NDArray[np.integer] | Sequence[int]


class Inputs(NamedTuple):
    """Token ids and their musical place; every field is (B, T), int64."""

    ids: Tensor
    type: Tensor
    """`TokenType`."""
    bar: Tensor
    """Musical bar index."""
    onset: Tensor
    """Ticks from the bar line: notes theirs, a summary the bar's length, else 0."""
    part: Tensor
    """Part number of note tokens and headers, else -1."""
    note: Tensor
    """Index of the note, shared by its four tokens, else -1."""
    doc: Tensor
    """Which document of a packed row; padding is -1."""
    order: Tensor
    """Position in the stream, whatever the layout in memory; distinct within a row."""

    @classmethod
    def from_stream(
        cls,
        ids: Column,
        type: Column,
        bar: Column,
        onset: Column,
        part: Column,
        note: Column,
        *,
        first_order: int = 0,
    ) -> "Inputs":
        """Return one row from the columns of one document, or of its next tokens.

        Args:
            ids: Token ids; like every other column, (T,).
            type: `TokenType` of each.
            bar: Bar index of each.
            onset: Ticks from the bar line.
            part: Part number, or -1.
            note: Note index, or -1.
            first_order: Stream position of the first token, 0 at the start of the document.

        Returns:
            (1, T).
        """
        order = np.arange(first_order, first_order + len(ids))
        columns = (ids, type, bar, onset, part, note, np.zeros_like(order), order)
        return cls(
            *(torch.from_numpy(np.asarray(column, dtype=np.int64))[None] for column in columns)
        )

    def to(self, device: torch.device | str) -> "Inputs":
        """Return the same on another device."""
        return Inputs(*(field.to(device, non_blocking=True) for field in self))

    def slice(self, first: int, last: int | None = None) -> "Inputs":
        """Return positions [first, last) of every row."""
        return Inputs(*(field[:, first:last] for field in self))

    def padded(self, length: int) -> "Inputs":
        """Return every row with padding behind it, `length` positions in all."""
        missing = length - self.ids.shape[1]
        if not missing:
            return self
        last = self.order.amax(dim=1, keepdim=True)
        padding = Inputs(
            *(last.new_full((1, 1), value).expand(len(last), missing) for value in _PADDING)
        )._replace(order=last + 1 + torch.arange(missing, device=last.device))
        return Inputs(*(torch.cat(pair, dim=1) for pair in zip(self, padding, strict=True)))

    def repeat(self, rows: int) -> "Inputs":
        """Return the single row, `rows` times."""
        return Inputs(*(field.expand(rows, -1) for field in self))
