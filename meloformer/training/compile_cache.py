"""What torch compiles for a GPU, kept beside the runs: the next run, and this one, start sooner."""

import os
from pathlib import Path

_VARIABLES = ("TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR")


def keep_compiled(folder: Path) -> None:
    """Keep in a folder what this process compiles, unless its environment names another.

    Args:
        folder: Need not exist. Runs on the same kind of GPU may share it.
    """
    for variable in _VARIABLES:
        os.environ.setdefault(variable, str(folder / variable.partition("_")[0].lower()))
