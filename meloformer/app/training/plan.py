"""The cost of a run in sentences, before it starts: the model, memory, disk, time."""

import shutil
from pathlib import Path

from meloformer.app.training.words import counted, duration, large, size
from meloformer.html import render
from meloformer.runs.config import TrainConfig
from meloformer.runs.devices import device_name, num_processes
from meloformer.runs.estimate import ResourceEstimate, estimate_resources, free_memory_bytes

_BYTES_SAVED = 20
"""Of a checkpoint for each number of the model: the averaged weights, and what resuming needs."""


def plan_html(config: TrainConfig, music_tokens: int) -> str:
    """Return the list that stands above the Start button.

    Args:
        config: The settings of the run.
        music_tokens: Tokens of the music to train on; 0 if that is not known yet.

    Raises:
        MeloFormerError: The settings do not go together.
    """
    needs = estimate_resources(config)
    lines = [
        (_model(needs), ""),
        _memory(config, needs),
        (_time(config, needs, music_tokens), ""),
        _disk(config, needs),
    ]
    shown = [line for line in lines if line[0]]
    return render("meloformer/app/training/plan.html", lines=shown)


def _model(needs: ResourceEstimate) -> str:
    if needs.trainable == needs.parameters:
        return f"A model of {large(needs.parameters)} parameters, all of them trained."
    share = needs.trainable / needs.parameters
    return (
        f"A model of {large(needs.parameters)} parameters; the training adjusts it by "
        f"{large(needs.trainable)} more, {share:.0%} of that."
    )


def _memory(config: TrainConfig, needs: ResourceEstimate) -> tuple[str, str]:
    device = device_name(config)
    of = "of graphics memory" if device == "cuda" else "of memory"
    words = f"About {size(needs.memory_bytes)} {of}"
    free = free_memory_bytes(device)
    if free is None:
        return f"{words}.", ""
    if needs.memory_bytes <= free:
        return f"{words}; {size(free)} are free.", ""
    return (
        f"{words}, but only {size(free)} are free. Take fewer rows or a shorter context "
        "under Details, or close other programs.",
        "wrong",
    )


def _time(config: TrainConfig, needs: ResourceEstimate, music_tokens: int) -> str:
    on = _devices(config)
    each = needs.seconds_per_step
    steps = float(config.steps) if config.steps else 60 * config.minutes / each if each else 0.0
    words = f"{counted(config.steps, 'step')}" if config.steps else duration(60 * config.minutes)
    if not steps:
        return f"{words} on {on}."
    if config.steps and each:
        words += f", about {duration(steps * each)}"
    elif not config.steps:
        words += f", about {counted(max(_round(steps), 1), 'step')}"
    times = steps * needs.tokens_per_step / music_tokens if music_tokens else 0.0
    return f"{words} on {on}" + (
        f": your music about {counted(max(_round(times), 1), 'time')} over." if times else "."
    )


def _round(number: float) -> int:
    """Round to two digits, for no more are known."""
    digits = max(len(str(int(number))) - 2, 0)
    return int(round(number, -digits))


def _devices(config: TrainConfig) -> str:
    count = num_processes(config)
    if device_name(config) == "cuda":
        return "the graphics card" if count == 1 else f"{count} graphics cards"
    return "the processor" if count == 1 else f"the processor, in {count} processes"


def _disk(config: TrainConfig, needs: ResourceEstimate) -> tuple[str, str]:
    """Return a sentence on the disk, if it has too little room."""
    wanted = _BYTES_SAVED * needs.parameters * (config.keep + 2)
    free = shutil.disk_usage(_existing(config.run)).free
    if wanted < free:
        return "", ""
    return f"About {size(wanted)} on the disk, but only {size(free)} are free.", "wrong"


def _existing(path: Path) -> Path:
    return next(parent for parent in (path, *path.parents) if parent.exists())
