"""Time and memory of something done on a device over and over."""

import time
from collections.abc import Callable

import torch

WARM_UP = 2


def milliseconds(do: Callable[[], object], device: str, repeats: int) -> float:
    """Return the mean time, of as many calls as are queued one after the other."""
    for _ in range(WARM_UP):
        do()
    if device != "cuda":
        began = time.perf_counter()
        do()
        return 1000 * (time.perf_counter() - began)
    first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    first.record()
    for _ in range(repeats):
        do()
    last.record()
    last.synchronize()
    return first.elapsed_time(last) / repeats


def peak_gib(device: str) -> float:
    """Return the most memory of a GPU since `forget_peak`."""
    return torch.cuda.max_memory_allocated() / 2**30 if device == "cuda" else 0.0


def forget_peak(device: str) -> None:
    """Begin to watch the memory anew, with nothing kept for later."""
    if device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
