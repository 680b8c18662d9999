"""Memory that is asked for before it is read, so that it is there by then.

A step reads weights and keys of several megabytes once. Others on the machine push them out of the
cache between two tokens, and then a processor that waits for each line waits most of the time.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

CACHE_LINE = 64
"""Bytes that come at once."""
_READ, _KEEP, _DATA = (ir.Constant(ir.IntType(32), value) for value in (0, 3, 1))


def prefetch_line(builder: ir.IRBuilder, address: ir.Value) -> None:
    """Generate the request for the line at an address, which may lie past the end of an array."""
    byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
    prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")  # type: ignore[no-untyped-call]
    builder.call(prefetch, [builder.bitcast(address, byte), _READ, _KEEP, _DATA])


@intrinsic
def prefetch_bytes(typing_context, array, start, size):  # type: ignore[no-untyped-def]  # Numba has no types
    """Ask for `size` bytes of a contiguous array of bytes, from the index `start` of all."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        _, start, size = arguments
        lines = builder.udiv(size, ir.Constant(ir.IntType(64), CACHE_LINE))
        with cgutils.for_range(builder, lines) as loop:
            offset = builder.mul(loop.index, ir.Constant(ir.IntType(64), CACHE_LINE))
            prefetch_line(builder, builder.gep(data, [builder.add(start, offset)]))
        return context.get_dummy_value()

    return types.void(array, types.int64, types.int64), generate
