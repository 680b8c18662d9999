"""Reading held-out music for `meloformer evaluate`, as it is and as it was before 2026-12.

    python -m benchmarks.evaluate SHARDS --model CHECKPOINT --pieces 6 --turns 3

Before: rows of the length of the context, four at a time, each operation over all cores; the plain
path of attention; a row fed forward at once; the bars before a gap read twice. Both read the same
windows and openings of some pieces, in turns, and the best turn counts: on a machine that also does
other things, a slower turn tells of those. `_cpu` is processor time of all threads, without waiting
for a core (but threads that wait for each other in one operation do so at work).
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from benchmarks.report import report
from meloformer import checkpoint
from meloformer.data.shards import Shards, open_shards
from meloformer.evaluation.bits_per_note import Costs, model_costs
from meloformer.evaluation.infill import cut_openings
from meloformer.evaluation.report import WINDOWS_PER_DOCUMENT
from meloformer.evaluation.streams import stream_costs
from meloformer.evaluation.windows import Window, cut_windows
from meloformer.model import transformer
from meloformer.model.attention.paths import AttentionPath
from meloformer.model.transformer import MeloFormer
from meloformer.registry import default_checkpoint


class Seconds(NamedTuple):
    """Of one reading."""

    wall: float
    cpu: float


Passes = list[tuple[Window, ...]]
"""The windows; the openings with both sides; those with the left alone."""


def passes_of(shards: Shards, context_tokens: int, pieces: int) -> Passes:
    """Return what is read of some pieces, evenly spread over the sets."""
    some = {index * shards.num_documents // pieces for index in range(pieces)}
    windows = cut_windows(shards, context_tokens, windows_per_document=WINDOWS_PER_DOCUMENT)
    openings = cut_openings(shards, context_tokens)
    every = (
        windows,
        [one.both_sides.window for one in openings],
        [one.left_alone.window for one in openings],
    )
    return [tuple(window for window in one if window.document in some) for one in every]


@contextmanager
def as_before(model: MeloFormer) -> Iterator[None]:
    """Read as the model did before there were selected keys."""
    positions = transformer.FFN_POSITIONS
    model.forced_path, transformer.FFN_POSITIONS = AttentionPath.PLAIN, 1 << 30
    try:
        yield
    finally:
        model.forced_path, transformer.FFN_POSITIONS = None, positions


def timed(read: Callable[[], Costs]) -> tuple[Costs, Seconds]:
    started = time.perf_counter(), time.process_time()
    costs = read()
    return costs, Seconds(time.perf_counter() - started[0], time.process_time() - started[1])


def compare(model: MeloFormer, passes: Passes, context_tokens: int, turns: int, name: str) -> None:
    """Report both ways."""
    ids = [window.ids for one in passes for window in one]

    def before() -> Costs:
        with as_before(model):
            return [cost for one in passes for cost in model_costs(model, one, context_tokens)]

    def now() -> Costs:
        return stream_costs(model, ids)

    took: list[tuple[Seconds, Seconds]] = []
    for _ in range(turns):
        (slow, seconds_before), (fast, seconds_now) = timed(before), timed(now)
        took.append((seconds_before, seconds_now))
        differences = [np.abs(a - b).max() for a, b in zip(slow, fast, strict=True)]
        report(f"{name}/most_apart", max(differences), "bits a token")
    tokens = sum(map(len, ids))
    report(f"{name}/tokens", tokens, "tokens")
    for kind in Seconds._fields:
        old, new = (min(getattr(turn[way], kind) for turn in took) for way in (0, 1))
        suffix = "" if kind == "wall" else "_cpu"
        report(f"{name}/before{suffix}", tokens / old, "tokens/s")
        report(f"{name}/now{suffix}", tokens / new, "tokens/s")
        report(f"{name}/now_over_before{suffix}", old / new, "ratio")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shards", type=Path, help="a folder made by `prepare`")
    parser.add_argument("--model", type=Path, help="a checkpoint; by default the shipped one")
    parser.add_argument("--pieces", type=int, default=6)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--threads", type=int, help="by default one a core")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    model, card = checkpoint.load(arguments.model or default_checkpoint())
    held_out = open_shards(arguments.shards / "held_out")
    passes = passes_of(held_out, card.context_tokens, arguments.pieces)
    name = f"evaluate/{card.name}/threads_{torch.get_num_threads()}"
    compare(model, passes, card.context_tokens, arguments.turns, name)


if __name__ == "__main__":
    main()
