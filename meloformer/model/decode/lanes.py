"""Products of int8 weights with int16 values, eight outputs at once, compiled.

Numba's own loops use half of a processor's registers for such products and add up their lanes
after every row. Here a lane is an output: weights of eight rows lie interleaved in pairs, and AVX2
multiplies sixteen with a pair of values and adds the two products, in one instruction. Elsewhere
the plain loop serves; both give the same whole numbers.

Axes: N output, M input.
"""

import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from meloformer.model.compiled import compiled
from meloformer.model.decode.prefetch import CACHE_LINE, prefetch_line

Ints = NDArray[np.int32]

LANES = 8
"""Outputs that are computed together; N is filled up to a multiple with rows of zeros."""
_POSITIONS = (4, 2, 1)
"""For how many positions weights are read once."""
_PAIR = 2
_PAIRS_OF_LINE = CACHE_LINE // (LANES * _PAIR)
_AHEAD = 4096
"""How many bytes before their use weights are asked for. Between two tokens others push much of
them out of the cache, and a processor looks ahead by itself only as far as a page of memory."""

_INT8, _INT16, _INT32, _INT64 = (ir.IntType(bits) for bits in (8, 16, 32, 64))
_SUMS = ir.VectorType(_INT32, LANES)
_VALUES = ir.VectorType(_INT16, LANES * _PAIR)
_WEIGHTS = ir.VectorType(_INT8, LANES * _PAIR)

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
    """Multiply eight rows of a matrix with the values of up to four positions.

    Args:
        weights: From `interleave`. (N / `LANES`, M / 2, `LANES`, 2).
        block: Which eight.
        values: (positions, M).
        first: The first position.
        sums: Receives the products. (4, `LANES`).

    Returns:
        How many positions were computed.
    """
    pairs = weights.shape[1]
    rest = len(values) - first
    if rest >= 4:
        _four(weights, block, values, first, pairs, sums)
        return 4
    if rest >= 2:
        _two(weights, block, values, first, pairs, sums)
        return 2
    _one(weights, block, values, first, pairs, sums)
    return 1


def _products(positions: int):  # type: ignore[no-untyped-def]  # Numba has no types
    """Make the loop over a block of weights for so many positions."""

    @intrinsic
    def products(typing_context, weights, block, values, first, pairs, sums):  # type: ignore[no-untyped-def]
        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            def start_of(argument: int) -> ir.Value:
                kind, array = signature.args[argument], arguments[argument]
                return context.make_array(kind)(context, builder, array).data

            def times(value: ir.Value, factor: int) -> ir.Value:
                return builder.mul(value, ir.Constant(_INT64, factor))

            def load(address: ir.Value, kind: ir.Type, align: int) -> ir.Value:
                return builder.load(builder.bitcast(address, kind.as_pointer()), align=align)

            _, block, _, first, pairs, _ = arguments
            multiply = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
                builder.module, ir.FunctionType(_SUMS, [_VALUES, _VALUES]), "llvm.x86.avx2.pmadd.wd"
            )
            undefined = ir.Constant(_SUMS, ir.Undefined)
            every_lane = ir.Constant(_SUMS, [0] * LANES)
            of_block = times(builder.mul(block, pairs), LANES * _PAIR)
            weight = builder.gep(start_of(0), [of_block])
            rows = [
                builder.gep(
                    start_of(2),
                    [times(builder.mul(builder.add(first, ir.Constant(_INT64, p)), pairs), _PAIR)],
                )
                for p in range(positions)
            ]
            totals = [
                cgutils.alloca_once_value(builder, every_lane)  # type: ignore[no-untyped-call]
                for _ in rows
            ]

            def add_pair(pair: ir.Value) -> None:
                here = builder.gep(weight, [times(pair, LANES * _PAIR)])
                wide = builder.sext(load(here, _WEIGHTS, 1), _VALUES)
                for row, total in zip(rows, totals, strict=True):
                    values = load(builder.gep(row, [times(pair, _PAIR)]), _INT32, 2)
                    alone = builder.insert_element(undefined, values, ir.Constant(_INT32, 0))
                    spread = builder.shuffle_vector(alone, undefined, every_lane)
                    product = builder.call(multiply, [wide, builder.bitcast(spread, _VALUES)])
                    builder.store(builder.add(builder.load(total), product), total)

            lines = builder.udiv(pairs, ir.Constant(_INT64, _PAIRS_OF_LINE))
            with cgutils.for_range(builder, lines) as loop:
                prefetch_line(
                    builder,
                    builder.gep(
                        weight,
                        [builder.add(times(loop.index, CACHE_LINE), ir.Constant(_INT64, _AHEAD))],
                    ),
                )
                first_pair = times(loop.index, _PAIRS_OF_LINE)
                for pair in range(_PAIRS_OF_LINE):
                    add_pair(builder.add(first_pair, ir.Constant(_INT64, pair)))
            with cgutils.for_range(builder, pairs, start=times(lines, _PAIRS_OF_LINE)) as loop:
                add_pair(loop.index)
            for p, total in enumerate(totals):
                address = builder.gep(start_of(5), [ir.Constant(_INT64, p * LANES)])
                builder.store(
                    builder.load(total), builder.bitcast(address, _SUMS.as_pointer()), align=4
                )
            return context.get_dummy_value()

        of = types.void(weights, types.int64, values, types.int64, types.int64, sums)
        return of, generate

    return products


_four, _two, _one = (_products(positions) for positions in _POSITIONS)
