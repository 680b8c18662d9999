"""The gain of fine-tuning on a few files of a folder, for other files of the same folder.

    python -m experiments.finetune FOLDER --files 20 --minutes 10 --method lora

Files are drawn by the seed; a fifth of them is held out, and the shipped checkpoint is fine-tuned
on the rest with the settings that the app offers. `improvement` is by how many percent the bits
per note of the held-out files, read from end to end, are fewer with the run's best checkpoint than
with the shipped one. The run chooses it by the openings of the same files; `improvement_last` is
that of the last checkpoint, for which nothing was chosen. With `--steps` instead of `--minutes` the
same figures come out however busy the machine is.
"""

import argparse
import logging
import math
import random
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.report import report
from meloformer import checkpoint
from meloformer.corpus.config import PrepareConfig
from meloformer.corpus.prepare import prepare
from meloformer.cpu_workarounds import avoid_broken_amx
from meloformer.data.shards import open_shards
from meloformer.errors import DataError
from meloformer.registry import default_checkpoint
from meloformer.runs.folder import Run, step_of
from meloformer.runs.presets import fine_tune

HELD_OUT = 0.2


def draw_files(folder: Path, number: int, seed: int) -> tuple[Path, ...]:
    """Draw MIDI files of a folder, by the seed."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".mid", ".midi"))
    if len(found) < number:
        raise DataError(f"{folder} has {len(found)} MIDI files, which is fewer than {number}")
    return tuple(sorted(random.Random(seed).sample(found, number)))


def bits_per_note(model: Path, held_out: Path, context_tokens: int) -> float:
    """Measure a checkpoint on all windows of held-out shards."""
    from meloformer.evaluation.bits_per_note import model_costs, summarise
    from meloformer.evaluation.windows import cut_windows

    windows = cut_windows(open_shards(held_out), context_tokens)
    network, _ = checkpoint.load(model)
    return summarise(windows, model_costs(network, windows, context_tokens)).bits_per_note


def measure(name: str, shards: Path, run: Path, arguments: argparse.Namespace) -> None:
    """Fine-tune on prepared shards and report what it gained."""
    from meloformer.training.worker import train

    base = arguments.base
    config = fine_tune(shards, run, base, method=arguments.method, minutes=arguments.minutes)
    if arguments.steps:
        every = math.ceil(arguments.steps * config.evaluate_minutes / config.minutes)
        config = replace(config, steps=arguments.steps, evaluate_steps=every)
    last = train(replace(config, seed=arguments.seed))
    best = Run(run).best() or last
    context = checkpoint.read_card(base).context_tokens
    before, after, at_end = (
        bits_per_note(model, shards / "held_out", context) for model in (base, best, last)
    )
    tokens = checkpoint.read_card(last).tokens_seen - checkpoint.read_card(base).tokens_seen
    train_tokens = open_shards(shards / "train").offsets[-1]
    report(f"{name}/base", before, "bits/note")
    report(f"{name}/fine_tuned", after, "bits/note")
    report(f"{name}/improvement", 100 * (1 - after / before), "%")
    report(f"{name}/improvement_last", 100 * (1 - at_end / before), "%")
    report(f"{name}/steps", step_of(last), "steps")
    report(f"{name}/best_step", step_of(best), "steps")
    report(f"{name}/heard", tokens / train_tokens, "times")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="MIDI files of one style")
    parser.add_argument("--files", type=int, default=20, help="how many of them")
    parser.add_argument("--minutes", type=float, default=10.0, help="of training")
    parser.add_argument("--steps", type=int, default=0, help="of training, instead of minutes")
    parser.add_argument("--method", choices=("lora", "full"), default="lora")
    parser.add_argument("--base", type=Path, default=default_checkpoint(), help="checkpoint")
    parser.add_argument("--seed", type=int, default=0, help="of the files drawn, and of the run")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    avoid_broken_amx()
    files = draw_files(arguments.folder, arguments.files, arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        shards = Path(folder) / "shards"
        prepare(PrepareConfig(inputs=files, out=shards, held_out=HELD_OUT))
        name = f"finetune/{arguments.folder.name}_{arguments.seed}/{arguments.method}"
        measure(name, shards, Path(folder) / "run", arguments)


if __name__ == "__main__":
    main()
