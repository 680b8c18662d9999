"""The devices of this machine, found without torch."""

import os
import re
from pathlib import Path

from meloformer.runs.config import TrainConfig


def device_name(config: TrainConfig) -> str:
    """Return the device of a run: "cuda" for the GPUs of this machine, or "cpu"."""
    del config  # all runs use the same devices until one can be told to leave some out
    return "cuda" if num_gpus() else "cpu"


def num_processes(config: TrainConfig) -> int:
    """Return how many ranks the run has on this machine."""
    return config.devices or num_gpus() or 1


def num_gpus() -> int:
    """Count the NVIDIA GPUs that a process started here would see."""
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        return len([one for one in chosen.split(",") if one.strip() not in ("", "-1")])
    devices = [
        path for path in Path("/dev").glob("nvidia*") if re.fullmatch(r"nvidia\d+", path.name)
    ]
    return len(devices) or int(Path("/dev/dxg").exists())  # the latter under Windows
