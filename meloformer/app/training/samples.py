"""The samples of a run's checkpoints, as a table on the page: each cell can be rendered."""

from collections.abc import Sequence
from typing import Any

from meloformer.app.training.compare import BEFORE, Comparisons
from meloformer.app.training.music import held_out_pieces
from meloformer.app.training.sounds import Sounds
from meloformer.phrases import joined, phrase
from meloformer.runs.config import TrainConfig
from meloformer.runs.samples import OWN, PROMPTS, Sample, missing_samples
from meloformer.runs.workspace import Run, step_of

MAX_SAMPLED = 12
"""Checkpoints whose samples are on the page, the newest ones, beside those that are kept and the
model before training."""
_LISTEN = phrase(
    "The same openings, continued with the same seed by the model as it was then. Within a column, "
    "switching goes on at the same place, so that two can be compared."
)
_OWN = phrase("“Your music” begins a piece that is held back, so no model has learned it.")
_NO_OWN = phrase(
    "Your own music is not among them: nothing of it is held back, and what a model has learned "
    "by heart proves nothing."
)


def samples_message(
    run: Run, config: TrainConfig, sounds: Sounds, comparisons: Comparisons
) -> dict[str, Any]:
    """Return the table of samples: a row for each model, a column for each prompt."""
    samples = run.samples()
    steps = _shown_steps(run, samples)
    prompts = sorted({sample.prompt for sample in samples}, key=_place)
    by_place = {(sample.step, sample.prompt): sample for sample in samples}
    best = run.best()
    best_step = step_of(best) if best else None
    rows = [
        {
            "label": _label(step, is_best=step == best_step),
            "cells": [_cell(by_place.get((step, prompt)), sounds) for prompt in prompts],
        }
        for step in steps
    ]
    compare = None
    if samples and config.base is not None and missing_samples(run.folder / "samples", BEFORE):
        is_working = comparisons.is_working(run)
        words = phrase("Compare with the model before training")
        if is_working:
            words = phrase("Being written…")
        compare = {"label": words, "enabled": not is_working}
    return {
        "prompts": [_title(prompt) for prompt in prompts],
        "rows": rows,
        "note": _note(config, prompts) if rows else "",
        "compare": compare,
    }


def _shown_steps(run: Run, samples: Sequence[Sample]) -> list[int]:
    """List the steps that have a row, the newest first: what is kept waits for its samples there.

    The model before training comes last.
    """
    sampled = {sample.step for sample in samples}
    newest = sorted(sampled - {BEFORE}, reverse=True)[:MAX_SAMPLED]
    kept = {step_of(checkpoint) for checkpoint in run.checkpoints()} if samples else set()
    return [*sorted({*newest, *kept}, reverse=True), *({BEFORE} & sampled)]


def _note(config: TrainConfig, prompts: Sequence[str]) -> str:
    if OWN in prompts:
        return joined(" ", [_LISTEN, _OWN])
    return _LISTEN if held_out_pieces(config.shards) else joined(" ", [_LISTEN, _NO_OWN])


def _label(step: int, *, is_best: bool) -> str:
    if step == BEFORE:
        return phrase("Before training")
    if is_best:
        return phrase("Step {step:,}, the best", step=step)
    return phrase("Step {step:,}", step=step)


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


def _place(prompt: str) -> tuple[int, str]:
    """Return the place of a prompt's column: the run's own music first, then as they are named."""
    order = (OWN, *PROMPTS)
    return (order.index(prompt) if prompt in order else len(order)), prompt


def _title(prompt: str) -> str:
    return phrase("Your music" if prompt == OWN else prompt.replace("-", " ").capitalize())
