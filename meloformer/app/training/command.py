"""The same run as a command line, for reading and copying; nothing here runs it."""

import shlex
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, cast

from meloformer.runs.config import TrainConfig


def command_line(config: TrainConfig) -> str:
    """Return `python -m meloformer train` with every setting that is not at its default."""
    words = ["python", "-m", "meloformer", "train"]
    for one in fields(TrainConfig):
        value = getattr(config, one.name)
        if isinstance(value, dict):  # what is not named counts by its size, so it needs no flag
            before = cast("dict[str, float]", _default(one))
            for name, share in value.items():
                if before.get(name, share) != share:
                    words += _flag(f"{one.name}.{name}", share)
        elif value != _default(one):
            words += _flag(one.name.replace("_", "-"), value)
    return shlex.join(words)


def shell_lines(config: TrainConfig) -> str:
    """Return the commands that begin, watch, stop and resume the run."""
    verbs = ("watch", "stop", "resume")
    words = ["python", "-m", "meloformer", "runs"]
    of = [config.run.name, "--root", str(config.run.parent)]
    return "\n".join([command_line(config), *(shlex.join([*words, verb, *of]) for verb in verbs)])


def _default(one: "Field[Any]") -> object:
    if one.default_factory is not MISSING:
        return one.default_factory()
    return one.default


def _flag(name: str, value: object) -> list[str]:
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    if isinstance(value, float):
        return [f"--{name}", f"{value:g}"]
    return [f"--{name}", str(value) if isinstance(value, Path) else f"{value}"]
