"""One candidate's tokens while they are made, and what the model must know of each."""

import numpy as np
import torch
from numpy.typing import NDArray

from meloformer.model.inputs import Inputs
from meloformer.tokens import Cursor, Kind, annotate, bar_ends, crop, vocabulary

COLUMNS = ("ids", "type", "bar", "onset", "part", "note")
_BAR, _NOTE = COLUMNS.index("bar"), COLUMNS.index("note")


class Stream:
    """A growing stream with its cursor.

    Attributes:
        cursor: Stands after the last token.
    """

    def __init__(self, ids: NDArray[np.uint16]) -> None:
        self.cursor = Cursor()
        self._ids = ids.tolist()
        for token in self._ids:
            self.cursor.advance_legal(token)

    def copy(self) -> "Stream":
        """Return an independent stream with the same tokens."""
        other = Stream.__new__(Stream)
        other.cursor = self.cursor.copy()
        other._ids = list(self._ids)
        return other

    @property
    def ids(self) -> NDArray[np.uint16]:
        """All tokens so far. (T,), uint16."""
        return np.array(self._ids, dtype=np.uint16)

    def append(self, token: int) -> tuple[int, ...]:
        """Add a legal token and return its `COLUMNS`."""
        token_type, bar, part, note, onset = self.cursor.advance_legal(token)
        self._ids.append(token)
        return token, token_type, bar, onset, part, note

    def columns(self, max_tokens: int) -> NDArray[np.int64]:
        """Return `COLUMNS` of the last whole bars that fit, with the bar that is being written.

        At least the bar being written and the one before it are given, however long they are. A
        stream that fills gaps is given whole: it was cut to what belongs around them before.

        Returns:
            (6, tokens), int64.
        """
        ids = self.ids
        first_bar = 0 if self.cursor.is_filling else first_bar_within(ids, max_tokens)
        columns = _columns_of(crop(ids, first_bar, len(ids)) if first_bar else ids)
        # Bars and notes keep counting where the cursor will go on.
        columns[_BAR] += first_bar
        num_notes = int((vocabulary().kind[ids] == Kind.ONSET).sum())
        is_note = columns[_NOTE] >= 0
        columns[_NOTE] += np.where(is_note, num_notes - 1 - columns[_NOTE].max(initial=-1), 0)
        return columns


def inputs_of(ids: NDArray[np.integer]) -> Inputs:
    """Make a batch of one of a whole stream. (1, T)."""
    return as_inputs([_columns_of(ids)])


def _columns_of(ids: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return `COLUMNS` of a stream. (6, T), int64."""
    notes = annotate(ids)
    return np.stack([ids, notes.type, notes.bar, notes.onset, notes.part, notes.note]).astype(
        np.int64
    )


def first_bar_within(ids: NDArray[np.uint16], max_tokens: int) -> int:
    """Find the first of the last bars that together have at most `max_tokens` tokens."""
    starts = np.concatenate(([1], bar_ends(ids)))
    if len(ids) <= max_tokens:
        return 0
    fits = np.flatnonzero(len(ids) - starts + 3 <= max_tokens)  # 3: BOS, metre, tempo
    last_whole = max(len(starts) - 2, 0)
    return min(int(fits[0]) if len(fits) else last_whole, last_whole)


def as_inputs(columns: list[NDArray[np.int64]]) -> Inputs:
    """Make a batch of rows of different length, padded in front.

    Position is musical, so padding, which no token sees, may stand anywhere.

    Args:
        columns: `COLUMNS` of each row. (6, T of the row).

    Returns:
        (rows, longest T).
    """
    longest = max(row.shape[1] for row in columns)
    padded = np.zeros((len(COLUMNS), len(columns), longest), dtype=np.int64)
    padded[4:] = -1
    doc = np.full((len(columns), longest), -1, dtype=np.int64)
    for index, row in enumerate(columns):
        padded[:, index, longest - row.shape[1] :] = row
        doc[index, longest - row.shape[1] :] = 0
    order = np.broadcast_to(np.arange(longest, dtype=np.int64), doc.shape).copy()
    ids, token_type, bar, onset, part, note = (torch.from_numpy(column) for column in padded)
    return Inputs(
        ids=ids,
        type=token_type,
        bar=bar,
        onset=onset,
        part=part,
        note=note,
        doc=torch.from_numpy(doc),
        order=torch.from_numpy(order),
    )
