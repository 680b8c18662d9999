"""A checkpoint measured on held-out music beside n-gram models, and its release.

`python -m meloformer.evaluation.report --checkpoint DIR --shards DIR [--out DIR]`
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from meloformer import checkpoint
from meloformer.data.shards import open_shards
from meloformer.evaluation.bits_per_note import BitsPerNote, model_costs, summarise
from meloformer.evaluation.infill import InfillBits, infill_bits
from meloformer.evaluation.ngram import NGram
from meloformer.evaluation.windows import cut_windows

WINDOWS_PER_DOCUMENT = 6
"""More of a long piece says little more, and would drown the short ones."""
LENGTHS = (3, 5)
"""Of the n-grams. As notes are four tokens, five is the first length that sees one of the own kind:
the last note's pitch before a pitch."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """A model and the baselines on exactly the same tokens."""

    model: BitsPerNote
    ngrams: Mapping[int, BitsPerNote]
    """Of n-gram models of the training shards, by the length of their longest n-grams."""
    infill: InfillBits | None
    """Of a model that has learned to write bars between others."""

    def improvement(self, length: int) -> float:
        """Return the share of bits per note that the model saves against n-grams of a length."""
        return 1.0 - self.model.bits_per_note / self.ngrams[length].bits_per_note

    def to_json(self) -> dict[str, object]:
        """Return plain values for a card."""
        values: dict[str, object] = {"bits_per_note": self.model.to_json()}
        for length, ngram in self.ngrams.items():
            values[f"bits_per_note_{length}_gram"] = ngram.to_json()
            values[f"improvement_over_{length}_gram"] = self.improvement(length)
        if self.infill is not None:
            values["infill"] = self.infill.to_json()
        return values


@dataclass(frozen=True, kw_only=True)
class ReportConfig:
    """Settings of the report."""

    checkpoint: Path
    shards: Path
    """Folder made by `prepare`."""
    out: Path | None = None
    """Folder that receives the checkpoint with the figures on its card, if given."""
    windows_per_document: int = WINDOWS_PER_DOCUMENT


def measure(config: ReportConfig, on_progress: Callable[[int, int], None] | None = None) -> Report:
    """Measure a checkpoint and n-gram models on held-out documents, in bits per note.

    Args:
        config: `out` is not used here.
        on_progress: Told how many of how many rows the model has read.
    """
    model, card = checkpoint.load(config.checkpoint)
    held_out = open_shards(config.shards / "held_out")
    windows = cut_windows(
        held_out,
        card.context_tokens,
        windows_per_document=config.windows_per_document,
    )
    costs = model_costs(model, windows, card.context_tokens, on_progress=on_progress)
    ngram = NGram(np.asarray(open_shards(config.shards / "train").ids), max(LENGTHS))
    ngrams = {length: summarise(windows, ngram.costs(windows, length)) for length in LENGTHS}
    return Report(
        model=summarise(windows, costs),
        ngrams=ngrams,
        infill=infill_bits(model, held_out, card.context_tokens) if card.infill else None,
    )


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
