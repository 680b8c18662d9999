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
import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.gpu.results import FAILED, Results

CHILD = "benchmarks.gpu.child"
MAX_ROW_SECONDS, MAX_TINY_SECONDS = 75.0, 900.0
"""A row that takes longer is given up: a kernel may hang. A CPU may have other things to do."""
POLL_SECONDS = 0.2


def command(arguments: argparse.Namespace) -> list[str]:
    device = "cpu" if arguments.tiny else "cuda"
    words = [sys.executable, "-m", CHILD, str(arguments.shards), str(arguments.out), device]
    return [*words, "--repeats", str(arguments.repeats), "--only", *arguments.only]


def environment(arguments: argparse.Namespace) -> dict[str, str]:
    return os.environ | ({"TRITON_INTERPRET": "1"} if arguments.tiny else {})


def run(
    arguments: argparse.Namespace, without: list[str], results: Results, deadline: float
) -> list[str]:
    """Measure rows in a process of their own, and return those that are left.

    Args:
        arguments: Of the command.
        without: Rows that are not wanted again.
        results: Where they go.
        deadline: Of `time.monotonic`.
    """
    process = subprocess.Popen(
        [*command(arguments), "--without", *without],
        env=environment(arguments),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_forward, args=(process, lines), daemon=True).start()
    left: list[str] = []
    limit = MAX_TINY_SECONDS if arguments.tiny else MAX_ROW_SECONDS
    began = time.monotonic()
    reason = ""
    while not reason:
        now = time.monotonic()
        if now > deadline:
            break
        if now - began > limit:
            reason = f"It took more than {limit:.0f} s."
        told = _told(lines)
        if told is None:
            if process.wait() == 0:
                break  # the device was broken by a row that has been told of
            reason = f"The process ended with {process.returncode}."
        elif "plan" in told:
            left = told["plan"]
        elif "row" in told:
            name = told.pop("row")
            results.add(name, told)
            print(f"{now - began:6.1f} s  {name}  {json.dumps(told)}", flush=True)
            left.remove(name)
            began = now
            if not left:
                break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # and what it has started
    process.wait()
    if left and reason:
        failed = left.pop(0)
        results.add(failed, {FAILED: reason})
        print(f"          {failed}  {reason}", flush=True)
    return left


def _told(lines: "queue.Queue[str]") -> dict[str, Any] | None:
    """Return what a process says, nothing after a while, None at its end."""
    try:
        line = lines.get(timeout=POLL_SECONDS)
    except queue.Empty:
        return {}
    if not line:
        return None
    told: dict[str, Any] = json.loads(line) if line.startswith(('{"row"', '{"plan"')) else {}
    return told  # anything else is of a library


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
    without = results.names()
    left = run(arguments, without, results, deadline)
    while left and time.monotonic() < deadline:
        # What this run has tried is not tried again, whether or not it failed.
        left = run(arguments, [*without, *results.tried], results, deadline)
    print(f"{len(left)} rows are left" + (f", from {left[0]} on" if left else ""), flush=True)


if __name__ == "__main__":
    main()
