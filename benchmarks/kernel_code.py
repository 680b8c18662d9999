"""What a tile costs in the kernels of attention, counted in their machine code. Needs no GPU.

    python -m benchmarks.kernel_code

Triton compiles the kernels for an H100 or H200 (SM90) as training calls them, for `large` in
bfloat16, and NVIDIA's disassembler, which comes with Triton, lists what they were compiled to. A
tile is one round of an inner loop, that of full tiles or that of partial ones. Reports instructions
of a thread for each pair that it computes, by kind, and the bytes that a tile reads.
"""

import re
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from benchmarks.report import report
from meloformer.model.attention.sparse.kernels.backward import backward_keys, backward_queries
from meloformer.model.attention.sparse.kernels.forward import forward
from meloformer.model.attention.sparse.tuning import TUNING, Launch, TileShape
from meloformer.model.config import SIZES

SM90 = GPUTarget("cuda", 90, 32)
CONFIG = SIZES["large"]
FLOAT32 = ("lse_", "delta_", "k_grad_", "v_grad_")
INT32 = ("work", "full", "partial", "words")
KINDS = {
    "float": ("FADD", "FFMA", "FMNMX", "FMUL", "FSETP"),
    "exponential": ("MUFU",),
    "tensor core": ("HGMMA", "WARPGROUP"),
    "memory": ("LDG", "LDGSTS", "LDS", "LDSM", "STS", "SHFL", "LDGDEPBAR", "DEPBAR", "BAR"),
    "rounding": ("F2FP",),
}
"""Of instructions; all others are integer arithmetic, choices and control."""


class Kernel(NamedTuple):
    """A kernel, as it is launched, and what a tile reads beside its bits."""

    function: Any
    shape: TileShape
    launch: Launch
    tile_bytes: int

    def compiled(self) -> bytes:
        """Return its machine code."""
        numbers = {
            "HEADS": CONFIG.num_heads,
            "SHARED": CONFIG.num_heads // CONFIG.num_kv_heads,
            "K": CONFIG.head_dim,
            "Q_BLOCK": self.shape.queries,
            "K_BLOCK": self.shape.keys,
            "PRECISION": "ieee",
        }
        names = self.function.arg_names
        signature = {name: "constexpr" if name in numbers else _type(name) for name in names}
        places = {name: (place,) for place, name in enumerate(names)}
        # Tensors begin, and rows and heads follow each other, at whole multiples of 16.
        even = {
            places[name]: [["tt.divisibility", 16]]
            for name, kind in signature.items()
            if kind == "i32" or kind.startswith("*")
        }
        constants = {places[name]: value for name, value in numbers.items()}
        source = ASTSource(self.function, signature, constants, even)
        options = {"num_warps": self.launch.warps, "num_stages": self.launch.stages}
        code: bytes = triton.compile(source, target=SM90, options=options).asm["cubin"]
        return code


def _type(name: str) -> str:
    if name == "softmax_scale":
        return "fp32"
    if name in FLOAT32:
        return "*fp32"
    return "*i32" if name in INT32 else "*bf16" if name.endswith("_") else "i32"


def listing(code: bytes) -> str:
    """Return machine code as text."""
    tools = Path(triton.__file__).parent / "backends/nvidia/bin"
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(code)
        file.flush()
        words = [str(tools / "nvdisasm"), "-c", file.name]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def loops(text: str) -> Iterator[list[str]]:
    """Yield the instructions of each loop that has no other in it, in the order of the text."""
    labels: dict[str, int] = {}
    names: list[str] = []
    ended = 0
    for line in text.splitlines():
        if label := re.match(r"\.(L_x_\d+):", line):
            labels[label[1]] = len(names)
        elif found := re.match(r"\s+/\*[0-9a-f]+\*/\s+(?:@!?\w+\s+)?([A-Z][A-Z0-9]*)(.*);", line):
            names.append(found[1])
            target = re.search(r"L_x_\d+", found[2]) if found[1] == "BRA" else None
            begin = labels.get(target[0]) if target else None
            if begin is not None and begin >= ended:
                ended = len(names)
                yield names[begin:]


def kinds_of(instructions: list[str]) -> Counter[str]:
    """Return how many instructions there are of each kind."""
    kind = {name: kind for kind, names in KINDS.items() for name in names}
    return Counter(kind.get(name, "integer") for name in instructions)


def measure(kernel: Kernel) -> None:
    """Report what a full and a partial tile cost in a kernel."""
    started = time.process_time()
    code = kernel.compiled()
    name = f"kernel_code/{kernel.function.__name__}"
    report(f"{name}/compiling", time.process_time() - started, "s")
    pairs = kernel.shape.queries * kernel.shape.keys / (32 * kernel.launch.warps)
    inner = [loop for loop in loops(listing(code)) if "HGMMA" in loop]
    bits = 16 * (
        kernel.shape.queries if kernel.function is not backward_keys else kernel.shape.keys
    )
    for tile, loop, read in zip(("full", "partial"), inner, (0, bits), strict=True):
        report(f"{name}/{tile}", len(loop) / pairs, "instructions a pair")
        for kind, count in kinds_of(loop).items():
            report(f"{name}/{tile}/{kind}", count / pairs, "instructions a pair")
        report(f"{name}/{tile}/read", kernel.tile_bytes + read, "bytes a tile")


def main() -> None:
    head_bytes = 2 * CONFIG.head_dim
    by_query, by_key = TUNING.query_tiles, TUNING.key_tiles
    of_keys = 2 * head_bytes * by_query.keys + 4
    of_queries = 2 * (head_bytes + 4) * by_key.queries + 4
    measure(Kernel(forward, by_query, TUNING.forward, of_keys))
    measure(Kernel(backward_queries, by_query, TUNING.queries, of_keys))
    measure(Kernel(backward_keys, by_key, TUNING.keys, of_queries))


if __name__ == "__main__":
    main()
