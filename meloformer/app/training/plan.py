"""The cost of a run in sentences, before it starts: the model, memory, disk, time."""

import shutil
from pathlib import Path

from meloformer.app.training.music import Amount
from meloformer.app.training.words import counted, duration, large, rounded, size
from meloformer.errors import ConfigError
from meloformer.html import render
from meloformer.phrases import filled, joined, phrase, plural
from meloformer.runs.config import TrainConfig
from meloformer.runs.devices import device_name, num_processes
from meloformer.runs.estimate import (
    ResourceEstimate,
    cannot_fit,
    estimate_resources,
    free_memory_bytes,
)

_BYTES_SAVED = 20
"""Of a checkpoint for each number of the model: the averaged weights, and what resuming needs."""
NEW_MODEL_TOKENS = 2_000_000
"""Of music that a model from scratch needs at least: some hundred pieces for a band. A rule of
thumb; the shipped model had thirty times as much."""
_GUESS = phrase("That is a guess: the machine is measured when the training begins.")


def is_too_little(config: TrainConfig, music: Amount) -> bool:
    """Check if a model is to be made from scratch of music that is not enough for one."""
    return config.base is None and music.tokens < NEW_MODEL_TOKENS


def require_room(config: TrainConfig) -> None:
    """Check that a run fits into the memory of this machine, were it free.

    Raises:
        ConfigError: It does not.
    """
    needs = estimate_resources(config)
    if cannot_fit(needs, device_name(config)):
        raise ConfigError(
            phrase(
                "This training would need about {size} of memory, more than this machine has.",
                size=size(needs.memory_bytes),
            ),
            hint=phrase("Take fewer rows, a shorter context or a smaller model."),
        )


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
    # The sentences are filled in last, so that a page can say them in another language.
    places = [(f"{{p{index}}}", mood) for index, (_, mood) in enumerate(shown)]
    frame = render("meloformer/app/training/plan.html", lines=places)
    words = {f"p{index}": said for index, (said, _) in enumerate(shown)}
    return filled(str(frame), **words)


def _model(needs: ResourceEstimate) -> str:
    if needs.trainable == needs.parameters:
        parameters = large(needs.parameters)
        return phrase(
            "A model of {parameters} parameters, all of them trained.", parameters=parameters
        )
    share = needs.trainable / needs.parameters
    return phrase(
        "A model of {parameters} parameters; the training adjusts it by {trained} more, "
        "{share:.0%} of that.",
        parameters=large(needs.parameters),
        trained=large(needs.trainable),
        share=share,
    )


def _memory(config: TrainConfig, needs: ResourceEstimate) -> tuple[str, str]:
    device = device_name(config)
    words = phrase("About {size} of memory", size=size(needs.memory_bytes))
    if device == "cuda":
        words = phrase("About {size} of graphics memory", size=size(needs.memory_bytes))
    free = free_memory_bytes(device)
    if free is None:
        return filled("{words}.", words=words), ""
    if needs.memory_bytes <= free:
        return phrase("{needed}; {free} are free.", needed=words, free=size(free)), ""
    return (
        phrase(
            "{needed}, but only {free} are free. Take fewer rows or a shorter context "
            "under Details, or close other programs.",
            needed=words,
            free=size(free),
        ),
        "wrong",
    )


def _time(config: TrainConfig, needs: ResourceEstimate, music_tokens: int) -> str:
    on = _devices(config)
    each = needs.seconds_per_step
    steps = float(config.steps) if config.steps else 60 * config.minutes / each if each else 0.0
    words = [counted(config.steps, "step") if config.steps else duration(60 * config.minutes)]
    if not steps:
        return phrase("{length} on {device}.", length=words[0], device=on)
    if config.steps and each:
        words.append(phrase("about {amount}", amount=duration(steps * each)))
    elif not config.steps:
        words.append(phrase("about {amount}", amount=counted(max(rounded(steps), 1), "step")))
    times = steps * needs.tokens_per_step / music_tokens if music_tokens else 0.0
    said = phrase("{length} on {device}.", length=joined(", ", words), device=on)
    if times:
        said = phrase(
            "{length} on {device}: your music about {times} over.",
            length=joined(", ", words),
            device=on,
            times=counted(max(rounded(times), 1), "time"),
        )
    return joined(" ", [said, _GUESS]) if each else said


def _warning(music: Amount) -> str:
    """Return a sentence on how much music a model from scratch has, and would need."""
    has = [counted(music.pieces, "piece")]
    needs: list[str] = [phrase("hundreds of pieces")]
    if music.tokens:
        times = NEW_MODEL_TOKENS / music.tokens
        needs = [phrase("some {count:,} pieces like these", count=rounded(times * music.pieces))]
        if music.seconds:
            has.append(duration(music.seconds))
            needs.append(duration(times * music.seconds))
    return phrase(
        "Too little music for a new model: {has}. It takes {needs}, before it writes anything you "
        "would keep. Fine-tune the model there is instead.",
        has=joined(", ", has),
        needs=joined(", ", needs),
    )


def _devices(config: TrainConfig) -> str:
    count = num_processes(config)
    if device_name(config) == "cuda":
        return plural("the graphics card", "{count} graphics cards", count)
    return plural("the processor", "the processor, in {count} processes", count)


def _disk(config: TrainConfig, needs: ResourceEstimate) -> tuple[str, str]:
    """Return a sentence on the disk, if it has too little room."""
    wanted = _BYTES_SAVED * needs.parameters * (config.keep + 2)
    free = shutil.disk_usage(_existing(config.run)).free
    if wanted < free:
        return "", ""
    said = phrase(
        "About {size} on the disk, but only {free} are free.", size=size(wanted), free=size(free)
    )
    return said, "wrong"


def _existing(path: Path) -> Path:
    return next(parent for parent in (path, *path.parents) if parent.exists())
