"""Training tokens a second of one process that makes batches, and the time to plan an epoch.

    python -m benchmarks.loader SHARDS --context 2048 --rows 8

SHARDS is a folder made by `prepare`. Padding does not count as tokens. Batches are made in turns,
and the best turn counts: on a machine that also does other things, a slower turn tells of those.
`_cpu` is by processor time, without waiting for one; `_sent` is what arrives here from one worker
process, and `taking` how long the process that trains stands still for a batch that is there.
The large plan is of lengths alone, 500,000 pieces of 5.3 billion tokens.
"""

import argparse
import statistics
import time
import tracemalloc
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from benchmarks.report import report
from meloformer.data.config import LoaderConfig
from meloformer.data.loader import Loader
from meloformer.data.plan import plan_epoch
from meloformer.data.shards import DocumentSet, Shards, open_shards

TURNS = 5
TURN_TOKENS = 1_000_000
LARGE_CONTEXT = 8192
TAKEN = 20
UNTIL_THERE_S = 0.3


def measure_batches(name: str, loader: Loader, steps: int) -> None:
    """Report rate and padding of the batches of one setting."""
    turns = []
    tokens = positions = 0
    for turn in range(TURNS):
        started = time.perf_counter(), time.process_time()
        docs = [loader.columns(turn * steps + step)[7] for step in range(steps)]
        wall, cpu = time.perf_counter() - started[0], time.process_time() - started[1]
        filled = sum(int((doc >= 0).sum()) for doc in docs)
        turns.append((filled / wall, filled / cpu))
        tokens, positions = tokens + filled, positions + sum(doc.numel() for doc in docs)
    report(f"{name}/rate", max(wall for wall, _ in turns), "tokens/s")
    report(f"{name}/rate_cpu", max(cpu for _, cpu in turns), "tokens/s")
    report(f"{name}/padding", 1 - tokens / positions, "share")


def measure_sent(name: str, loader: Loader, steps: int) -> None:
    """Report the rate at which batches of one worker process arrive."""
    batches = loader.batches(workers=1)
    next(batches)  # the process has started
    rates = []
    for _ in range(TURNS):
        started = time.perf_counter()
        filled = sum(int((batch.doc >= 0).sum()) for batch in islice(batches, steps))
        rates.append(filled / (time.perf_counter() - started))
    report(f"{name}/rate_sent", max(rates), "tokens/s")


def measure_taking(name: str, loader: Loader) -> None:
    """Report how long taking a batch takes that is there already."""
    batches = loader.all_columns(workers=2)
    seconds = []
    for _ in range(TAKEN + 1):
        started = time.perf_counter()
        next(batches)
        seconds.append(time.perf_counter() - started)
        time.sleep(UNTIL_THERE_S)
    report(f"{name}/taking", 1000 * statistics.median(seconds[1:]), "ms")


def measure_plan(name: str, shards: Shards, config: LoaderConfig) -> None:
    """Report time and memory of planning an epoch."""
    seconds = []
    for epoch in range(3):
        started = time.perf_counter()
        plan_epoch(shards, config, epoch)
        seconds.append(time.perf_counter() - started)
    tracemalloc.start()
    plan = plan_epoch(shards, config, 0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    report(f"{name}/plan", min(seconds), "s")
    report(f"{name}/plan_memory", peak / 2**20, "MiB")
    report(f"{name}/units", len(plan.tokens), "units")
    room = config.context_tokens * plan.num_rows
    report(f"{name}/planned_padding", 1 - int(plan.tokens.sum(dtype=np.int64)) / room, "share")


def many_lengths() -> Shards:
    """Make shards of lengths like those of a large corpus, without tokens."""
    lengths = np.random.default_rng(0).lognormal(np.log(7000), 0.9, 500_000).astype(np.int64)
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    one = DocumentSet("many", "", "", len(lengths), int(offsets[-1]), 0)
    return Shards(np.zeros(0, dtype=np.uint16), offsets, (one,))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shards", type=Path, help="folder made by `prepare`")
    parser.add_argument("--context", type=int, default=2048, help="tokens of a row")
    parser.add_argument("--rows", type=int, default=8, help="rows of a batch")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    shards = open_shards(arguments.shards / "train")
    steps = max(1, TURN_TOKENS // (arguments.context * arguments.rows))
    name = f"loader/context_{arguments.context}"
    for fill in (0.0, 0.2):
        config = LoaderConfig(context_tokens=arguments.context, rows=arguments.rows, fill=fill)
        loader = Loader(shards, config)
        measure_batches(f"{name}/fill_{fill}", loader, steps)
        measure_sent(f"{name}/fill_{fill}", loader, steps)
        measure_taking(f"{name}/fill_{fill}", loader)
    measure_plan(name, shards, config)
    measure_plan("loader/many", many_lengths(), LoaderConfig(context_tokens=LARGE_CONTEXT))


if __name__ == "__main__":
    main()
