"""Batches of training rows, made here or ahead by other processes.

Axes: B rows, T positions.
"""

from collections.abc import Iterator
from contextlib import closing
from itertools import count

import torch
from torch import Tensor

from meloformer.data.config import LoaderConfig
from meloformer.data.made_ahead import MadeAhead
from meloformer.data.packing import Batch
from meloformer.data.rows import TrainingRows
from meloformer.data.shards import Shards


class Loader:
    """Makes the batches of one process of a run; see `TrainingRows`.

    Args:
        shards: What is trained on.
        config: How rows are made; `rows` are those of this process.
        rank: Which of the processes this is, from 0.
        world_size: How many processes share the epoch, each taking every `world_size`-th row.
    """

    def __init__(
        self, shards: Shards, config: LoaderConfig, *, rank: int = 0, world_size: int = 1
    ) -> None:
        self.rows = TrainingRows(shards, config, rank=rank, world_size=world_size)
        self.rows_per_epoch = self.rows.rows_per_epoch
        """Of all processes together."""

    def batch(self, step: int) -> Batch:
        """Make the batch of a step, always the same for the same step."""
        return Batch(*self.columns(step))

    def columns(self, step: int) -> Tensor:
        """Make the fields of the batch of a step as one tensor. (9, B, T), int64."""
        return torch.from_numpy(self.rows.columns(step))

    def batches(self, first_step: int = 0, workers: int = 0) -> Iterator[Batch]:
        """Yield the batches from a step on, without end; other processes, if any, make them ahead.

        Args:
            first_step: Where to begin; it is all that resuming needs.
            workers: Processes; with 0 each batch is made here when it is asked for.
        """
        for columns in self.all_columns(first_step, workers):
            yield Batch(*columns.long())

    def all_columns(self, first_step: int = 0, workers: int = 0) -> Iterator[Tensor]:
        """Yield the same as one tensor each, which is quick to send. (9, B, T), int64 or int32."""
        if workers == 0:
            yield from map(self.columns, count(first_step))
            return
        with closing(MadeAhead(self.rows, first_step + 1, workers)) as made:
            yield self.columns(first_step)  # while the processes start
            yield from map(torch.from_numpy, made)
