"""A real run of training: how long it takes to start, its rate, and how long it waits for data."""

import os
import shutil
import statistics
import subprocess
import sys
import time

from benchmarks.gpu.rows import Setting, Values
from meloformer.errors import RunError
from meloformer.runs.config import TrainConfig
from meloformer.runs.folder import WORKER, Run
from meloformer.runs.workspace import create_run
from meloformer.training.start import STAGES

LOG_STEPS = 5
POLL_SECONDS = 0.05


def measure(
    size: str, context: int, rows: int, workers: int, steps: int, setting: Setting
) -> Values:
    """Train for some steps, in a process of its own, as the command does.

    Raises:
        RunError: The run failed.
    """
    name = f"run-{size}"
    shutil.rmtree(setting.out / name, ignore_errors=True)
    config = TrainConfig(
        shards=setting.shards.resolve(),
        run=setting.out / name,
        size=size,
        steps=steps,
        context_tokens=context,
        rows=rows,
        precision="bf16" if setting.device == "cuda" else "fp32",
        workers=workers,
        fill=0.3,
        evaluate_tokens=0,
        log_steps=LOG_STEPS,
    )
    run = create_run(name, config, setting.out)
    began, first = time.monotonic(), 0.0
    with (run.folder / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", WORKER, str(run.folder)], stdout=log, stderr=log, env=_plain()
        )
        while process.poll() is None:
            if not first and run.metrics("step"):
                first = time.monotonic() - began
            time.sleep(POLL_SECONDS)
    if process.returncode:
        raise RunError(f"training failed: {run.log_tail(3)}")
    return {f"s to step {LOG_STEPS}": first, **_stages(run), **_rates(run)}


def _stages(run: Run) -> dict[str, float]:
    """Return how long each stage of the start took, in the order of the stages."""
    (start,) = run.metrics("start")
    return {f"s for {stage}": float(str(start[f"{stage}_s"])) for stage in STAGES}


def _rates(run: Run) -> dict[str, float]:
    """Return the medians over the lines of the run after the first."""
    lines = run.metrics("step")[1:]
    rate, waited = (
        statistics.median(float(str(line[key])) for line in lines)
        for key in ("tokens_per_s", "waited")
    )
    return {"tokens/s": rate, "waiting for data, %": 100 * waited}


def _plain() -> dict[str, str]:
    """Return the environment without what only our own kernels' tests want."""
    return {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
