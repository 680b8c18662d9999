"""The kernels that look at pairs, once per batch: which tiles there are, and their bits.

The same rule as `PackedFields.mask_mod`, for a tile at a time, in registers: memory is taken for
tiles and never for pairs.

Axes: B row, T position, N block of queries, M block of keys.
"""

import triton
import triton.language as tl

from meloformer.model.attention.packed_fields import (
    ALWAYS_AT,
    BY_TYPE_AT,
    IS_NOTE_AT,
    NOTE_BITS,
    PART_BITS,
    SUMS_UP_AT,
)
from meloformer.model.attention.rule import ALL_KINDS, FAR
from meloformer.model.attention.sparse.kernels.words import packed

EMPTY, PARTIAL, FULL = 0, 1, 2
"""Of a tile: none, some or all of its pairs are visible."""

_EMPTY, _PARTIAL, _FULL = tl.constexpr(EMPTY), tl.constexpr(PARTIAL), tl.constexpr(FULL)
_ALL_KINDS, _FAR = tl.constexpr(ALL_KINDS), tl.constexpr(FAR)
_PART_BITS, _NOTE_BITS = tl.constexpr(PART_BITS), tl.constexpr(NOTE_BITS)
_NOTES = tl.constexpr((1 << NOTE_BITS) - 1)
_BY_TYPE_AT, _ALWAYS_AT = tl.constexpr(BY_TYPE_AT), tl.constexpr(ALWAYS_AT)
_IS_NOTE_AT, _SUMS_UP_AT = tl.constexpr(IS_NOTE_AT), tl.constexpr(SUMS_UP_AT)


@triton.jit
def _visible(order, who, where, kinds, near, q, k):
    """Return which of some queries attend to which of some keys; positions broadcast."""
    q_who, k_who = tl.load(who + q), tl.load(who + k)
    q_where, k_where = tl.load(where + q), tl.load(where + k)
    q_kinds, k_kind = tl.load(kinds + q), tl.load(kinds + k) & _ALL_KINDS
    is_note = (q_kinds >> _IS_NOTE_AT & 1) == 1
    distance = tl.abs((q_where >> _NOTE_BITS) - (k_where >> _NOTE_BITS))
    is_near = (tl.load(near + q) >> tl.minimum(distance, _FAR) & 1) == 1
    by_type = (q_kinds >> _BY_TYPE_AT & k_kind) != 0
    always = (q_kinds >> _ALWAYS_AT & k_kind) != 0
    own_bar = ((q_kinds >> _SUMS_UP_AT & 1) == 1) & (distance == 0)
    own_note = is_note & (((q_where ^ k_where) & _NOTES) == 0)
    attends = by_type & (is_near | is_note & (q_who == k_who))
    attends = attends | always | own_bar | own_note
    same_doc = (((q_who ^ k_who) >> _PART_BITS) == 0) & (k_kind != 0)
    return attends & same_doc & (tl.load(order + k) <= tl.load(order + q)) | (q == k)


@triton.jit
def classify(
    order, who, where, kinds, near, found, length,
    Q_BLOCK: tl.constexpr, K_BLOCK: tl.constexpr,
):  # fmt: skip
    """Say of one tile whether it is empty, partial or full.

    Programs: blocks of keys, blocks of queries, rows. `found` is (B, N, M), int8.
    """
    key, query, row = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    start = row.to(tl.int64) * length
    q = query * Q_BLOCK + tl.arange(0, Q_BLOCK)
    k = key * K_BLOCK + tl.arange(0, K_BLOCK)
    # Most tiles are all in the future: nothing of them but the order is read.
    latest, earliest = tl.max(tl.load(order + start + q)), tl.min(tl.load(order + start + k))
    tile = (row.to(tl.int64) * tl.num_programs(1) + query) * tl.num_programs(0) + key
    result = _EMPTY
    if earliest <= latest:
        pairs = _visible(
            order + start, who + start, where + start, kinds + start, near + start,
            q[:, None], k[None, :],
        )  # fmt: skip
        count = tl.sum(tl.sum(pairs.to(tl.int32), 1))
        result = tl.where(count == Q_BLOCK * K_BLOCK, _FULL, tl.where(count == 0, _EMPTY, _PARTIAL))
    tl.store(found + tile, result.to(tl.int8))


@triton.jit
def write_words(
    order, who, where, kinds, near, rows, blocks, others, words, length,
    ROWS: tl.constexpr, COLUMNS: tl.constexpr, ROWS_ARE_KEYS: tl.constexpr,
):  # fmt: skip
    """Write the words of one tile, (ROWS, WORDS).

    Programs: tiles. Of each, `rows` says the row of the batch, `blocks` and `others` which blocks
    of that row lie along the tile's rows and along its columns.
    """
    tile = tl.program_id(0)
    start = tl.load(rows + tile).to(tl.int64) * length
    r = tl.load(blocks + tile) * ROWS + tl.arange(0, ROWS)
    c = tl.load(others + tile) * COLUMNS + tl.arange(0, COLUMNS)
    if ROWS_ARE_KEYS:
        q, k = c[None, :], r[:, None]
    else:
        q, k = r[:, None], c[None, :]
    bits = _visible(order + start, who + start, where + start, kinds + start, near + start, q, k)
    at = tl.arange(0, ROWS)[:, None] * 4 + tl.arange(0, 4)[None, :]
    of_tile = words + tile.to(tl.int64) * (ROWS * 4)
    tl.store(of_tile + at, packed(bits, ROWS, COLUMNS))
