"""Products of int8 weights with int16 values, eight outputs at once, compiled.

Numba's own loops use half of a processor's registers for such products and add up their lanes
after every row. Here a lane is an output: weights of eight rows lie interleaved in pairs, and AVX2
multiplies sixteen with a pair of values and adds the two products, in one instruction. Elsewhere
the plain loop serves; both give the same whole numbers.

A lane's output is one of N, which is filled up to a multiple of `LANES` with rows of zeros.

Axes: N output, M input.
"""

import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from meloformer.model.compiled import compiled
from meloformer.model.decode.instructions import (
    INT8,
    INT32,
    LANES,
    SUMS,
    VALUES,
    Instructions,
    int64,
)
from meloformer.model.decode.prefetch import CACHE_LINE, prefetch_line

Ints = NDArray[np.int32]

MOST_POSITIONS = 4
"""For which weights are read once."""
BLOCKS = 2
"""Of eight outputs each are computed at once for several positions, whose values are then loaded
once for both: a processor loads two vectors while it multiplies two."""
_PAIR = 2
_PAIRS_OF_LINE = CACHE_LINE // (LANES * _PAIR)
_AHEAD = 4096
"""How many bytes before their use weights are asked for. Between two tokens others push much of
them out of the cache, and a processor looks ahead by itself only as far as a page of memory."""

_WEIGHTS = ir.VectorType(INT8, LANES * _PAIR)

HAS_AVX2 = bool(binding.get_host_cpu_features().get("avx2"))


def interleave(weights: NDArray[np.int8]) -> NDArray[np.int8]:
    """Lay out matrices for `sums_of_lanes`.

    Args:
        weights: (..., N, M), N a multiple of `LANES` and M of two.

    Returns:
        (..., N / `LANES`, M / 2, `LANES`, 2).
    """
    *leading, N, M = weights.shape
    blocks = weights.reshape(*leading, N // LANES, LANES, M // _PAIR, _PAIR)
    return np.ascontiguousarray(blocks.swapaxes(-3, -2))


@compiled
def sums_of_lanes(
    weights: NDArray[np.int8], block: int, values: NDArray[np.int16], first: int, sums: Ints
) -> int:
    """Multiply one or two times eight rows of a matrix with the values of up to four positions.

    Args:
        weights: From `interleave`. (N / `LANES`, M / 2, `LANES`, 2).
        block: Which eight; the next too, if there are as many.
        values: (positions, M).
        first: The first position.
        sums: Receives the products. (`BLOCKS`, `MOST_POSITIONS`, `LANES`).

    Returns:
        How many positions were computed.
    """
    pairs = weights.shape[1]
    rest = len(values) - first
    is_last = block + 1 == len(weights)
    if rest >= 4:
        if is_last:
            _four_of_one(weights, block, values, first, pairs, sums)
        else:
            _four_of_two(weights, block, values, first, pairs, sums)
        return 4
    if rest >= 2:
        if is_last:
            _two_of_one(weights, block, values, first, pairs, sums)
        else:
            _two_of_two(weights, block, values, first, pairs, sums)
        return 2
    if is_last:
        _one_of_one(weights, block, values, first, pairs, sums)
    else:
        _one_of_two(weights, block, values, first, pairs, sums)
    return 1


def _products(positions: int, blocks: int):  # type: ignore[no-untyped-def]  # Numba has no types
    """Make the loop over so many blocks of weights for so many positions."""

    @intrinsic
    def products(typing_context, weights, block, values, first, pairs, sums):  # type: ignore[no-untyped-def]
        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            write = Instructions(context, builder, signature, arguments)
            weights, block, values, first, pairs, sums = write.arguments
            of_blocks = _rows(write, weights, block, blocks, pairs, LANES * _PAIR)
            of_positions = _rows(write, values, first, positions, pairs, _PAIR)
            totals = [[write.running_total(SUMS) for _ in of_blocks] for _ in of_positions]

            def add_pair(pair: ir.Value) -> None:
                here = write.offset(pair, LANES * _PAIR)
                wide = [builder.sext(write.load(w, here, _WEIGHTS), VALUES) for w in of_blocks]
                for row, of_row in zip(of_positions, totals, strict=True):
                    alone = write.load(row, write.offset(pair, _PAIR), INT32)
                    spread = builder.bitcast(write.spread(alone), VALUES)
                    for weight, total in zip(wide, of_row, strict=True):
                        product = write.dot(weight, spread)
                        builder.store(builder.add(builder.load(total), product), total)

            lines = builder.udiv(pairs, int64(_PAIRS_OF_LINE))
            with cgutils.for_range(builder, lines) as loop:
                for start in of_blocks:
                    ahead = write.offset(loop.index, CACHE_LINE, _AHEAD)
                    prefetch_line(builder, write.address(start, ahead))
                for pair in range(_PAIRS_OF_LINE):
                    add_pair(write.offset(loop.index, _PAIRS_OF_LINE, pair))
            rest = write.offset(lines, _PAIRS_OF_LINE)
            with cgutils.for_range(builder, pairs, start=rest) as loop:
                add_pair(loop.index)
            for p, of_row in enumerate(totals):
                for b, total in enumerate(of_row):
                    write.store(builder.load(total), sums, (b * MOST_POSITIONS + p) * LANES)
            return context.get_dummy_value()

        of = types.void(weights, types.int64, values, types.int64, types.int64, sums)
        return of, generate

    return products


def _rows(
    write: Instructions, array: ir.Value, first: ir.Value, count: int, pairs: ir.Value, size: int
) -> list[ir.Value]:
    """Return where some rows of pairs begin, each of which has `size` numbers."""
    start = write.offset(first, write.offset(pairs, size))
    return [
        write.address(array, write.offset(write.offset(pairs, size), int64(row), start))
        for row in range(count)
    ]


_four_of_two, _two_of_two, _one_of_two = (_products(positions, 2) for positions in (4, 2, 1))
_four_of_one, _two_of_one, _one_of_one = (_products(positions, 1) for positions in (4, 2, 1))
