"""Training rows from shards: drawn by share, cut at bar lines, varied, packed.

A batch is a pure function of the shards, the settings and the step, so a run resumes exactly
without any state of its own.

Axes: B rows, T positions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from meloformer.data.augment import augment
from meloformer.data.config import LoaderConfig
from meloformer.data.crops import index_bars
from meloformer.data.shards import Shards
from meloformer.errors import DataError
from meloformer.model.inputs import Inputs
from meloformer.tokens import annotate
from meloformer.tokens.vocabulary import Kind, vocabulary

NOT_SCORED = -1
"""Target of a position that predicts nothing: padding, and the end of a document."""
_MIN_CROP_TOKENS = 64
"""Less room than this at the end of a row stays empty."""
_INSERTED_TOKENS = 3
"""BOS, metre and tempo, which a crop may have in addition to its bars."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Batch:
    """Packed rows with everything the model must know of each position. All (B, T), int64."""

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
        """What the model reads of it."""
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


def pack_row(streams: Sequence[NDArray[np.uint16]], context_tokens: int) -> NDArray[np.int64]:
    """Lay streams side by side in one row.

    Returns:
        ids, targets, type, bar, part, note, onset, doc and order. (9, T), int64.
    """
    row = np.zeros((9, context_tokens), dtype=np.int64)
    row[0] = vocabulary().id(Kind.PAD)
    row[1] = NOT_SCORED
    row[4:6] = row[7] = -1
    row[8] = np.arange(context_tokens)
    start = 0
    for document, ids in enumerate(streams):
        stop = start + len(ids)
        note = annotate(ids)
        row[0, start:stop] = ids
        row[1, start : stop - 1] = ids[1:]
        row[2:7, start:stop] = note.type, note.bar, note.part, note.note, note.onset
        row[7, start:stop] = document
        start = stop
    return row


def make_batch(rows: Sequence[NDArray[np.int64]]) -> Batch:
    """Stack packed rows into a batch."""
    names = ("ids", "targets", "type", "bar", "part", "note", "onset", "doc", "order")
    stacked = torch.from_numpy(np.stack(rows, axis=1))
    return Batch(**dict(zip(names, stacked, strict=True)))


class Loader:
    """Draws batches from shards."""

    def __init__(self, shards: Shards, config: LoaderConfig) -> None:
        self._config = config
        self._bars = index_bars(shards)
        self._offsets = shards.offsets
        self._set_bounds = shards.offsets[shards.first_document]
        self._weights = _weights(shards, config)

    def batch(self, step: int) -> Batch:
        """The batch of a step; the same for the same step, always."""
        return make_batch([self._row(step, row) for row in range(self._config.rows)])

    def _row(self, step: int, row: int) -> NDArray[np.int64]:
        rng = np.random.default_rng((self._config.seed, step, row))
        room = self._config.context_tokens
        streams = []
        while room >= _MIN_CROP_TOKENS:
            crop = self._bars.crop(self._draw_bar(rng, room), room)
            streams.append(augment(crop, self._config, rng))
            room -= len(streams[-1])
        return pack_row(streams, self._config.context_tokens)

    def _draw_bar(self, rng: np.random.Generator, room: int) -> int:
        """A bar to start a crop at: a set by its share, a token of it, the bar of that token."""
        chosen = rng.choice(len(self._weights), p=self._weights)
        low, high = self._set_bounds[chosen : chosen + 2]
        position = int(rng.integers(low, high))
        document = int(np.searchsorted(self._offsets, position, side="right")) - 1
        first = int(self._offsets[document])
        if rng.random() < self._config.opening:
            return self._bars.bar_at(first + 1)
        # A start close to the end would waste the room: go back to where the rest just fits.
        last = int(self._offsets[document + 1]) - room + _INSERTED_TOKENS
        if position > last:
            return self._bars.bar_from(max(last, first + 1))
        return self._bars.bar_at(max(position, first + 1))


def _weights(shards: Shards, config: LoaderConfig) -> NDArray[np.float64]:
    """Probability to draw each set, such that its tokens get its share. (S,), float64."""
    lengths = np.diff(shards.offsets).astype(np.float64)
    crops = np.minimum(lengths, config.context_tokens) * lengths
    first = shards.first_document[:-1]
    weights = np.add.reduceat(lengths, first)
    crop_tokens = np.add.reduceat(crops, first) / weights
    weights /= weights.sum()
    for index, one in enumerate(shards.sets):
        weights[index] = config.shares.get(one.name, weights[index])
    if weights.sum() <= 0:
        raise DataError("the shares leave no document set to train on")
    weights /= crop_tokens
    return np.asarray(weights / weights.sum())
