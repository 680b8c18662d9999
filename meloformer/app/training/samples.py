"""The samples of a run's checkpoints, as a table on the page: each cell can be rendered."""

from typing import Any

from meloformer.app.training.compare import BEFORE, Comparisons
from meloformer.app.training.sounds import Sounds
from meloformer.runs.config import TrainConfig
from meloformer.runs.samples import Sample, missing_samples
from meloformer.runs.workspace import Run, step_of

MAX_SAMPLED = 12
"""Checkpoints whose samples are on the page, the newest ones, beside the model before training."""
_LISTEN = (
    "The same openings, continued with the same seed by the model as it was then. Within a column, "
    "switching goes on at the same place, so that two can be compared."
)


def samples_message(
    run: Run, config: TrainConfig, sounds: Sounds, comparisons: Comparisons
) -> dict[str, Any]:
    """Return the table of samples: a row for each model, a column for each prompt."""
    samples = run.samples()
    steps = sorted({sample.step for sample in samples}, reverse=True)
    kept = [step for step in steps if step != BEFORE][:MAX_SAMPLED]
    prompts = list(dict.fromkeys(sample.prompt for sample in samples))
    by_place = {(sample.step, sample.prompt): sample for sample in samples}
    best = run.best()
    best_step = step_of(best) if best else None
    rows = [
        {
            "label": _label(step, is_best=step == best_step),
            "cells": [_cell(by_place.get((step, prompt)), sounds) for prompt in prompts],
        }
        for step in [*kept, *(step for step in steps if step == BEFORE)]
    ]
    compare = None
    if samples and config.base is not None and missing_samples(run.folder / "samples", BEFORE):
        is_working = comparisons.is_working(run)
        words = "Being written…" if is_working else "Compare with the model before training"
        compare = {"label": words, "enabled": not is_working}
    return {
        "prompts": [_title(prompt) for prompt in prompts],
        "rows": rows,
        "note": _LISTEN if rows else "",
        "compare": compare,
    }


def _label(step: int, *, is_best: bool) -> str:
    if step == BEFORE:
        return "Before training"
    return f"Step {step:,}, the best" if is_best else f"Step {step:,}"


def _cell(sample: Sample | None, sounds: Sounds) -> dict[str, Any] | None:
    if sample is None:
        return None
    rendered = sounds.known(sample)
    return {
        "key": sample.path.name,
        "file": rendered.sound if rendered else None,
        "midi": rendered.midi if rendered else None,
        "name": sample.path.name,
    }


def _title(prompt: str) -> str:
    return prompt.replace("-", " ").capitalize()
