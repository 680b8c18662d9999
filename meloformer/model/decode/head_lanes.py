"""Scores and mixtures of keys and values that lie scattered, in the lanes of AVX2.

Numba's own loops over a head begin and end anew for every key. Here the queries of two heads, and
what is mixed for them, stay in registers while each key and value is read once. Elsewhere, and for
heads of another size, the loops of `attention.py` serve.

Axes: S cached position, N visible position, H query head, K head size, which is `HEAD`.
"""

from collections.abc import Callable
from functools import reduce

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from meloformer.model.decode.instructions import (
    FLOAT,
    FLOATS,
    INT8,
    INT32,
    INT64,
    LANES,
    VALUES,
    Instructions,
    int64,
)

HEAD = 64
"""The head size that this is for."""
_CHUNK = 32
"""Values of a head that are mixed at once; for two query heads they fill half of the registers."""
_TOKEN = ir.VectorType(INT8, LANES)
_TOKEN_PAIRS = ir.VectorType(INT8, 2 * LANES)

_features = binding.get_host_cpu_features()
HAS_AVX2_AND_FMA = bool(_features.get("avx2") and _features.get("fma"))


def _scores(heads: int) -> Callable[..., None]:
    """Make the loop over keys for so many query heads.

    Its arguments: keys and values (S, ...) int8, how many a position has, where the key head begins
    among them; the same of their units; the visible positions (N,) int32 and how many they are;
    queries (H, K) int16 and the first query head; room for a row of scores, and the scores
    (H, room).
    """

    @intrinsic
    def scores(  # type: ignore[no-untyped-def]  # Numba has no types
        typing_context, kv, stride, first, units, unit_stride, first_unit, places, count,
        queries, head, room, out,
    ):  # fmt: skip
        def generate(context, builder, signature, values):  # type: ignore[no-untyped-def]
            write = Instructions(context, builder, signature, values)
            (kv, stride, first, units, unit_stride, first_unit, places, count,
             queries, head, room, out) = write.arguments  # fmt: skip
            steps = range(0, HEAD, 2 * LANES)
            of_heads = [builder.add(head, int64(h)) for h in range(heads)]
            query = [
                [write.load(queries, write.offset(h, HEAD, k), VALUES) for k in steps]
                for h in of_heads
            ]
            with cgutils.for_range(builder, count) as loop:
                place = builder.sext(write.load(places, loop.index), INT64)
                key = [write.offset(place, stride, builder.add(first, int64(k))) for k in steps]
                wide = [builder.sext(write.load(kv, k, _TOKEN_PAIRS), VALUES) for k in key]
                unit = write.load(units, write.offset(place, unit_stride, first_unit))
                for h, of_head in zip(of_heads, query, strict=True):
                    products = [write.dot(*pair) for pair in zip(wide, of_head, strict=True)]
                    lanes = reduce(builder.add, products)
                    total = write.call("llvm.vector.reduce.add.v8i32", INT32, lanes)
                    score = builder.fmul(builder.sitofp(total, FLOAT), unit)
                    write.store(score, out, write.offset(h, room, loop.index))
            return context.get_dummy_value()

        number = types.int64
        of = types.void(kv, number, number, units, number, number, places, number,
                        queries, number, number, out)  # fmt: skip
        return of, generate

    return scores


def _mixtures(heads: int) -> Callable[..., None]:
    """Make the loop over values for so many query heads.

    Its arguments: keys and values (S, ...) int8, how many a position has, where the value head
    begins among them; the visible positions (N,) int32 and how many they are; the first query head;
    room for a row of shares, the shares (H, room), and the mixtures (H, K).
    """

    @intrinsic
    def mixtures(typing_context, kv, stride, first, places, count, head, room, shares, out):  # type: ignore[no-untyped-def]
        def generate(context, builder, signature, values):  # type: ignore[no-untyped-def]
            write = Instructions(context, builder, signature, values)
            kv, stride, first, places, count, head, room, shares, out = write.arguments
            of_heads = [builder.add(head, int64(h)) for h in range(heads)]
            for chunk in range(0, HEAD, _CHUNK):
                steps = range(chunk, chunk + _CHUNK, LANES)
                totals = [[write.running_total(FLOATS) for _ in steps] for _ in of_heads]
                with cgutils.for_range(builder, count) as loop:
                    place = builder.sext(write.load(places, loop.index), INT64)
                    at = [write.offset(place, stride, builder.add(first, int64(k))) for k in steps]
                    wide = [builder.sitofp(write.load(kv, k, _TOKEN), FLOATS) for k in at]
                    for h, of_head in zip(of_heads, totals, strict=True):
                        share = write.spread(write.load(shares, write.offset(h, room, loop.index)))
                        for value, total in zip(wide, of_head, strict=True):
                            before = builder.load(total)
                            mixed = write.call("llvm.fma.v8f32", FLOATS, share, value, before)
                            builder.store(mixed, total)
                for h, of_head in zip(of_heads, totals, strict=True):
                    for k, total in zip(steps, of_head, strict=True):
                        write.store(builder.load(total), out, write.offset(h, HEAD, k))
            return context.get_dummy_value()

        number = types.int64
        of = types.void(kv, number, number, places, number, number, number, shares, out)
        return of, generate

    return mixtures


scores_of_two, scores_of_one = (_scores(heads) for heads in (2, 1))
mixtures_of_two, mixtures_of_one = (_mixtures(heads) for heads in (2, 1))
