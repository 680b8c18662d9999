"""The trainer: start, tokens a second, peak memory, and the share of the time it waits for data.

    python -m benchmarks.training SHARDS --sizes small small base large --context 8192

SHARDS is a folder made by `prepare`. Each size is a real run, alone in a process of its own, on the
GPU if there is one (in BF16) and else on the CPU (in FP32). The rate is the median over the lines
of the run after the first; memory is what the process took at its largest, of the GPU or of the
machine. The start is over with the fifth step. What is compiled for a GPU is kept for later runs:
a size that is named twice starts sooner the second time.
"""

import argparse
import multiprocessing
import resource
import statistics
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

from benchmarks.report import report
from meloformer.cpu_workarounds import avoid_broken_amx
from meloformer.runs.config import TrainConfig
from meloformer.runs.devices import num_gpus
from meloformer.runs.folder import Run

LOG_STEPS = 5
_LOOK_EVERY_S = 0.05


def train_here(config: TrainConfig, peak: Connection) -> None:
    """Train in this process, and send the peak of its memory in bytes."""
    import torch

    from meloformer.training.worker import train

    train(config)
    if torch.cuda.is_available():
        peak.send(torch.cuda.max_memory_allocated())
    else:
        peak.send(1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def measure(config: TrainConfig, name: str) -> None:
    """Train once, and return the metrics of the run."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=train_here, args=(config, sender))
    started = time.perf_counter()
    process.start()
    sender.close()
    while process.is_alive() and not Run(config.run).metrics("step"):
        time.sleep(_LOOK_EVERY_S)
    report(f"{name}/start", time.perf_counter() - started, "s")
    try:
        peak_bytes = receiver.recv()
    except EOFError:
        raise SystemExit(f"{name} failed: {Run(config.run).state().reason}") from None
    process.join()
    lines = Run(config.run).metrics("step")[1:]
    rate, waited = (
        statistics.median(float(str(line[key])) for line in lines)
        for key in ("tokens_per_s", "waited")
    )
    report(f"{name}/rate", rate, "tokens/s")
    report(f"{name}/peak_memory", peak_bytes / 1e9, "GB")
    report(f"{name}/waiting_for_data", 100 * waited, "percent of the step")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shards", type=Path, help="folder made by `prepare`")
    parser.add_argument("--sizes", nargs="+", default=["tiny"])
    parser.add_argument("--context", type=int, default=1024, help="tokens of a row")
    parser.add_argument("--rows", type=int, default=1)
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--workers", type=int, default=2, help="processes that make batches")
    parser.add_argument("--fill", type=float, default=0.0, help="share of crops with gaps")
    parser.add_argument("--checkpointing", action="store_true", help="of attention and FFN")
    arguments = parser.parse_args()
    avoid_broken_amx()
    precision: Literal["bf16", "fp32"] = "bf16" if num_gpus() else "fp32"
    with tempfile.TemporaryDirectory() as folder:
        for number, size in enumerate(arguments.sizes):
            config = TrainConfig(
                shards=arguments.shards,
                run=Path(folder) / f"{size} {number}",
                size=size,
                steps=arguments.steps,
                context_tokens=arguments.context,
                rows=arguments.rows,
                precision=precision,
                workers=arguments.workers,
                fill=arguments.fill,
                checkpoint_attention=arguments.checkpointing,
                checkpoint_ffn=arguments.checkpointing,
                evaluate_tokens=0,
                log_steps=LOG_STEPS,
            )
            measure(config, f"training/{size}/{arguments.context}/{precision}")


if __name__ == "__main__":
    main()
