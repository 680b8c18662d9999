"""Training rows from shards: planned by epoch, cut at bar lines, varied, packed, laid out.

A batch is a pure function of the shards, the settings and the step: any process can make any
batch, a run resumes exactly from the number of its step, and there is no other state. Loads without
torch: so do the processes that make batches.

Axes: B rows, T positions.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meloformer.data.augment import drop_part, enter_late, vary
from meloformer.data.columns import COLUMNS, Ints, packed_columns
from meloformer.data.config import LoaderConfig
from meloformer.data.crops import crop_from
from meloformer.data.gaps import near_gaps, with_gap, with_part_open
from meloformer.data.plan import plan_epoch
from meloformer.data.shards import Shards, open_shards
from meloformer.model.attention.placement import RowFields, places

_ROW = 3  # so that no generator of the plan is seeded alike


class TrainingRows:
    """Makes the rows of one process of a run.

    Args:
        shards: What is trained on.
        config: How rows are made; `rows` are those of this process.
        rank: Which of the processes this is, from 0.
        world_size: How many processes share the epoch, each taking every `world_size`-th row.
    """

    def __init__(
        self, shards: Shards, config: LoaderConfig, *, rank: int = 0, world_size: int = 1
    ) -> None:
        self._shards = shards
        self._ids = np.asarray(shards.ids)  # slices of a memmap are slow to make
        self._config = config
        self._rank, self._world_size = rank, world_size
        self._epoch, self._plan = 0, plan_epoch(shards, config, 0)
        self.rows_per_epoch = self._plan.num_rows
        """Of all processes together. A later epoch may be packed into a few rows more or less: then
        as many are left out, or read twice."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """The shape of the columns of a batch, (9, B, T)."""
        return len(COLUMNS), self._config.rows, self._config.context_tokens

    def columns(self, step: int) -> Ints:
        """Make the columns of the batch of a step, always the same for the same step. (9, B, T)."""
        config = self._config
        first = step * config.rows * self._world_size + self._rank
        numbers = range(first, first + config.rows * self._world_size, self._world_size)
        columns = packed_columns([self._row(one) for one in numbers], config.context_tokens)
        if config.layout is None:
            return columns
        by_name = dict(zip(COLUMNS, columns, strict=True))
        laid = places(RowFields(*(by_name[name] for name in RowFields._fields)), config.layout)
        begins = config.context_tokens * np.arange(config.rows)[:, None]
        flat = columns.reshape(len(COLUMNS), -1)
        # Targets too: nothing is put back.
        return flat.take((begins + laid).reshape(-1), axis=1).reshape(columns.shape)

    def _row(self, number: int) -> list[NDArray[np.uint16]]:
        """Make the streams of a row, counted over all epochs and processes."""
        epoch, place = divmod(number, self.rows_per_epoch)
        if epoch != self._epoch:
            self._epoch, self._plan = epoch, plan_epoch(self._shards, self._config, epoch)
        rng = np.random.default_rng((_ROW, self._config.seed, epoch, place))
        *others, last = self._plan.row(place % self._plan.num_rows)
        streams = [stream for unit in others for stream in self._streams(*unit, rng)]
        # Only the last unit may have been cut where the row ends: it takes what is left.
        document, start, _ = last
        room = self._config.context_tokens - sum(map(len, streams))
        return [*streams, *self._streams(document, start, room, rng)]

    def _streams(
        self, document: int, start: int, room: int, rng: np.random.Generator
    ) -> list[NDArray[np.uint16]]:
        """Make a crop of a document, varied, or several; at most `room` tokens together."""
        config, offsets = self._config, self._shards.offsets
        drops, fills = rng.random(2) < (config.part_dropout, config.fill)
        is_late = config.late_part > 0 and rng.random() < config.late_part
        ids = self._ids[offsets[document] : offsets[document + 1]]
        # Without one of its parts, a longer crop fits.
        ids = crop_from(ids, start, 2 * room if drops or is_late else room)
        if drops:
            ids = drop_part(ids, rng)
        if is_late:
            ids = enter_late(ids, room, rng)
        streams = self._with_gaps(ids, room, rng) if fills else [ids[:room]]
        return [vary(stream, config, rng) for stream in streams]

    def _with_gaps(
        self, ids: NDArray[np.uint16], room: int, rng: np.random.Generator
    ) -> list[NDArray[np.uint16]]:
        """Make a fill sample of a crop, of the kind that is drawn, or several."""
        config = self._config
        if config.open_part > 0 and rng.random() < config.open_part:
            return [with_part_open(ids, room, rng)]
        if config.near_gaps > 0 and rng.random() < config.near_gaps:
            return near_gaps(ids, room, rng, config.gap_bars)
        return [with_gap(ids, room, rng, config.gap_bars)]

    def __getstate__(self) -> dict[str, Any]:
        """Return the state for another process: the path of the tokens instead of the tokens."""
        state = self.__dict__ | {"_ids": None}
        if isinstance(self._shards.ids, np.memmap):
            state["_shards"] = Path(str(self._shards.ids.filename)).parent
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        if isinstance(state["_shards"], Path):
            state["_shards"] = open_shards(state["_shards"])
        self.__dict__.update(state)
        self._ids = np.asarray(self._shards.ids)
