"""The order in which rows lie in memory, so that pairs the mask hides make up whole blocks.

The type rule links few pairs of types: sorted by type, most pairs of groups hold no visible pair.
Within a group, time order leaves a triangle. Parts laid in stripes, each in time order, leave a
small triangle for each stripe and, as parts attend to each other near by only, a thin band between
two: the more stripes the smaller the triangles and the more bands. Globals and summaries, which all
attend to, form a group of their own.

Notes lie in the same order in all four groups, so that the pairs within a note form a diagonal; the
groups start at the same place of a block, so that it goes through few blocks. Groups are filled up
to whole blocks with padding, then with the latest globals, to which few tokens attend.

Nothing is ever put back: positions are musical, the mask compares `Inputs.order`, and targets move
along. All rows of a batch are placed together, and in NumPy: what makes batches loads no torch.

Axes: B row, T position, C number of stripes that is tried, P part of a document, M note token.
"""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from meloformer.model.attention.block_bounds import BLOCK, BlockBounds, Ints, Onsets
from meloformer.model.attention.stripes import Parts
from meloformer.model.config import NOTE_TYPES, ModelConfig, TokenType

STRIPES = (1, 2, 3, 4, 6)
"""How many stripes of parts are tried."""

_GLOBALS, _PADDING = 0, len(NOTE_TYPES) + 1
_NOTE_LINKS, _GLOBAL_LINKS = 21.0, 0.22
"""Blocks for each block of onsets, and for each block of globals and block of the row, that are
computed beside those that the type rule links. Fitted to rows of 1,024 to 16,384 tokens."""


class RowFields(NamedTuple):
    """What a layout goes by, as in `Inputs`. All (B, T), int64."""

    type: Ints
    bar: Ints
    part: Ints
    note: Ints
    doc: Ints
    order: Ints


class NoteTokens(NamedTuple):
    """The note tokens of a batch, row after row, in the order of the stream. All (M,)."""

    token: Ints
    """Index in the flattened rows."""
    type: Ints
    row: Ints
    doc: Ints
    document: Ints
    """Counted over all rows."""

    @classmethod
    def of(cls, rows: RowFields) -> Self:
        """Return those of rows in the order of the stream."""
        token = np.flatnonzero(rows.note >= 0)
        row, doc = token // rows.type.shape[1], rows.doc.reshape(-1)[token]
        document = row * (int(rows.doc.max(initial=0)) + 1) + doc
        return cls(token, rows.type.reshape(-1)[token], row, doc, document)

    def parts(self, rows: RowFields) -> Parts:
        """Return the parts of all documents of the rows."""
        return Parts.of(self.document, rows.part.reshape(-1)[self.token])


def places(rows: RowFields, config: ModelConfig) -> Ints:
    """Return which token lies where, for each row the choice with about the fewest blocks.

    Args:
        rows: In any order.
        config: Whose rule is followed.

    Returns:
        Position in `rows` of each token as it is to lie. (B, T).
    """
    if (rows.order[:, 1:] > rows.order[:, :-1]).all():
        return _places(rows, config)
    by_time = rows.order.argsort(axis=1)
    in_order = RowFields(*(np.take_along_axis(field, by_time, axis=1) for field in rows))
    return np.take_along_axis(by_time, _places(in_order, config), axis=1)


def _places(rows: RowFields, config: ModelConfig) -> Ints:
    """Return the same of rows in the order of the stream. (B, T)."""
    B, T = rows.type.shape
    natural = np.tile(np.arange(T), (B, 1))
    if config.dense or not (rows.note >= 0).any():
        return natural
    notes = NoteTokens.of(rows)
    parts = notes.parts(rows)
    stripes = parts.stripes(STRIPES)
    reach = max(config.cross_offsets, default=0)
    onset_blocks = count_onset_blocks(rows, notes, parts, stripes, reach)
    best = onset_blocks.argmin(axis=0)  # (B,)
    laid = _laid(rows, notes, stripes[best[notes.row], parts.of_note])
    # Where documents are short, a block holds several, and sorting only scatters them.
    gains = estimated_blocks(rows, onset_blocks.min(axis=0), config) < _causal_blocks(rows)
    return np.where(gains[:, None], laid, natural)


def striped(rows: RowFields, stripes: int) -> Ints:
    """Return rows by type group, document, stripe of parts, and time.

    Args:
        rows: In the order of the stream.
        stripes: Into how many the parts of each document are gathered.

    Returns:
        Position in `rows` of each token as it is to lie. (B, T).
    """
    notes = NoteTokens.of(rows)
    parts = notes.parts(rows)
    return _laid(rows, notes, parts.stripes((stripes,))[0, parts.of_note])


def _laid(rows: RowFields, notes: NoteTokens, stripe: Ints) -> Ints:
    """Return rows by type group, document, stripe and time, with groups filled up. (B, T).

    Args:
        rows: In the order of the stream.
        notes: Of them.
        stripe: Of each note token. (M,).
    """
    B, T = rows.type.shape
    group = np.maximum(rows.type - NOTE_TYPES[0] + 1, _GLOBALS)
    group[rows.doc < 0] = _PADDING
    key = np.zeros(B * T, np.int64)
    key[notes.token] = notes.doc * (int(stripe.max()) + 1) + stripe
    key = (group * (int(key.max()) + 1) + key.reshape(B, T)) * T + np.arange(T)
    key.sort(axis=1)
    sizes = np.stack([np.bincount(one, minlength=_PADDING + 1) for one in group])
    return np.stack([_aligned(*row) for row in zip(key % T, sizes, strict=True)])


def _aligned(positions: Ints, sizes: Ints) -> Ints:
    """Return groups one after the other, those of the note types whole numbers of blocks apart.

    Args:
        positions: Of globals, in the order of the stream, of the four note types, and of padding.
            (T,).
        sizes: How many there are of each.
    """
    all_globals, *notes, padding = np.split(positions, sizes.cumsum()[:-1])
    missing = -sizes[1 : _PADDING - 1] % BLOCK
    num_missing = int(missing.sum())
    if len(padding) + len(all_globals) < num_missing:
        return positions
    fillers = np.concatenate([padding, all_globals[::-1]])[:num_missing]
    between = [*np.split(fillers, missing.cumsum()[:-1]), padding[num_missing:]]
    num_moved = max(num_missing - len(padding), 0)
    laid = [all_globals[: len(all_globals) - num_moved]]
    for group, filler in zip(notes, between, strict=True):
        laid += [group, filler]
    return np.concatenate(laid)


def count_onset_blocks(
    rows: RowFields, notes: NoteTokens, parts: Parts, stripes: Ints, reach: int
) -> Ints:
    """Return about how many blocks of onsets attend to each other. (C, B).

    The four groups are laid out alike, so onsets alone tell which number of stripes is best.

    Args:
        rows: In the order of the stream.
        notes: Of them.
        parts: Of them.
        stripes: Of each part, for each number of stripes. (C, P).
        reach: The largest distance in bars at which parts attend to each other.
    """
    C, B = len(stripes), len(rows.type)
    is_onset = notes.type == TokenType.ONSET
    token, of_part = notes.token[is_onset], parts.of_note[is_onset]
    num_onsets = len(token)
    key = np.arange(C)[:, None] * (int(notes.document.max()) + 1) + notes.document[is_onset]
    key = key * (int(stripes.max()) + 1) + stripes[:, of_part]
    key = (key * num_onsets + np.arange(num_onsets)).reshape(-1)
    key.sort()
    onset = key % num_onsets
    fields = (token, rows.bar.reshape(-1)[token], notes.doc[is_onset], parts.sets()[of_part])
    bounds = BlockBounds.of(
        Onsets(*(field[onset] for field in fields)),
        np.tile(np.bincount(notes.row[is_onset], minlength=B), C),
    )
    return bounds.count_attending(reach).reshape(C, B)


def estimated_blocks(
    rows: RowFields, onset_blocks: Ints, config: ModelConfig
) -> NDArray[np.float64]:
    """Return about how many blocks of rows are computed as they are laid out. (B,).

    Args:
        rows: In any order.
        onset_blocks: Blocks of onsets that attend to each other. (B,).
        config: Whose rule is followed.
    """
    linked_types = sum(len(set(types)) for types in config.type_rule)
    onsets = (rows.type == TokenType.ONSET).sum(axis=1) / BLOCK
    all_globals = ((rows.note < 0) & (rows.doc >= 0)).sum(axis=1) / BLOCK
    links = _NOTE_LINKS * onsets + _GLOBAL_LINKS * all_globals * (rows.type.shape[1] / BLOCK)
    estimate: NDArray[np.float64] = linked_types * onset_blocks + links
    return estimate


def _causal_blocks(rows: RowFields) -> Ints:
    """Return how many blocks causality allows in the order of the stream. (B,).

    Nearly all of them are computed.
    """
    begins = np.arange(0, rows.doc.shape[1], BLOCK)
    first, last = rows.doc[:, begins], np.maximum.reduceat(rows.doc, begins, axis=1)
    allowed = (last[:, None, :] >= first[:, :, None]) & (last >= 0)[:, :, None]
    allowed |= np.eye(len(begins), dtype=bool)  # padding attends to itself
    blocks: Ints = np.tril(allowed).sum(axis=(1, 2))
    return blocks
