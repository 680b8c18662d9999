"""The real app in a process of its own, for benchmarks that ask it over HTTP."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.report import ROOT


@contextmanager
def app_process(place: Path, *options: str) -> Iterator[tuple[str, psutil.Process]]:
    """Start the app with nothing in its library, and tell its address and its process.

    Args:
        place: An empty folder for all that it writes.
        options: Of `meloformer app`.
    """
    environment = {**os.environ, "MELOFORMER_HOME": str(place / "home")}
    with (place / "log.txt").open("w") as log:
        app = subprocess.Popen(
            [
                *(sys.executable, "app.py", "--port", "0"),
                *("--workspace", str(place / "runs"), *options),
            ],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert app.stdout is not None
        try:
            said = app.stdout.readline()
            if "http://" not in said:
                raise SystemExit(f"The app did not start:\n{(place / 'log.txt').read_text()}")
            yield said.split()[-1], psutil.Process(app.pid)
        finally:
            app.terminate()
            app.wait(20)
            app.stdout.close()


def resident_mb(process: psutil.Process) -> float:
    """Return how much memory a process takes, in MB."""
    return float(process.memory_info().rss / 1e6)
