"""Time and memory of something done on a device over and over."""

import statistics
import time
from collections.abc import Callable

import torch

from benchmarks.report import report

WARM_UP = 3


def device_of(name: str) -> torch.device:
    """Return the device of a benchmark that is about GPUs.

    Raises:
        SystemExit: It is not there.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise SystemExit(
            "this benchmark needs a CUDA device; `--device cpu` runs the plain path instead, "
            "which shows that it works and nothing else"
        )
    return torch.device(name)


def measure(
    name: str, tokens: int, device: torch.device, repeats: int, do: Callable[[], object]
) -> None:
    """Report the rate, by the median time, and on a GPU the peak of its memory.

    What does not fit into the memory is reported as such.
    """
    try:
        if device.type == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        for _ in range(WARM_UP):
            do()
        seconds = _seconds(do, device, repeats)
    except torch.OutOfMemoryError:
        report(f"{name}/out_of_memory", 1, "0 or 1")
        return
    report(f"{name}/rate", tokens / statistics.median(seconds), "tokens/s")
    if device.type == "cuda":
        report(f"{name}/memory", torch.cuda.max_memory_allocated() / 2**30, "GiB")


def _seconds(do: Callable[[], object], device: torch.device, repeats: int) -> list[float]:
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        do()
        if device.type == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - started)
    return seconds
