"""The backward kernels: gradients of queries, and gradients of keys and values.

Both compute the weights of a tile again from the queries, the keys and the logarithms that the
forward kernel kept. The first goes through the tiles of a block of queries, the second through
those of a block of keys, for all query heads that share the key head. A block of keys that very
many queries attend to is several programs' work, so the second adds to what others found.

Axes: Q queries of a block, S keys of a block, K head size.
"""

import triton
import triton.language as tl

from meloformer.model.attention.sparse.kernels.words import is_visible

LOG2_E = tl.constexpr(1.4426950408889634)


@triton.jit
def _tiles_of_queries(
    q_grad, q, out_grad, lse, delta, k_rows, v_rows, k_step, v_step, blocks, words, first, last,
    scale,
    K_BLOCK: tl.constexpr, Q_BLOCK: tl.constexpr, MASKED: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """Add the gradient that some tiles give a block of queries."""
    block = tl.load(blocks + first)
    for tile in range(first, last):
        start = block.to(tl.int64) * K_BLOCK
        block = tl.load(blocks + tile + 1)
        k = tl.load(k_rows + start * k_step)
        v = tl.load(v_rows + start * v_step)
        scores = tl.dot(q, tl.trans(k), input_precision=PRECISION)
        weights = tl.exp2(scores * scale - lse[:, None])
        if MASKED:
            weights = tl.where(is_visible(words, tile, Q_BLOCK, K_BLOCK), weights, 0.0)
        weight_grad = tl.dot(out_grad, tl.trans(v), input_precision=PRECISION)
        score_grad = weights * (weight_grad - delta[:, None])
        q_grad = tl.dot(score_grad.to(k.dtype), k, q_grad, input_precision=PRECISION)
    return q_grad


@triton.jit
def backward_queries(
    q_, k_, v_, mixed_, out_grad_, lse_, delta_, q_grad_,
    q_row, q_step, q_head, k_row, k_step, k_head, v_row, v_step, v_head,
    work, full, partial, words,
    length, softmax_scale,
    HEADS: tl.constexpr, SHARED: tl.constexpr, K: tl.constexpr,
    Q_BLOCK: tl.constexpr, K_BLOCK: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """Compute the gradient of one block of queries of one head; also write `delta_`.

    Programs as in `forward`. `mixed_`, `out_grad_` and `q_grad_` are (B, T, H, K), whole, `lse_`
    and `delta_` are (B, H, T). `delta_` is what each query's weights have in common in their
    gradient, the sum of the output times its gradient, which the other kernel needs too.
    """
    head = tl.program_id(0)
    work += tl.program_id(1) * 6
    row = tl.load(work).to(tl.int64)
    q_start = tl.load(work + 1) * Q_BLOCK
    d = tl.arange(0, K)
    t = q_start + tl.arange(0, Q_BLOCK)
    s = tl.arange(0, K_BLOCK)
    key_head = head // SHARED
    q = tl.load(q_ + row * q_row + head * q_head + t[:, None] * q_step + d[None, :])
    whole = row * length * HEADS * K + head * K + t[:, None] * (HEADS * K) + d[None, :]
    out_grad = tl.load(out_grad_ + whole)
    mixed = tl.load(mixed_ + whole)
    delta = tl.sum(mixed.to(tl.float32) * out_grad.to(tl.float32), 1)
    of_head = (row * HEADS + head) * length + t
    tl.store(delta_ + of_head, delta)
    lse = tl.load(lse_ + of_head)
    k_rows = k_ + row * k_row + key_head * k_head + s[:, None] * k_step + d[None, :]
    v_rows = v_ + row * v_row + key_head * v_head + s[:, None] * v_step + d[None, :]
    q_grad = tl.zeros([Q_BLOCK, K], tl.float32)
    q_grad = _tiles_of_queries(
        q_grad, q, out_grad, lse, delta, k_rows, v_rows, k_step, v_step, full, words,
        tl.load(work + 2), tl.load(work + 3), softmax_scale * LOG2_E,
        K_BLOCK, Q_BLOCK, False, PRECISION,
    )  # fmt: skip
    q_grad = _tiles_of_queries(
        q_grad, q, out_grad, lse, delta, k_rows, v_rows, k_step, v_step, partial, words,
        tl.load(work + 4), tl.load(work + 5), softmax_scale * LOG2_E,
        K_BLOCK, Q_BLOCK, True, PRECISION,
    )  # fmt: skip
    tl.store(q_grad_ + whole, (q_grad * softmax_scale).to(q_grad_.dtype.element_ty))


@triton.jit
def _tiles_of_keys(
    k_grad, v_grad, k, v, q_rows, out_grad_rows, lse_rows, delta_rows, q_step, out_step,
    blocks, words, first, last, scale,
    K_BLOCK: tl.constexpr, Q_BLOCK: tl.constexpr, MASKED: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """Add the gradients that some tiles give a block of keys and their values."""
    block = tl.load(blocks + first)
    for tile in range(first, last):
        start = block.to(tl.int64) * Q_BLOCK
        block = tl.load(blocks + tile + 1)
        q = tl.load(q_rows + start * q_step)
        out_grad = tl.load(out_grad_rows + start * out_step)
        lse = tl.load(lse_rows + start)
        delta = tl.load(delta_rows + start)
        scores = tl.dot(k, tl.trans(q), input_precision=PRECISION)  # keys along the rows
        weights = tl.exp2(scores * scale - lse[None, :])
        if MASKED:
            weights = tl.where(is_visible(words, tile, K_BLOCK, Q_BLOCK), weights, 0.0)
        v_grad = tl.dot(weights.to(q.dtype), out_grad, v_grad, input_precision=PRECISION)
        weight_grad = tl.dot(v, tl.trans(out_grad), input_precision=PRECISION)
        score_grad = weights * (weight_grad - delta[None, :])
        k_grad = tl.dot(score_grad.to(q.dtype), q, k_grad, input_precision=PRECISION)
    return k_grad, v_grad


@triton.jit
def backward_keys(
    q_, k_, v_, out_grad_, lse_, delta_, k_grad_, v_grad_,
    q_row, q_step, q_head, k_row, k_step, k_head, v_row, v_step, v_head,
    work, full, partial, words,
    length, softmax_scale,
    HEADS: tl.constexpr, SHARED: tl.constexpr, K: tl.constexpr,
    Q_BLOCK: tl.constexpr, K_BLOCK: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """Add the gradients of one piece of work, tiles of a block of keys, of one key head.

    Programs: key heads, then pieces of work of all rows. `out_grad_` is (B, T, H, K), `lse_` and
    `delta_` are (B, H, T), `k_grad_` and `v_grad_` are (B, T, G, K), whole, float32.
    """
    key_head = tl.program_id(0)
    work += tl.program_id(1) * 6
    row = tl.load(work).to(tl.int64)
    k_start = tl.load(work + 1) * K_BLOCK
    first_full, last_full = tl.load(work + 2), tl.load(work + 3)
    first_partial, last_partial = tl.load(work + 4), tl.load(work + 5)
    scale = softmax_scale * LOG2_E
    d = tl.arange(0, K)
    t = tl.arange(0, Q_BLOCK)
    s = k_start + tl.arange(0, K_BLOCK)
    k = tl.load(k_ + row * k_row + key_head * k_head + s[:, None] * k_step + d[None, :])
    v = tl.load(v_ + row * v_row + key_head * v_head + s[:, None] * v_step + d[None, :])
    k_grad = tl.zeros([K_BLOCK, K], tl.float32)
    v_grad = tl.zeros([K_BLOCK, K], tl.float32)
    out_step = HEADS * K
    for shared in range(SHARED):
        head = key_head * SHARED + shared
        q_rows = q_ + row * q_row + head * q_head + t[:, None] * q_step + d[None, :]
        of_head = row * length * out_step + head * K
        out_grad_rows = out_grad_ + of_head + t[:, None] * out_step + d[None, :]
        of_head = (row * HEADS + head) * length
        k_grad, v_grad = _tiles_of_keys(
            k_grad, v_grad, k, v, q_rows, out_grad_rows, lse_ + of_head + t, delta_ + of_head + t,
            q_step, out_step, full, words, first_full, last_full, scale,
            K_BLOCK, Q_BLOCK, False, PRECISION,
        )  # fmt: skip
        k_grad, v_grad = _tiles_of_keys(
            k_grad, v_grad, k, v, q_rows, out_grad_rows, lse_ + of_head + t, delta_ + of_head + t,
            q_step, out_step, partial, words, first_partial, last_partial, scale,
            K_BLOCK, Q_BLOCK, True, PRECISION,
        )  # fmt: skip
    G: tl.constexpr = HEADS // SHARED
    whole = row * length * G * K + key_head * K + s[:, None] * (G * K) + d[None, :]
    tl.atomic_add(k_grad_ + whole, k_grad * softmax_scale, sem="relaxed")
    tl.atomic_add(v_grad_ + whole, v_grad, sem="relaxed")
