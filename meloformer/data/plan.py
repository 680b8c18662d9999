"""The plan of an epoch, a pure function of lengths, settings and epoch: what is in which row.

Pieces that fit a row stay whole and share rows by best fit. Longer pieces are laid end to end in a
drawn order, as one line of tokens, and the line is poured into what the short ones leave of their
rows and then into rows of its own; where a row ends, the piece is cut, elsewhere in each epoch.
So rows are full, and only the loop over short pieces is not vectorised.

A crop begins at the first bar line from its place on and ends where its room does: at a cut, part
of a bar may be read twice in an epoch or not at all.

Axes: D documents drawn, U units (a document or a stretch of one), R rows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.data.config import LoaderConfig
from meloformer.data.shards import Shards
from meloformer.errors import DataError

INSERTED_TOKENS = 3
"""BOS, metre and tempo, which a crop from within a piece may have in addition to its bars."""
_LEAST_TOKENS = 64
"""A stretch shorter than this is left out of its epoch."""
_PASS, _PLAN = 1, 2  # so that no two generators are seeded alike

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class EpochPlan:
    """The units of an epoch by row, and the order of the rows."""

    document: NDArray[np.int32]
    """(U,), int32."""
    start: NDArray[np.int32]
    """Token of the document from which on the unit is read; 0 is the piece's beginning. (U,)."""
    tokens: NDArray[np.int32]
    """Room that the unit has in its row. (U,), int32."""
    first_unit: Ints
    """First unit of each row, and U. (R + 1,)."""
    order: Ints
    """Rows in the order in which they are read. (R,)."""

    @property
    def num_rows(self) -> int:
        """Number of rows, R."""
        return len(self.order)

    def row(self, place: int) -> list[tuple[int, int, int]]:
        """Return document, start and room of each unit of the row that is read at `place`."""
        row = self.order[place]
        units = slice(self.first_unit[row], self.first_unit[row + 1])
        columns = (self.document[units], self.start[units], self.tokens[units])
        return list(zip(*(column.tolist() for column in columns), strict=True))


def plan_epoch(shards: Shards, config: LoaderConfig, epoch: int) -> EpochPlan:
    """Decide which music an epoch holds and how it is packed; tokens are not looked at.

    Raises:
        DataError: The shares leave nothing to train on.
    """
    rng = np.random.default_rng((_PLAN, config.seed, epoch))
    context = config.context_tokens
    documents = rng.permutation(draw_documents(shards, config, epoch))
    lengths = np.diff(shards.offsets)[documents]
    fits = lengths <= context
    rows, room_left = best_fit(lengths[fits], context, rng)
    short = np.stack((documents[fits], np.zeros_like(rows), lengths[fits], rows))

    long = documents[~fits]
    opens = rng.random(len(long)) < config.opening
    begin = np.where(opens, context - INSERTED_TOKENS, 0)  # of what the line has of each
    poured = pour(lengths[~fits] - begin, room_left, context, rng)
    poured[1] += begin[poured[0]]
    poured[0] = long[poured[0]]

    next_row = max(len(room_left), poured[3].max(initial=-1) + 1)
    opening = np.zeros((4, np.count_nonzero(opens)), dtype=np.int64)
    opening[0] = long[opens]
    opening[2] = context
    opening[3] = next_row + np.arange(opening.shape[1])
    return _by_row(np.concatenate((short, poured, opening), axis=1), rng)


def _by_row(units: Ints, rng: np.random.Generator) -> EpochPlan:
    """Bring units together that share a row, and draw an order of the rows.

    Args:
        units: Document, start, tokens and row of each. (4, U).
        rng: Draws the order.
    """
    units = units[:, np.argsort(units[3], kind="stable")]
    first_unit = np.flatnonzero(np.diff(units[3], prepend=-1, append=units[3, -1] + 1))
    document, start, tokens = units[:3].astype(np.int32)
    return EpochPlan(document, start, tokens, first_unit, rng.permutation(len(first_unit) - 1))


def draw_documents(shards: Shards, config: LoaderConfig, epoch: int) -> Ints:
    """Draw the documents of an epoch; one that is read twice is named twice. (D,), by set.

    An epoch has as many tokens as the corpus. A set whose share makes it to be read 2.4 times an
    epoch is read in passes one after the other, each in an order of its own: the first epoch takes
    the first two and 0.4 of the third, the second goes on from there.
    """
    drawn = []
    lengths, first = np.diff(shards.offsets), shards.first_document
    for index, passes in enumerate(_passes(shards, config)):
        of_set = lengths[first[index] : first[index + 1]]
        begin, end = epoch * passes, (epoch + 1) * passes
        for number in range(int(begin), int(np.ceil(end))):
            rng = np.random.default_rng((_PASS, config.seed, index, number))
            chosen = _part_of_pass(of_set, begin - number, end - number, rng)
            drawn.append(first[index] + chosen)
    return np.concatenate(drawn)


def _part_of_pass(lengths: Ints, begin: float, end: float, rng: np.random.Generator) -> Ints:
    """Return the documents of a pass between two places, 0 its beginning and 1 its end."""
    if begin <= 0 and end >= 1:
        return np.arange(len(lengths))
    order = rng.permutation(len(lengths))
    middle = np.cumsum(lengths[order]) - lengths[order] / 2
    place = middle / lengths.sum()
    return np.asarray(order[(place >= begin) & (place < end)])


def _passes(shards: Shards, config: LoaderConfig) -> list[float]:
    """Return how often each set is read in an epoch."""
    tokens = np.array([one.tokens for one in shards.sets], dtype=np.float64)
    share = tokens / tokens.sum()
    for index, one in enumerate(shards.sets):
        share[index] = config.shares.get(one.name, share[index])
    if share.sum() <= 0:
        raise DataError("the shares leave no document set to train on")
    passes = share / share.sum() * tokens.sum() / tokens
    return [round(one, 9) for one in passes.tolist()]  # exactly 1 where nothing is weighted


def best_fit(lengths: Ints, room: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Put each length into the fullest row that still has room for it, else into a new one.

    Roughly in descending order, which packs well; not exactly, lest the same pieces meet in every
    epoch. A bit for each amount of room says whether some row has just that left.

    Args:
        lengths: At most `room` each. (D,).
        room: Length of a row.
        rng: Draws the order.

    Returns:
        The row of each length, (D,), and the room left in each row.
    """
    order = np.argsort(-lengths * rng.uniform(0.8, 1.0, len(lengths)))
    row_of = np.empty(len(lengths), dtype=np.int64)
    room_left: list[int] = []
    rows_with: list[list[int]] = [[] for _ in range(room + 1)]
    amounts = 0
    for index, length in zip(order.tolist(), lengths[order].tolist(), strict=True):
        enough = amounts >> length
        if enough:
            amount = length + (enough & -enough).bit_length() - 1
            row = rows_with[amount].pop()
            if not rows_with[amount]:
                amounts ^= 1 << amount
        else:
            row = len(room_left)
            room_left.append(room)
        room_left[row] -= length
        rows_with[room_left[row]].append(row)
        amounts |= 1 << room_left[row]
        row_of[index] = row
    return row_of, np.array(room_left, dtype=np.int64)


def pour(lengths: Ints, room_left: Ints, context: int, rng: np.random.Generator) -> Ints:
    """Lay pieces end to end and cut the line where the room of a row ends.

    Args:
        lengths: Of pieces in order.
        room_left: What there is in rows that are begun; new rows come after them.
        context: Length of a new row.
        rng: Draws in which order the rows are filled.

    Returns:
        Piece, start in it, tokens with those that a crop inserts, and row, of each unit in the
        order of the line. (4, U).
    """
    least = min(_LEAST_TOKENS, context // 4)
    begun = np.flatnonzero(room_left >= least + INSERTED_TOKENS)
    total, new_room = int(lengths.sum()), context - INSERTED_TOKENS
    missing = total - int((room_left[begun] - INSERTED_TOKENS).sum())
    new = len(room_left) + np.arange(max(0, -(-missing // new_room)))
    rows = rng.permutation(np.concatenate((begun, new)))
    room = np.append(room_left - INSERTED_TOKENS, np.full(len(new), new_room))[rows]

    piece_ends, row_ends = np.cumsum(lengths), np.cumsum(room)
    ends = np.union1d(piece_ends, row_ends[row_ends < total])
    begins = ends - np.diff(ends, prepend=0)
    piece = np.searchsorted(piece_ends, begins, side="right")
    start = begins - (piece_ends - lengths)[piece]
    tokens = ends - begins + INSERTED_TOKENS * (start > 0)
    row = rows[np.searchsorted(row_ends, begins, side="right")]
    return np.stack((piece, start, tokens, row))[:, tokens >= least]
