"""The forward kernel: softmax attention of a block of queries over its tiles.

Raw scores are kept and the scale is part of the exponent's multiply-add, so that scaling costs
nothing. A hidden score is a large negative power of two rather than infinity: a row all of whose
keys so far are hidden then holds ones and not NaN, and as every token attends to itself, a later
factor of exactly 0 takes them away.

Axes: Q queries of a block, S keys of a block, K head size.
"""

import triton
import triton.language as tl

from meloformer.model.attention.sparse.kernels.words import is_visible

HIDDEN = tl.constexpr(-(2.0**100))
LOG2_E = tl.constexpr(1.4426950408889634)


@triton.jit
def _tiles(
    mixed, total, most, q, k_rows, v_rows, k_step, v_step, blocks, words, first, last, scale,
    K_BLOCK: tl.constexpr, Q_BLOCK: tl.constexpr, MASKED: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """Take some tiles into a block's running softmax."""
    block = tl.load(blocks + first)
    for tile in range(first, last):
        start = block.to(tl.int64) * K_BLOCK
        block = tl.load(blocks + tile + 1)  # for the next round: keys wait for no index
        k = tl.load(k_rows + start * k_step)
        scores = tl.dot(q, tl.trans(k), input_precision=PRECISION)
        if MASKED:
            scores = tl.where(is_visible(words, tile, Q_BLOCK, K_BLOCK), scores, HIDDEN)
        now = tl.maximum(most, tl.max(scores, 1))
        shrink = tl.exp2((most - now) * scale)
        weights = tl.exp2(scores * scale - (now * scale)[:, None])
        total = total * shrink + tl.sum(weights, 1)
        mixed = mixed * shrink[:, None]
        v = tl.load(v_rows + start * v_step)
        mixed = tl.dot(weights.to(v.dtype), v, mixed, input_precision=PRECISION)
        most = now
    return mixed, total, most


@triton.jit
def forward(
    q_, k_, v_, mixed_, lse_,
    q_row, q_step, q_head, k_row, k_step, k_head, v_row, v_step, v_head,
    work, full, partial, words,
    length, softmax_scale,
    HEADS: tl.constexpr, SHARED: tl.constexpr, K: tl.constexpr,
    Q_BLOCK: tl.constexpr, K_BLOCK: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """Compute one block of queries of one head; write what it mixes, and log2 of its sums.

    Programs: heads, then blocks of queries of all rows. `*_row`, `*_step` and `*_head` are the
    strides of rows, positions and heads. `mixed_` is (B, T, H, K) and `lse_` is (B, H, T), whole.
    """
    head = tl.program_id(0)
    work += tl.program_id(1) * 6
    row = tl.load(work).to(tl.int64)
    q_start = tl.load(work + 1) * Q_BLOCK
    scale = softmax_scale * LOG2_E
    d = tl.arange(0, K)
    t = q_start + tl.arange(0, Q_BLOCK)
    s = tl.arange(0, K_BLOCK)
    key_head = head // SHARED
    q = tl.load(q_ + row * q_row + head * q_head + t[:, None] * q_step + d[None, :])
    k_rows = k_ + row * k_row + key_head * k_head + s[:, None] * k_step + d[None, :]
    v_rows = v_ + row * v_row + key_head * v_head + s[:, None] * v_step + d[None, :]
    mixed = tl.zeros([Q_BLOCK, K], tl.float32)
    total = tl.zeros([Q_BLOCK], tl.float32)
    most = tl.full([Q_BLOCK], HIDDEN, tl.float32)
    mixed, total, most = _tiles(
        mixed, total, most, q, k_rows, v_rows, k_step, v_step, full, words,
        tl.load(work + 2), tl.load(work + 3), scale, K_BLOCK, Q_BLOCK, False, PRECISION,
    )  # fmt: skip
    mixed, total, most = _tiles(
        mixed, total, most, q, k_rows, v_rows, k_step, v_step, partial, words,
        tl.load(work + 4), tl.load(work + 5), scale, K_BLOCK, Q_BLOCK, True, PRECISION,
    )  # fmt: skip
    mixed = mixed / total[:, None]
    of_row = mixed_ + row * length * HEADS * K + head * K
    tl.store(of_row + t[:, None] * (HEADS * K) + d[None, :], mixed.to(mixed_.dtype.element_ty))
    tl.store(lse_ + (row * HEADS + head) * length + t, most * scale + tl.log2(total))
