"""Seconds that a shell waits for the package, and for the help text.

`python -m benchmarks.startup`: the best of several fresh Pythons each.
"""

import subprocess
import sys
from time import perf_counter

from benchmarks.report import report

RUNS = 7
MODULES = ("meloformer", "meloformer.score", "meloformer.audio", "meloformer.cli")


def main() -> None:
    for module in MODULES:
        seconds, loads_torch = zip(*(_import(module) for _ in range(RUNS)), strict=True)
        report(f"import_{module}", min(seconds), "s")
        report(f"import_{module}_loads_torch", int(any(loads_torch)), "yes or no")
    report("help", min(_help() for _ in range(RUNS)), "s")


def _import(module: str) -> tuple[float, bool]:
    """Measure the seconds of an import in a fresh Python, and whether torch came along."""
    program = f"""
from time import perf_counter
started = perf_counter()
import {module}
seconds = perf_counter() - started
import sys
print(seconds, int("torch" in sys.modules))
"""
    seconds, loads_torch = _python("-c", program).split()
    return float(seconds), loads_torch == "1"


def _help() -> float:
    """Measure the seconds of `meloformer --help`, Python's own start included."""
    started = perf_counter()
    _python("-m", "meloformer", "--help")
    return perf_counter() - started


def _python(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    main()
