"""The columns of batches: streams side by side in rows, and what the model reads of each position.

Loads without torch: so do the processes that make batches.

Axes: B rows, T positions.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from meloformer.data.agreement import check_agreement
from meloformer.score.part import MAX_INSTANCES
from meloformer.tokens.annotate import METRE_TICKS, TYPE_OF_KIND
from meloformer.tokens.vocabulary import Kind, vocabulary

check_agreement()

COLUMNS = ("ids", "targets", "type", "bar", "part", "note", "onset", "doc", "order")
"""Their names, in their order; `Batch` says what they hold."""
NOT_SCORED = -1
"""Target of a position that predicts nothing: padding, and the end of a document."""

Ints = NDArray[np.int64]


def packed_columns(rows: Sequence[Sequence[NDArray[np.uint16]]], context_tokens: int) -> Ints:
    """Lay streams side by side in rows and annotate each as if it stood alone.

    Args:
        rows: The streams of each row, from BOS on; they may stop anywhere. Together they are no
            longer than a row.
        context_tokens: Length of a row; what the streams leave is padding.

    Returns:
        `COLUMNS`. (9, B, T).
    """
    packed = np.full((len(rows), context_tokens), vocabulary().id(Kind.PAD), dtype=np.uint16)
    for row, streams in zip(packed, rows, strict=True):
        stop = 0
        for ids in streams:
            row[stop : stop + len(ids)] = ids
            stop += len(ids)
    columns = np.empty((len(COLUMNS), packed.size), dtype=np.int64)
    _annotate(packed, columns)
    return columns.reshape(-1, *packed.shape)


def _annotate(packed: NDArray[np.uint16], columns: NDArray[np.int64]) -> None:
    """Fill the columns of a batch: what `tokens.annotate` says, of all streams at once.

    That is many times faster than stream by stream where they are short.

    Args:
        packed: Rows of streams. (B, T), uint16.
        columns: To be filled. (9, B * T).
    """
    vocab, context = vocabulary(), packed.shape[1]
    ids = packed.reshape(-1)
    kind, value = vocab.kind[ids], vocab.value[ids]
    begins = kind == Kind.BOS
    begins[::context] = True  # a row without any stream
    starts = np.flatnonzero(begins)
    lengths = np.append(starts[1:], len(ids)) - starts
    is_pad, is_note, is_sum = kind == Kind.PAD, kind >= Kind.ONSET, kind == Kind.SUM
    bar = _count(is_sum, starts, lengths) - is_sum
    onset = _onsets(kind, value, is_note)
    for fill in np.flatnonzero(kind == Kind.FILL):
        stream = int(np.searchsorted(starts, fill, side="right")) - 1
        inside = slice(starts[stream], starts[stream] + lengths[stream])
        _put_in_gaps(kind[inside], bar[inside], onset[inside])
    row = starts // context
    document = np.arange(len(starts)) - np.searchsorted(row, row)

    columns[0] = ids
    columns[1] = _targets(ids, starts, is_pad)
    columns[2] = TYPE_OF_KIND[kind]
    columns[3] = np.where(is_pad, 0, bar)
    columns[4] = _parts(kind, value)
    columns[5] = np.where(is_note, _count(kind == Kind.ONSET, starts, lengths) - 1, -1)
    columns[6] = onset
    columns[7] = np.where(is_pad, -1, np.repeat(document, lengths))
    columns[8].reshape(packed.shape)[:] = np.arange(context)


def _count(where: NDArray[np.bool_], starts: Ints, lengths: Ints) -> Ints:
    """Count how often `where` has held in the stream up to and including each place."""
    count = np.cumsum(where)
    return count - np.repeat(count[starts] - where[starts], lengths)


def _targets(ids: NDArray[np.uint16], starts: Ints, is_pad: NDArray[np.bool_]) -> Ints:
    targets = np.append(ids[1:], 0).astype(np.int64)
    targets[starts - 1] = NOT_SCORED  # the last place of all comes before the first start
    targets[np.append(is_pad[1:], True)] = NOT_SCORED
    return targets


def _onsets(
    kind: NDArray[np.uint8], value: NDArray[np.int32], is_note: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """Return the onset of notes, of SUM the length of the bar by the metre in force, else 0."""
    onset = np.where(is_note, _latest(value, np.flatnonzero(kind == Kind.ONSET)), 0)
    sums, metres = np.flatnonzero(kind == Kind.SUM), np.flatnonzero(kind == Kind.METRE)
    in_force = metres[np.searchsorted(metres, sums) - 1]
    onset[sums] = METRE_TICKS[value[in_force]]
    return onset


def _parts(kind: NDArray[np.uint8], value: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the part of notes and headers, else -1; see `Annotation.part`."""
    headers = np.flatnonzero((kind == Kind.PROGRAM) | (kind == Kind.INSTANCE))
    number = np.zeros_like(value)
    number[headers] = np.where(
        kind[headers] == Kind.PROGRAM,
        value[headers] * MAX_INSTANCES,
        value[headers - 1] * MAX_INSTANCES + value[headers] + 1,
    )
    return np.where(kind >= Kind.PROGRAM, _latest(number, headers), -1)


def _latest(value: NDArray[np.int32], places: Ints) -> NDArray[np.int32]:
    """Return `value` at the last of the ascending `places` up to each position; 0 before them."""
    latest = np.zeros_like(value)
    if len(places):
        counts = np.append(places[1:], len(value)) - places
        latest[places[0] :] = np.repeat(value[places], counts)
    return latest


def _put_in_gaps(kind: NDArray[np.uint8], bar: Ints, onset: NDArray[np.int32]) -> None:
    """Give the bars after FILL the index and the length of the bars they fill, in place.

    Args:
        kind: Of one stream and the padding after it, like the others.
        bar: Counted by SUM.
        onset: Of SUM, by the last metre of the stream.
    """
    fill = int(np.argmax(kind == Kind.FILL))
    num_bars = int(bar[fill])
    gaps = np.append(bar[:fill][kind[:fill] == Kind.GAP], num_bars)
    bar[fill + 1 :] = gaps[np.minimum(bar[fill + 1 :] - num_bars, len(gaps) - 1)]
    sums = np.flatnonzero(kind == Kind.SUM)
    onset[sums[num_bars:]] = onset[sums[bar[sums[num_bars:]]]]
