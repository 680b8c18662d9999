"""Tokens a second of cached decoding, and what the cache and a batch of candidates gain.

    python -m benchmarks.decode --size small --context 1024 --threads 1

The stream is random but shaped like music: five parts, two to eight notes a bar and part. What is
compared is measured in turns, several times over, and the best turn counts: on a machine that also
does other things, a slower turn tells of those. `_cpu` is processor time, without waiting for one.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.report import report
from meloformer.data.bloom_filter import BloomFilter
from meloformer.data.known_runs import RUN_NOTES, KnownRuns, filter_bytes
from meloformer.engine.constraints import Constraints, CopyGuard, CurrentBar, reach_of
from meloformer.engine.plan import Plan
from meloformer.engine.request import SamplingConfig
from meloformer.engine.sampling import sample
from meloformer.model.config import SIZES, TokenType
from meloformer.model.inputs import Inputs
from meloformer.model.transformer import MeloFormer
from meloformer.score import read_midi
from meloformer.score.note_runs import run_hashes
from meloformer.tokens import Cursor, bar_ends, encode, vocabulary
from meloformer.tokens.lines import lines_of_stream

EXAMPLE = Path(__file__).parents[1] / "assets" / "examples" / "band.mid"
PARTS = (1024, 264, 0, 1, 200)
BAR_TICKS = 48
TURNS = 5


def stream(num_tokens: int) -> Inputs:
    """Make up a document of that length. (1, T)."""
    rng = np.random.default_rng(0)
    rows = [(TokenType.SONG, 0, 0, -1, -1)]
    bar = note = 0
    while len(rows) < num_tokens:
        rows.append((TokenType.HEADER, bar, 0, -1, -1))
        for part in PARTS:
            rows.append((TokenType.HEADER, bar, 0, part, -1))
            for onset in np.sort(rng.integers(0, BAR_TICKS, rng.integers(2, 9))):
                rows += [(TokenType(kind), bar, int(onset), part, note) for kind in range(4, 8)]
                note += 1
        rows.append((TokenType.SUM, bar, BAR_TICKS, -1, -1))
        bar += 1
    types, bars, onsets, parts, notes = np.array(rows[:num_tokens]).T
    return Inputs.from_stream(rng.integers(0, 800, num_tokens), types, bars, onsets, parts, notes)


Step = Callable[[int], object]


class Seconds(NamedTuple):
    """Of one step."""

    wall: float
    cpu: float


def seconds(step: Step, num_steps: int) -> Seconds:
    """Median time of a step, after a few to warm up."""
    times = []
    for index in range(num_steps):
        started = time.perf_counter(), time.process_time()
        step(index)
        times.append((time.perf_counter() - started[0], time.process_time() - started[1]))
    return Seconds(*map(statistics.median, zip(*times[min(3, num_steps - 1) :], strict=True)))


def best(turns: list[Seconds]) -> Seconds:
    return Seconds(*map(min, zip(*turns, strict=True)))


def decoding(model: MeloFormer, inputs: Inputs, context: int, rows: int) -> Callable[[], Seconds]:
    """To be called for the time of one step of `rows` candidates after `context` tokens."""
    prompt, _ = model.prefill(inputs.slice(0, context), inputs.ids.shape[1])
    columns = torch.stack(inputs).repeat(1, rows, 1).numpy()  # (8, B, T)

    def turn() -> Seconds:
        cache = prompt.repeat(rows)
        return seconds(
            lambda index: model.next_logits(columns[:, :, context + index], cache),
            inputs.ids.shape[1] - context,
        )

    return turn


def choosing(known_runs: KnownRuns | None = None) -> tuple[Callable[[], Seconds], int]:
    """Measure the constraints and the draw, without a model, for an example with many parts.

    Args:
        known_runs: With the copy guard, and this music behind it.

    Returns:
        To be called for the time of all tokens after its first bar, and how many they are.
    """
    encoding = encode(read_midi(EXAMPLE.read_bytes()))
    ends, ids = bar_ends(encoding.ids), encoding.ids.tolist()
    parts = frozenset(encoding.parts)
    guard = () if known_runs is None else (CopyGuard(known_runs),)
    reach = reach_of(encoding, parts)
    plan = Plan(len(ends), parts, frozenset(), reach, (), further=guard)
    constraints, filters = Constraints(plan.constraints()), SamplingConfig.from_adventure(0.5)
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(64, vocabulary().size)).astype(np.float32)

    def write(_: int) -> None:
        cursor, bar = Cursor(), CurrentBar()
        for index, token in enumerate(ids[: ends[-1]]):
            if index >= ends[0]:
                choice = constraints.choice(cursor, bar, logits[index % len(logits)])
                sample(*choice, filters, rng)
            cursor.advance_legal(token)
            bar = bar.after(cursor.state)

    return lambda: seconds(write, 2), int(ends[-1] - ends[0])


def known_music(runs: NDArray[np.uint64]) -> KnownRuns:
    """Index runs among as many others as the index of a real training set holds."""
    others = np.random.default_rng(0).integers(0, 2**64, 4_000_000, dtype=np.uint64)
    known = BloomFilter.of(np.concatenate((others, runs)), filter_bytes(len(others) + len(runs)))
    return KnownRuns(0, 0, len(others) + len(runs), known)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=list(SIZES), default="small")
    parser.add_argument("--context", type=int, default=1024, help="tokens before the first step")
    parser.add_argument("--tokens", type=int, default=200, help="steps to time")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    model = MeloFormer(SIZES[arguments.size]).eval()
    inputs = stream(arguments.context + arguments.tokens)
    name = f"decode/{arguments.size}/context_{arguments.context}/threads_{arguments.threads}"

    with torch.inference_mode():
        prefix = inputs.slice(0, arguments.context)
        own = lines_of_stream(encode(read_midi(EXAMPLE.read_bytes())).ids)
        choose, num_chosen = choosing()
        tasks = {
            "choose": choose,
            "choose_guarded": choosing(known_music(run_hashes([], RUN_NOTES)))[0],
            "choose_all_known": choosing(known_music(run_hashes(own, RUN_NOTES)))[0],
            "batch_1": decoding(model, inputs, arguments.context, 1),
            "batch_4": decoding(model, inputs, arguments.context, 4),
            "whole": lambda: seconds(lambda _: model(prefix), 3),
            "prefill": lambda: seconds(lambda _: model.prefill(prefix, inputs.ids.shape[1]), 3),
        }
        turns = [{task: measure() for task, measure in tasks.items()} for _ in range(TURNS)]
    took = {task: best([turn[task] for turn in turns]) for task in tasks}
    one, four = took["batch_1"], took["batch_4"]
    report(f"{name}/batch_1", 1 / one.wall, "tokens/s")
    report(f"{name}/batch_1_cpu", 1000 * one.cpu, "ms")
    report(f"{name}/batch_4", 4 / four.wall, "tokens/s")
    report(f"{name}/batch_4_cpu", 1000 * four.cpu, "ms")
    report(f"{name}/batch_4_over_batch_1", 4 * one.wall / four.wall, "ratio")
    report(f"{name}/cached_over_recomputed", took["whole"].wall / one.wall, "ratio")
    for task in ("choose", "choose_guarded", "choose_all_known"):
        report(f"decode/{task}_cpu", 1e6 * took[task].cpu / num_chosen, "us")
    report(f"{name}/prefill", arguments.context / took["prefill"].wall, "tokens/s")


if __name__ == "__main__":
    main()
