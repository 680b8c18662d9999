"""A checkpoint measured on held-out music beside n-gram models, and its release.

`python -m meloformer.evaluation.report --checkpoint DIR --shards DIR [--out DIR]`
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from meloformer import checkpoint
from meloformer.data.shards import open_shards
from meloformer.evaluation.bits_per_note import BitsPerNote, summarise
from meloformer.evaluation.infill import InfillBits, cut_openings, summarise_openings
from meloformer.evaluation.ngram import NGram
from meloformer.evaluation.streams import stream_costs
from meloformer.evaluation.windows import cut_windows

WINDOWS_PER_DOCUMENT = 6
"""More of a long piece says little more, and would drown the short ones."""
LENGTHS = (3, 5)
"""Of the n-grams. As notes are four tokens, five is the first length that sees one of the own kind:
the last note's pitch before a pitch."""
QUICK_SHARE = 8
"""One in so many windows and openings is a quick sample, evenly spread over the sets."""

OnPhase = Callable[[str, int, int], None]
"""Told what is done now, and how many of how many tokens of that are done."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """A model and the baselines on exactly the same tokens."""

    model: BitsPerNote
    ngrams: Mapping[int, BitsPerNote]
    """Of n-gram models of the training shards, by the length of their longest n-grams."""
    infill: InfillBits | None
    """Of a model that has learned to write bars between others."""
    quick: bool = False
    """Whether this is of the quick sample."""

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
        if self.quick:
            values["quick"] = True
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
    quick: bool = False
    """Whether to read a fixed sample instead of everything."""
    half: bool = False
    """Whether the checkpoint in `out` has weights in bfloat16; the figures are of these."""


def measure(config: ReportConfig, on_progress: OnPhase | None = None) -> Report:
    """Measure a checkpoint and n-gram models on held-out documents, in bits per note.

    Args:
        config: `out` is not used here.
        on_progress: Told how far each phase is.
    """
    tell = on_progress or _ignore
    model, card = checkpoint.load(config.checkpoint)
    held_out = open_shards(config.shards / "held_out")
    every = QUICK_SHARE if config.quick else 1
    windows = cut_windows(
        held_out,
        card.context_tokens,
        windows_per_document=config.windows_per_document,
    )[::every]
    openings = cut_openings(held_out, card.context_tokens)[::every] if card.infill else ()
    train = np.asarray(open_shards(config.shards / "train").ids)
    ngram = NGram(train, max(LENGTHS), partial(tell, "n-grams"))
    both = [one.both_sides.window for one in openings]
    left = [one.left_alone.window for one in openings]
    costs = stream_costs(
        model,
        [window.ids for window in (*windows, *both, *left)],
        on_progress=partial(tell, "held-out music"),
    )
    of_windows, of_openings = costs[: len(windows)], costs[len(windows) :]
    return Report(
        model=summarise(windows, of_windows),
        ngrams={length: summarise(windows, ngram.costs(windows, length)) for length in LENGTHS},
        infill=summarise_openings(openings, of_openings[: len(both)], of_openings[len(both) :])
        if openings
        else None,
        quick=config.quick,
    )


def export(config: ReportConfig, on_progress: OnPhase | None = None) -> Report:
    """Measure a checkpoint; write it to `config.out`, if given, with the figures on its card.

    The data sources and licences on the card come from the training run.
    """
    if config.out is None:
        return measure(config, on_progress)
    model, card = checkpoint.load(config.checkpoint)
    card = replace(card, name=config.out.name)
    if config.half:
        model = model.bfloat16()
    checkpoint.save(config.out, model, card)
    report = measure(replace(config, checkpoint=config.out), on_progress)
    checkpoint.save(config.out, model, replace(card, metrics=report.to_json()))
    return report


def _main() -> None:
    import sys

    import tyro

    def show(phase: str, done: int, total: int) -> None:
        sys.stderr.write(f"\r{phase}: {done:,} of {total:,} tokens")

    report = export(tyro.cli(ReportConfig), show if sys.stderr.isatty() else None)
    sys.stdout.write(json.dumps(report.to_json(), indent=2) + "\n")


def _ignore(phase: str, done: int, total: int) -> None:
    pass


if __name__ == "__main__":
    _main()
