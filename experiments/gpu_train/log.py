"""The log of a training: what was asked, what was done, what came of it."""

import json
import platform
from pathlib import Path

import torch

from experiments.gpu_train.measuring import Measured
from experiments.gpu_train.plan import Plan
from meloformer.checkpoint import Card

_LINES = 12
"""Of the loss."""


def write_log(path: Path, plan: Plan, card: Card, metrics: Path, measured: Measured | None) -> None:
    """Write a section of `docs/log.md`.

    Args:
        path: Of the section.
        plan: What was asked.
        card: Of the weights at the end.
        metrics: Lines that the trainer wrote.
        measured: What came of it, if it could be measured.
    """
    lines = [
        f"## {plan.name}",
        "",
        plan.question,
        "",
        f"{_machine()}. {card.model.num_parameters:,} weights, {card.steps:,} steps, "
        f"{card.tokens_seen / 1e6:.1f} M tokens. "
        + "; ".join(f"{stage.rows} rows of {stage.context_tokens:,}" for stage in plan.stages)
        + ".",
        "",
        *_settings(plan),
        "",
        "| step | minutes | M tokens | nats a token | tokens/s |",
        "|---|---|---|---|---|",
        *_steps(metrics),
        *(_figures(measured) if measured else ()),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _figures(measured: Measured) -> list[str]:
    everything, infill = measured.everything, measured.infill
    lines = [
        "",
        f"Held-out music, {everything.notes:,} notes of {everything.documents} pieces "
        f"({measured.share_read:.0%} of what was to be read, {measured.seconds:.0f} s):",
        "",
        "| | bits per note |",
        "|---|---|",
        f"| all | **{everything.bits_per_note:.3f}** "
        f"({everything.interval[0]:.2f} to {everything.interval[1]:.2f}) |",
        *(f"| {name} | **{one.bits_per_note:.3f}** |" for name, one in measured.groups.items()),
        *(f"| {name} | {bits:.3f} |" for name, bits in everything.per_set.items()),
    ]
    if infill is not None:
        lines += [
            f"| four bars of a gap, both sides | {infill.both_sides.value:.3f} |",
            f"| the left alone | {infill.left_alone.value:.3f} |",
            f"| change | {infill.change.value:.1f} % ({infill.change.low:.1f} to "
            f"{infill.change.high:.1f}) |",
        ]
    if measured.parts is not None:
        lines += [
            f"| {words} | {one.value:.3f} ({one.low:.2f} to {one.high:.2f}) |"
            for words, one in (
                ("a part added to the others", measured.parts.added),
                ("a part that enters late", measured.parts.late),
                ("the same part, had it been there", measured.parts.there),
            )
        ]
    return lines


def _machine() -> str:
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else platform.machine()
    return f"{device}, torch {torch.__version__}"


def _settings(plan: Plan) -> list[str]:
    settings = {**plan.train, "decay": plan.decay, "warmup_steps": plan.warmup_steps}
    settings |= {"from": plan.init or "scratch", "layout": plan.layout}
    settings |= dict(plan.model) | ({"teacher": plan.teacher} if plan.teacher else {})
    shares = ", ".join(f"{name} {share:g}" for name, share in plan.shares.items())
    return [
        "Settings: " + ", ".join(f"{name} {value}" for name, value in settings.items()) + ".",
        f"Shares: {shares or 'by tokens'}.",
    ]


def _steps(metrics: Path) -> list[str]:
    """Return some lines of the trainer as rows of a table, evenly spread, the last among them."""
    found = [json.loads(line) for line in metrics.read_text(encoding="utf-8").splitlines()]
    steps = [one for one in found if one["event"] == "step"]
    every = max(1, -(-len(steps) // _LINES))
    return [
        f"| {one['step']:,} | {one['seconds'] / 60:.1f} | {one['tokens'] / 1e6:.1f} "
        f"| {one['loss']:.3f} | {one['tokens_per_s']:,.0f} |"
        for one in steps[::-1][::every][::-1]
    ]
