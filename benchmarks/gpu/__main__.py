"""All that a GPU is asked, in one command, which can be repeated.

    python -m benchmarks.gpu SHARDS --out DIR [--seconds 230] [--only attention/large] [--tiny]

Measures in order of worth, for so many seconds: whether our attention is equal to the plain one;
kernels of attention, forward and backward, against dense causal attention; whole training steps;
training with layout, and how long it takes to start. Writes `gpu.json` and `gpu.md`. A row that is
there already is left out, one that failed is tried again. Rows run in another process: one that
fails, hangs or breaks the device is a sentence in the table, and the others go on. `--tiny` runs
the same on a CPU, where the kernels are interpreted, which shows that it works and nothing else.
"""

import argparse
import json
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

from benchmarks.gpu.results import FAILED, Results

CHILD = "benchmarks.gpu.child"
MAX_ROW_SECONDS = 75.0
"""One that takes longer is given up: a kernel may hang."""


def names_of(arguments: argparse.Namespace) -> list[str]:
    """Return the names of all rows, in order."""
    listed = subprocess.run(
        [*command(arguments), "--list"],
        env=environment(arguments),
        stdout=subprocess.PIPE,
        check=True,
    )
    return listed.stdout.decode().split("\n")[:-1]


def command(arguments: argparse.Namespace) -> list[str]:
    device = "cpu" if arguments.tiny else "cuda"
    words = [sys.executable, "-m", CHILD, str(arguments.shards), str(arguments.out), device]
    return [*words, "--repeats", str(arguments.repeats)]


def environment(arguments: argparse.Namespace) -> dict[str, str]:
    return os.environ | ({"TRITON_INTERPRET": "1"} if arguments.tiny else {})


def run(
    arguments: argparse.Namespace, names: list[str], results: Results, deadline: float
) -> list[str]:
    """Measure rows in a process of their own, and return those it did not come to."""
    process = subprocess.Popen(
        [*command(arguments), "--rows", *names],
        env=environment(arguments),
        stdout=subprocess.PIPE,
        text=True,
    )
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_forward, args=(process, lines), daemon=True).start()
    left, began = list(names), time.monotonic()
    reason = "the process ended"
    while left:
        now = time.monotonic()
        if now > deadline:
            reason = "there was no time left"
            break
        if now - began > MAX_ROW_SECONDS:
            reason = f"it took more than {MAX_ROW_SECONDS:.0f} s"
            break
        try:
            line = lines.get(timeout=0.2)
        except queue.Empty:
            continue
        if not line:
            break
        if not line.startswith('{"row"'):
            continue  # of a library
        told = json.loads(line)
        name, seconds = told.pop("row"), time.monotonic() - began
        results.add(name, told)
        print(f"{seconds:6.1f} s  {name}  {json.dumps(told)}", flush=True)
        left.remove(name)
        began = time.monotonic()
    process.kill()
    process.wait()
    if left and time.monotonic() <= deadline:
        failed = left.pop(0)
        results.add(failed, {FAILED: f"{reason}."})
        print(f"          {failed}  {reason}", flush=True)
    return left


def _forward(process: "subprocess.Popen[str]", lines: "queue.Queue[str]") -> None:
    """Pass the lines of a process on, and an empty one at its end."""
    if process.stdout is not None:
        for line in process.stdout:
            lines.put(line)
    lines.put("")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shards", type=Path, help="folder made by `prepare`")
    parser.add_argument("--out", type=Path, required=True, help="folder of the results")
    parser.add_argument("--seconds", type=float, default=230.0, help="when to stop")
    parser.add_argument("--only", nargs="+", default=[""], help="rows whose names begin so")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--tiny", action="store_true", help="on a CPU, small and interpreted")
    arguments = parser.parse_args()
    deadline = time.monotonic() + arguments.seconds
    results = Results(arguments.out)
    left = [
        name
        for name in names_of(arguments)
        if name.startswith(tuple(arguments.only)) and not results.has(name)
    ]
    while left and time.monotonic() < deadline:
        left = run(arguments, left, results, deadline)
    print(f"{len(left)} rows are left" + (f", from {left[0]} on" if left else ""), flush=True)


if __name__ == "__main__":
    main()
