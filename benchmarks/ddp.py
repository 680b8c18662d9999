"""Training in several processes: tokens a second, and recovery of a run that is killed.

    python -m benchmarks.ddp SHARDS [--steps 40] [--kills 10]

SHARDS is a folder made by `prepare`. Two processes of one thread each are compared with one process
of two threads that reads the double batch, and with one of one thread that reads the same; the rate
is the median over the lines of the run after the first. Then one run is killed by kill -9 ten times
at moments drawn at random, started again each time, and compared with one that was left alone.
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from benchmarks.report import report
from meloformer.cpu_workarounds import avoid_broken_amx
from meloformer.runs.config import TrainConfig
from meloformer.runs.folder import WORKER
from meloformer.runs.workspace import Run, create_run

LOG_STEPS = 4


def start(run: Run, processes: int = 1, threads: int = 1) -> subprocess.Popen[bytes]:
    torchrun = ["torch.distributed.run", "--standalone", f"--nproc-per-node={processes}", "-m"]
    launcher = torchrun if processes > 1 else []
    with (run.folder / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", *launcher, WORKER, str(run.folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ | {"OMP_NUM_THREADS": str(threads)},
        )


def train(run: Run, processes: int = 1, threads: int = 1) -> Run:
    if start(run, processes, threads).wait():
        raise SystemExit(run.log_tail())
    return run


def lines(run: Run) -> list[dict[str, Any]]:
    """Read the metrics of steps that are written so far."""
    path = run.folder / "metrics.jsonl"
    text = path.read_text() if path.exists() else ""
    whole = [json.loads(line) for line in text.splitlines(True) if line.endswith("\n")]
    return [line for line in whole if line["event"] == "step"]


def rate(run: Run) -> float:
    """Return tokens a second."""
    return statistics.median(line["tokens_per_s"] for line in lines(run)[1:])


def measure_overhead(shards: Path, root: Path, steps: int, rows: int) -> None:
    def new(name: str, rows: int) -> Run:
        config = TrainConfig(
            shards=shards,
            run=root / name,
            steps=steps,
            rows=rows,
            log_steps=LOG_STEPS,
            evaluate_tokens=0,
        )
        return create_run(name, config, root)

    two = train(new("two", rows), processes=2)
    double = train(new("double", 2 * rows), threads=2)
    single = train(new("single", rows))
    losses = [[line["loss"] for line in lines(run)] for run in (two, double)]
    differences = [abs(one - other) for one, other in zip(*losses, strict=True)]
    report("ddp/two_processes", rate(two), "tokens/s")
    report("ddp/one_process_double_batch", rate(double), "tokens/s")
    report("ddp/one_process_one_thread", rate(single), "tokens/s")
    report("ddp/overhead", 100 * (rate(double) / rate(two) - 1), "percent")
    report("ddp/overhead_to_twice_one_thread", 100 * (2 * rate(single) / rate(two) - 1), "percent")
    report("ddp/largest_difference_of_loss", 1e6 * max(differences), "millionths of a nat")


def measure_kills(shards: Path, root: Path, steps: int, kills: int) -> None:
    def new(name: str) -> Run:
        config = TrainConfig(
            shards=shards,
            run=root / name,
            steps=steps,
            rows=1,
            context_tokens=256,
            log_steps=1,
            save_minutes=0.02,
            evaluate_minutes=0.05,
            evaluate_tokens=1024,
        )
        return create_run(name, config, root)

    whole, run = train(new("whole")), new("killed")
    drawn = random.Random(0)
    seconds = []
    for kill_at in sorted(drawn.sample(range(2, steps - 1), kills)):
        process, began = start(run), time.monotonic()
        while process.poll() is None and not any(one["step"] >= kill_at for one in lines(run)):
            time.sleep(0.01)
        time.sleep(0.2 * drawn.random())
        process.send_signal(signal.SIGKILL)
        process.wait()
        seconds.append(time.monotonic() - began)
    train(run)
    curves = [[(line["step"], line["loss"]) for line in lines(one)] for one in (whole, run)]
    same = sum(one == other for one, other in zip(*curves, strict=True))
    first, second = (load_file(one.checkpoints()[-1] / "model.safetensors") for one in (whole, run))
    bits = all(torch.equal(first[name], second[name]) for name in first)
    report("kill_resume/kills", len(seconds), "kills")
    report("kill_resume/steps_with_the_same_loss", same / steps, "share")
    report("kill_resume/same_weights", float(bits), "0 or 1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shards", type=Path, help="folder made by `prepare`")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--rows", type=int, default=2, help="rows of each of two processes")
    parser.add_argument("--kills", type=int, default=10)
    arguments = parser.parse_args()
    avoid_broken_amx()
    with tempfile.TemporaryDirectory() as folder:
        measure_overhead(arguments.shards, Path(folder), arguments.steps, arguments.rows)
        measure_kills(arguments.shards, Path(folder), 4 * arguments.steps, arguments.kills)


if __name__ == "__main__":
    main()
