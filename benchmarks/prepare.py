"""Speed and memory of preparing a corpus: `python -m benchmarks.prepare FOLDER`.

Runs the real command line, once for each number of workers. Without a folder it makes a small
corpus first; for a large one see `benchmarks.synthetic`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.report import report

_SMALL_CORPUS_SONGS = 1000


@dataclass(frozen=True, slots=True)
class Run:
    """Time, memory and output of one run."""

    wall_s: float
    cpu_s: float
    """Of all processes together."""
    peak_mb: float
    """Memory of the largest process, at its worst."""
    files: int
    pieces: int
    tokens: int
    disk_bytes: int
    """Of all that training reads."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="by default a small made-up corpus")
    parser.add_argument("--workers", type=int, nargs="+", default=[1], help="0: one a core")
    arguments = parser.parse_args()
    num_cores = len(os.sched_getaffinity(0))
    with _corpus(arguments.folder) as folder:
        for workers in arguments.workers:
            run = measure(folder, workers)
            name = f"prepare/workers_{workers}"
            busy_cores = min(workers or num_cores, num_cores)
            report(f"{name}/files", run.files, "files")
            report(f"{name}/wall", run.wall_s, "s")
            report(f"{name}/rate", run.files / run.wall_s, "songs/s")
            report(f"{name}/rate_per_core", run.files / run.wall_s / busy_cores, "songs/s")
            report(f"{name}/rate_per_cpu", run.files / run.cpu_s, "songs per CPU s")
            report(f"{name}/tokens", run.tokens / run.wall_s, "tokens/s")
            report(f"{name}/kept", run.pieces / run.files, "share of the files")
            report(f"{name}/peak_memory", run.peak_mb, "MB in the largest process")
            report(f"{name}/disk", run.disk_bytes / run.tokens, "bytes per token")


@contextmanager
def _corpus(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory() as made:
        # In another process, as this one must stay small: a program starts with the peak of the
        # one that starts it.
        command = [sys.executable, "-m", "benchmarks.synthetic", "--out", made]
        subprocess.run(
            [*command, "--songs", str(_SMALL_CORPUS_SONGS)], stdout=sys.stderr, check=True
        )
        yield Path(made)


def measure(folder: Path, workers: int) -> Run:
    """Prepare a folder in a process of its own, and delete the output.

    Raises:
        SystemExit: It failed; its messages have been shown.
    """
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch, "shards")
        command = [sys.executable, "-m", "meloformer", "prepare", str(folder)]
        started = perf_counter()
        process = subprocess.Popen(
            [*command, "--out", str(out), "--workers", str(workers)], stdout=sys.stderr
        )
        # Counts the processes it has waited for, too, which are all that it starts.
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"`{' '.join(command)}` failed with exit status {process.returncode}")
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        sets = manifest["train"] + manifest["held_out"]
        shards = (out / side for side in ("train", "held_out"))
        return Run(
            wall_s=wall_s,
            cpu_s=usage.ru_utime + usage.ru_stime,
            peak_mb=usage.ru_maxrss * 1024 / 1e6,
            files=manifest["files"],
            pieces=sum(one["documents"] for one in sets),
            tokens=sum(one["tokens"] for one in sets),
            disk_bytes=sum(path.stat().st_size for side in shards for path in side.iterdir()),
        )


if __name__ == "__main__":
    main()
