"""The speed of the shipped checkpoint, and the time until its first bar.

`python -m benchmarks.compose`: eight bars after the example with the most parts, all of its parts
asked to play in every bar. `_cpu_speed` is by processor time, without waiting for one.
"""

import argparse
import time
from pathlib import Path

import torch

from benchmarks.report import report
from meloformer.checkpoint import load, load_known_runs
from meloformer.engine.composition import compose, prepare_prompt
from meloformer.engine.request import ContinueRequest, PartRequest, Presence
from meloformer.registry import default_checkpoint
from meloformer.score import read_midi
from meloformer.tokens import Kind, encode, vocabulary

EXAMPLE = Path(__file__).parents[1] / "assets" / "examples" / "band.mid"
NUM_BARS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    torch.set_num_threads(parser.parse_args().threads)
    model, card = load(default_checkpoint())
    known_runs = load_known_runs(default_checkpoint())
    encoding = encode(read_midi(EXAMPLE.read_bytes()))
    started = time.perf_counter()
    prompt = prepare_prompt(model, card, encoding)
    report("prefill_of_the_upload", time.perf_counter() - started, "s")
    parts = tuple(PartRequest(part, Presence.ALWAYS) for part in encoding.parts)
    for num_candidates in (1, 4):
        request = ContinueRequest(num_bars=NUM_BARS, parts=parts, num_candidates=num_candidates)
        _measure(model, card, encoding, prompt, request, known_runs)


def _measure(model, card, encoding, prompt, request, known_runs) -> None:
    given = {"prompt": prompt, "known_runs": known_runs}
    list(compose(model, card, encoding, request, **given))  # warm
    started, cpu_before = time.perf_counter(), time.process_time()
    first_bar_s = 0.0
    made = {}
    for step in compose(model, card, encoding, request, **given):
        first_bar_s = first_bar_s or time.perf_counter() - started
        made[step.candidate] = step.so_far
    elapsed, cpu = time.perf_counter() - started, time.process_time() - cpu_before
    kinds = [vocabulary().kind[encode(candidate.score).ids] for candidate in made.values()]
    name = f"compose_{request.num_candidates}"
    report(f"{name}_first_bar", first_bar_s, "s")
    report(f"{name}_notes", sum(int((k == Kind.ONSET).sum()) for k in kinds) / elapsed, "notes/s")
    report(f"{name}_tokens", sum(len(k) for k in kinds) / elapsed, "tokens/s")
    played = sum(candidate.score.duration_s for candidate in made.values())
    report(f"{name}_speed", played / elapsed, "s of music per s")
    report(f"{name}_cpu_speed", played / cpu, "s of music per s")


if __name__ == "__main__":
    main()
