"""Runs of the real worker in processes of their own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import torch
from safetensors.torch import load_file

from meloformer.runs.config import TrainConfig
from meloformer.runs.folder import WORKER
from meloformer.runs.workspace import Run, create_run
from tests.runs.forked_ranks import SLOWEST_S, forked


def small_config(shards: Path, run: Path, base: Path | None = None, **settings) -> TrainConfig:
    """Ten quick steps, each of them logged."""
    small = {
        "steps": 10,
        "context_tokens": 128,
        "rows": 2,
        "warmup_steps": 2,
        "log_steps": 1,
        "evaluate_tokens": 256,
    }
    return TrainConfig(shards=shards, run=run, base=base, **(small | settings))


def new_run(config: TrainConfig) -> Run:
    return create_run(config.run.name, config, config.run.parent)


def torchrun_of(run: Run, processes: int) -> list[str]:
    """The command that trains a run in processes which are started again when one of them fails."""
    torchrun = ["torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    return [sys.executable, "-m", *torchrun, "--max-restarts=3", "-m", WORKER, str(run.folder)]


@contextmanager
def started(command: list[str], log: Path) -> Iterator[psutil.Popen]:
    """A process that, with all of its own, is gone in the end."""
    with log.open("ab") as output:
        process = psutil.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
    family = [process]
    try:
        yield process
        if process.is_running():
            family += process.children(recursive=True)
    finally:
        for one in family:
            if one.is_running():
                one.kill()
        process.wait(SLOWEST_S)


def train_in_processes(run: Run, processes: int = 1, worker: str = WORKER, **env: str) -> int:
    """Train to the end without torchrun; gives the largest exit code."""
    with forked(run, processes, worker, **env) as ranks:
        codes = ranks.wait()
    ended = [code for code in codes if code is not None]
    assert len(ended) == processes, f"{codes} after {SLOWEST_S} s\n{run.log_tail()}"
    return max(ended)


def wait_for_step(run: Run, step: int) -> None:
    """Until the metrics tell of a step."""
    until = time.monotonic() + SLOWEST_S
    while not any(line["step"] >= step for line in metrics(run)):
        assert time.monotonic() < until, run.log_tail()
        time.sleep(0.02)


def kill_rank(process: psutil.Process, rank: int, number: int = signal.SIGKILL) -> None:
    """Send a signal to one of the processes that torchrun has started."""
    (chosen,) = [one for one in process.children() if one.environ().get("RANK") == str(rank)]
    chosen.send_signal(number)


def metrics(run: Run) -> list[dict[str, float]]:
    path = run.folder / "metrics.jsonl"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def losses(run: Run) -> list[float]:
    """Of each step, in order."""
    lines = [line for line in metrics(run) if line["event"] == "step"]
    assert [line["step"] for line in lines] == list(range(1, len(lines) + 1))
    return [line["loss"] for line in lines]


def weights(run: Run) -> dict[str, torch.Tensor]:
    """Of its last checkpoint."""
    last = run.last()
    assert last is not None, run.log_tail()
    return load_file(last / "model.safetensors")


def same_weights(first: Run, second: Run) -> bool:
    """Bit for bit."""
    one, other = weights(first), weights(second)
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
