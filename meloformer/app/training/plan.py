"""The cost of a run in sentences, before it starts: the model, memory, disk, time."""

import shutil
from pathlib import Path

from meloformer.app.training.music import Amount
from meloformer.app.training.words import counted, duration, large, rounded, size
from meloformer.html import render
from meloformer.runs.config import TrainConfig
from meloformer.runs.devices import device_name, num_processes
from meloformer.runs.estimate import ResourceEstimate, estimate_resources, free_memory_bytes

_BYTES_SAVED = 20
"""Of a checkpoint for each number of the model: the averaged weights, and what resuming needs."""
NEW_MODEL_TOKENS = 2_000_000
"""Of music that a model from scratch needs at least: some hundred pieces for a band. A rule of
thumb; the shipped model had thirty times as much."""
_GUESS = "That is a guess: the machine is measured when the training begins."


def is_too_little(config: TrainConfig, music: Amount) -> bool:
    """Check if a model is to be made from scratch of music that is not enough for one."""
    return config.base is None and music.tokens < NEW_MODEL_TOKENS


def plan_html(config: TrainConfig, music: Amount) -> str:
    """Return the list that stands above the Start button.

    Args:
        config: The settings of the run.
        music: What it trains on; empty if that is not known yet.

    Raises:
        MeloFormerError: The settings do not go together.
    """
    needs = estimate_resources(config)
    lines = [
        (_model(needs), ""),
        _memory(config, needs),
        (_time(config, needs, music.tokens), ""),
        _disk(config, needs),
        (_warning(music), "wrong") if is_too_little(config, music) else ("", ""),
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
        words += f", about {counted(max(rounded(steps), 1), 'step')}"
    times = steps * needs.tokens_per_step / music_tokens if music_tokens else 0.0
    words = f"{words} on {on}" + (
        f": your music about {counted(max(rounded(times), 1), 'time')} over." if times else "."
    )
    return f"{words} {_GUESS}" if each else words


def _warning(music: Amount) -> str:
    """Return a sentence on how much music a model from scratch has, and would need."""
    has = counted(music.pieces, "piece")
    needs = "hundreds of pieces"
    if music.tokens:
        times = NEW_MODEL_TOKENS / music.tokens
        needs = f"some {rounded(times * music.pieces):,} pieces like these"
        if music.seconds:
            has += f", {duration(music.seconds)}"
            needs += f", {duration(times * music.seconds)}"
    return (
        f"Too little music for a new model: {has}. It takes {needs}, before it writes anything you "
        "would keep. Fine-tune the model there is instead."
    )


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
