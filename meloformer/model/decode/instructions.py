"""Instructions of compiled code that are written out, where Numba's own loops are slow."""

from typing import Any, TypeAlias

from llvmlite import ir
from numba import types
from numba.core import cgutils

LANES = 8
"""Numbers of 32 bits in a register of AVX2."""

INT8, INT16, INT32, INT64 = (ir.IntType(bits) for bits in (8, 16, 32, 64))
FLOAT = ir.FloatType()
SUMS = ir.VectorType(INT32, LANES)
FLOATS = ir.VectorType(FLOAT, LANES)
VALUES = ir.VectorType(INT16, 2 * LANES)
"""A pair for each lane."""

Number: TypeAlias = ir.Value | int


class Instructions:
    """Writes the instructions of one function.

    Attributes:
        arguments: The function's; of an array the address of its data.
    """

    def __init__(self, context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> None:
        self._builder = builder
        self.arguments = [
            context.make_array(kind)(context, builder, value).data
            if isinstance(kind, types.Array)
            else value
            for kind, value in zip(signature.args, values, strict=True)
        ]

    def offset(self, index: ir.Value, stride: Number, first: Number = 0) -> ir.Value:
        """Return `index * stride + first`."""
        builder = self._builder
        return builder.add(builder.mul(index, int64(stride)), int64(first))

    def address(self, array: ir.Value, offset: Number) -> ir.Value:
        """Return where one of an array's numbers is."""
        return self._builder.gep(array, [int64(offset)])

    def load(self, array: ir.Value, offset: Number, kind: ir.Type | None = None) -> ir.Value:
        """Return one of an array's numbers, or as much as `kind` holds from there on."""
        address = self.address(array, offset)
        if kind is not None:
            address = self._builder.bitcast(address, kind.as_pointer())
        return self._builder.load(address, align=_size(array))

    def store(self, value: ir.Value, array: ir.Value, offset: Number) -> None:
        """Write numbers into an array."""
        address = self._builder.bitcast(self.address(array, offset), value.type.as_pointer())
        self._builder.store(value, address, align=_size(array))

    def running_total(self, kind: ir.VectorType) -> ir.Value:
        """Return the address of lanes that are zero, which become a register."""
        zero = ir.Constant(kind, [0] * LANES)
        total = cgutils.alloca_once_value(self._builder, zero)  # type: ignore[no-untyped-call]
        self._builder.store(zero, total)
        return total

    def spread(self, value: ir.Value) -> ir.Value:
        """Return lanes that all hold a number."""
        undefined = ir.Constant(ir.VectorType(value.type, LANES), ir.Undefined)
        alone = self._builder.insert_element(undefined, value, ir.Constant(INT32, 0))
        return self._builder.shuffle_vector(alone, undefined, ir.Constant(SUMS, [0] * LANES))

    def dot(self, left: ir.Value, right: ir.Value) -> ir.Value:
        """Return the sum of the two products of each lane's pairs."""
        return self.call("llvm.x86.avx2.pmadd.wd", SUMS, left, right)

    def call(self, name: str, kind: ir.Type, *values: ir.Value) -> ir.Value:
        """Return what an instruction gives that has a name."""
        function = ir.FunctionType(kind, [value.type for value in values])
        found = cgutils.get_or_insert_function(self._builder.module, function, name)  # type: ignore[no-untyped-call]
        return self._builder.call(found, values)


def int64(value: Number) -> ir.Value:
    """Return a number as instructions take it."""
    return ir.Constant(INT64, value) if isinstance(value, int) else value


def _size(array: ir.Value) -> int:
    """Return how many bytes one of an array's numbers has."""
    kind = array.type.pointee
    return 4 if kind == FLOAT else int(kind.width // 8)
