"""The rows, in order of worth: what decides comes first, and what is nice to know last."""

import itertools
import subprocess
import sys
from functools import partial

import torch

from benchmarks.gpu import attention, step, training
from benchmarks.gpu.attention import MaskOf
from benchmarks.gpu.cudnn_flex import by_cudnn_flex
from benchmarks.gpu.rows import Row, Setting, Values
from meloformer.errors import RunError
from meloformer.model.attention.paths import AttentionPath
from meloformer.model.attention.sparse.tuning import Launch, TileShape

Kernel = tuple[tuple[int, int], tuple[int, int]]
"""Queries and keys of a tile; warps and stages."""

FORWARD: list[Kernel] = [
    *(((64, 64), (4, stages)) for stages in (2, 3, 4)),
    *(((128, 64), (warps, stages)) for warps in (4, 8) for stages in (2, 3)),
    *(((64, 128), (4, stages)) for stages in (2, 3)),
    *(((128, 128), (8, stages)) for stages in (2, 3)),
]
QUERIES: list[Kernel] = [
    *(((64, 64), (4, stages)) for stages in (2, 3)),
    *(((128, 64), (8, stages)) for stages in (2, 3)),
    *(((64, 128), (4, stages)) for stages in (2, 3)),
    ((128, 128), (8, 2)),
]
KEYS: list[Kernel] = [
    *(((64, 64), (4, stages)) for stages in (2, 3)),
    *(((64, 128), (8, stages)) for stages in (2, 3)),
    ((32, 128), (4, 3)),
    ((32, 64), (4, 3)),
    ((128, 128), (8, 2)),
]
TINY: list[Kernel] = [((64, 64), (4, 3))]

WAYS: dict[str, MaskOf] = {
    "dense": attention.dense,
    "ours": attention.ours,
}
OTHER_WAYS: dict[str, MaskOf] = {
    "dense by cuDNN": attention.dense_by_cudnn,
    "ours by cuDNN": by_cudnn_flex,
}


def rows_for(setting: Setting) -> list[Row]:
    """Return all rows for a device."""
    return _on_gpu() if setting.device == "cuda" else _on_cpu()


def _on_gpu() -> list[Row]:
    pairs = [("large", 16_384), *itertools.product(["large"], [32_768, 65_536, 8192, 4096])]
    steps = [
        _step("large", length, way, compiled=True)
        for length in (16_384, 32_768, 65_536)
        for way in ("dense", "ours")
    ]
    return [
        *(_equal(dtype, "large", 4096) for dtype in (torch.bfloat16, torch.float16)),
        *_attention(WAYS, *pairs[0]),
        *_kernels("large", 16_384, FORWARD, QUERIES, KEYS),
        *steps[:2],
        *(row for pair in pairs[1:] for row in _attention(WAYS, *pair)),
        *steps[2:],
        *(_step("large", 16_384, way, compiled=False) for way in ("dense", "ours")),
        *_attention(WAYS, "small", 4096),
        *_attention(OTHER_WAYS, "large", 16_384),
        Row("training/small", partial(training.measure, "small", 4096, 16, 12, 60)),
        *(
            row
            for length in (8192, 16_384, 32_768, 65_536)
            for row in _attention(WAYS, "small", length)
        ),
        _equal(torch.float32, "small", 2048),
        Row("equality/tests", run_tests),
    ]


def _on_cpu() -> list[Row]:
    return [
        _equal(torch.float32, "tiny", 128),
        *_attention(WAYS, "tiny", 128),
        *_kernels("tiny", 128, TINY, TINY, TINY),
        *(_step("tiny", 128, way, compiled=False) for way in ("dense", "ours")),
        Row("training/tiny", partial(training.measure, "tiny", 128, 1, 0, 10)),
    ]


def _equal(dtype: torch.dtype, size: str, length: int) -> Row:
    name = str(dtype).removeprefix("torch.")
    return Row(f"equality/{name}", partial(attention.equal, dtype, size, length))


def _attention(ways: dict[str, MaskOf], size: str, length: int) -> list[Row]:
    """Attention alone; of `small` as many rows as a step of training has."""
    rows = max(65_536 // length, 1) if size == "small" else 1
    return [
        Row(
            f"attention/{size}/{rows} x {length}/{name}",
            partial(attention.measure, way, size, length, rows),
        )
        for name, way in ways.items()
    ]


def _kernels(
    size: str, length: int, forward: list[Kernel], queries: list[Kernel], keys: list[Kernel]
) -> list[Row]:
    """Each of our kernels, in every way that it is worth to run it, the likeliest first."""
    table = {"forward": forward, "queries": queries, "keys": keys}
    found = []
    for name, kernels in table.items():
        for (of_queries, of_keys), (warps, stages) in kernels:
            how = f"{of_queries} queries, {of_keys} keys, {warps} warps, {stages} stages"
            arguments = (name, TileShape(of_queries, of_keys), Launch(warps, stages), size, length)
            measure = partial(attention.kernel, *arguments, 1)
            found.append(Row(f"kernel/{size}/{length}/{name}/{how}", measure))
    return found


def _step(size: str, length: int, way: str, *, compiled: bool) -> Row:
    paths = {"dense": None, "ours": AttentionPath.SPARSE}
    group = "compiled" if compiled else "not compiled"
    measure = partial(step.measure, paths[way], size, length, compiled=compiled)
    return Row(f"step, {group}/{size}/{length}/{way}", measure)


def run_tests(_: Setting) -> Values:
    """Run the tests of a GPU.

    Raises:
        RunError: One failed.
    """
    words = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "tests/gpu"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    last = done.stdout.strip().split("\n")[-1]
    if done.returncode:
        raise RunError(last)
    return {"said": last}
