"""One measurement, one JSON line: `{name, value, unit, commit, hardware}`."""

import json
import os
import platform
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def report(name: str, value: float, unit: str) -> None:
    """Print a measurement with the commit and the machine it was taken on."""
    line = {
        "name": name,
        "value": round(value, 4),
        "unit": unit,
        "commit": _commit(),
        "hardware": _hardware(),
    }
    print(json.dumps(line), flush=True)


@cache
def _commit() -> str:
    """Return the short hash, with a + if files differ from it; empty outside a repository."""
    try:
        description = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return description.stdout.strip()


@cache
def _hardware() -> str:
    """Return the processor, the number of cores of this process, and the GPU if there is one."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text() if cpuinfo.is_file() else ""
    names = [line.split(":", 1)[1].strip() for line in text.splitlines() if "model name" in line]
    name = names[0] if names else platform.processor() or platform.machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    torch = sys.modules.get("torch")  # a benchmark without it has no use for a GPU
    gpu = torch.cuda.get_device_name() if torch and torch.cuda.is_available() else ""
    return f"{name}, {cores} cores" + (f", {gpu}" if gpu else "")
