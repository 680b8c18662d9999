"""Streams read over all cores, each token once: what `model_costs` says, sooner.

Streams that begin alike share a cache and are read from where they part. Each is read without
padding, in a thread of its own of one core: PyTorch leaves Python's lock while it computes, and a
core that shares an operation with others waits for the slowest of them.
"""

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np
import psutil
import torch
from numpy.typing import NDArray

from meloformer.data.packing import Batch, pack
from meloformer.evaluation.bits_per_note import Costs
from meloformer.model.config import ModelConfig
from meloformer.model.kv_cache import KVCache
from meloformer.model.transformer import MeloFormer

Ids = NDArray[np.uint16]
LEAST_SHARED = 64
"""Fewer tokens that two streams begin with are read twice: then the two can be read at once."""
_FLOATS = 24
"""About so many rows of a layer's width are in memory at once for each token."""


@dataclass(frozen=True)
class _Chain:
    """Streams of which each begins like the one before, up to a point."""

    streams: tuple[int, ...]
    """Their indices."""
    first: tuple[int, ...]
    """How many tokens of each need not be read again."""
    tokens: int
    """To be read."""


def stream_costs(
    model: MeloFormer,
    streams: Sequence[Ids],
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> Costs:
    """Return the bits that a model gives each token of each stream but the first.

    Args:
        model: In evaluation mode, on a CPU.
        streams: In any order, each from BOS on.
        on_progress: Told how many of how many tokens are done, first of all that none is.
    """
    chains = sorted(_chains(streams), key=lambda chain: -chain.tokens)
    costs: Costs = [np.zeros(0)] * len(streams)
    longest = max(map(len, streams), default=0)
    total, done = sum(chain.tokens for chain in chains), 0
    tell = on_progress or _ignore
    tell(done, total)

    def read(chain: _Chain) -> int:
        _read(model, streams, chain, costs)
        return chain.tokens

    before = torch.get_num_threads()
    pool = ThreadPoolExecutor(_num_readers(model.config, longest, before), "reader")
    torch.set_num_threads(1)  # threads that begin from now on take it over
    try:
        waiting = {pool.submit(read, chain) for chain in chains}
        while waiting:
            finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                done += future.result()
                tell(done, total)
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(before)
    return costs


def _chains(streams: Sequence[Ids]) -> list[_Chain]:
    """Return all streams, in chains of those that begin alike."""
    # Sorted, a stream comes after that with which it shares most.
    order = sorted(range(len(streams)), key=lambda index: streams[index].astype(">u2").tobytes())
    chains: list[_Chain] = []
    for previous, index in itertools.pairwise([-1, *order]):
        length = max(len(streams[index]) - 1, 0)  # nothing comes after the last token
        # What was last read predicts another token here: it is read again.
        first = _shared(streams[previous], streams[index]) - 1 if previous >= 0 else 0
        if first < LEAST_SHARED:
            chains.append(_Chain((index,), (0,), length))
        else:
            last = chains.pop()
            tokens = last.tokens + length - first
            chains.append(_Chain((*last.streams, index), (*last.first, first), tokens))
    return chains


def _shared(a: Ids, b: Ids) -> int:
    """Return with how many equal tokens two streams begin."""
    length = min(len(a), len(b))
    differs = a[:length] != b[:length]
    return int(np.argmax(differs)) if differs.any() else length


@torch.inference_mode()
def _read(model: MeloFormer, streams: Sequence[Ids], chain: _Chain, costs: Costs) -> None:
    """Put the costs of the streams of a chain in their places."""
    cache = KVCache(model.config, 1, max(len(streams[index]) for index in chain.streams))
    known = np.zeros(0)
    for index, first in zip(chain.streams, chain.first, strict=True):
        ids = streams[index]
        known = known[:first]
        cache.truncate(first)
        if first < len(ids) - 1:
            inputs = Batch(*pack([[ids]], len(ids))).inputs.slice(first, len(ids) - 1)
            targets = torch.from_numpy(ids[first + 1 :].astype(np.int64))
            nats = torch.nn.functional.cross_entropy(
                model(inputs, cache)[0], targets, reduction="none"
            )
            known = np.concatenate([known, nats.double().numpy() / np.log(2.0)])
        costs[index] = known


def _num_readers(config: ModelConfig, tokens: int, cores: int) -> int:
    """Return how many streams are read at once: one a core, if the memory suffices.

    Args:
        config: Of the model.
        tokens: Of the longest stream.
        cores: That may be used.
    """
    # Logits and their shares, activations and cache, and the mask, of which a third is left.
    values = 2 * config.vocab_size + _FLOATS * config.dim + config.num_layers * config.dim
    bytes_of_one = 4 * tokens * (values + tokens // 3)
    return max(min(cores, psutil.virtual_memory().available // max(bytes_of_one, 1)), 1)


def _ignore(done: int, total: int) -> None:
    pass
