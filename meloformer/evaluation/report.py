"""A checkpoint measured on held-out music beside the 3-gram baseline, and its release.

`python -m meloformer.evaluation.report --checkpoint DIR --shards DIR [--out DIR]`
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from meloformer import checkpoint
from meloformer.data.shards import open_shards
from meloformer.evaluation.bits_per_note import BitsPerNote, model_costs, summarise
from meloformer.evaluation.ngram import NGram
from meloformer.evaluation.windows import cut_windows

WINDOWS_PER_DOCUMENT = 6
"""More of a long piece says little more, and would drown the short ones."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """A model and the baseline on exactly the same tokens."""

    model: BitsPerNote
    baseline: BitsPerNote
    """Of a 3-gram model of the training shards."""

    @property
    def improvement(self) -> float:
        """By what share the model needs fewer bits per note than the baseline."""
        return 1.0 - self.model.bits_per_note / self.baseline.bits_per_note

    def to_json(self) -> dict[str, object]:
        """As plain values, for a card."""
        return {
            "bits_per_note": self.model.to_json(),
            "bits_per_note_3_gram": self.baseline.to_json(),
            "improvement_over_3_gram": self.improvement,
        }


@dataclass(frozen=True, kw_only=True)
class ReportConfig:
    """What to measure."""

    checkpoint: Path
    shards: Path
    """Folder made by `prepare`."""
    out: Path | None = None
    """If given, the checkpoint is written there with the figures on its card."""
    windows_per_document: int = WINDOWS_PER_DOCUMENT


def measure(config: ReportConfig, on_progress: Callable[[int, int], None] | None = None) -> Report:
    """Bits per note of a checkpoint and of a 3-gram on held-out documents.

    Args:
        config: `out` is not used here.
        on_progress: Told how many of how many rows the model has read.
    """
    model, card = checkpoint.load(config.checkpoint)
    windows = cut_windows(
        open_shards(config.shards / "held_out"),
        card.context_tokens,
        windows_per_document=config.windows_per_document,
    )
    costs = model_costs(model, windows, card.context_tokens, on_progress=on_progress)
    baseline = NGram(open_shards(config.shards / "train")).costs(windows)
    return Report(model=summarise(windows, costs), baseline=summarise(windows, baseline))


def export(config: ReportConfig, on_progress: Callable[[int, int], None] | None = None) -> Report:
    """Measure a checkpoint; write it to `config.out`, if given, with the figures on its card.

    The data sources and licences on the card come from the training run.
    """
    report = measure(config, on_progress)
    if config.out is not None:
        model, card = checkpoint.load(config.checkpoint)
        metrics = report.to_json()
        checkpoint.save(config.out, model, replace(card, name=config.out.name, metrics=metrics))
    return report


def _main() -> None:
    import sys

    import tyro

    def show(done: int, total: int) -> None:
        sys.stderr.write(f"\r{done} of {total} rows")

    report = export(tyro.cli(ReportConfig), show if sys.stderr.isatty() else None)
    sys.stdout.write(json.dumps(report.to_json(), indent=2) + "\n")


if __name__ == "__main__":
    _main()
