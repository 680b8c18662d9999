"""The measures of one excerpt: levels of each passage, and distances to the truth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.evaluation.bootstrap import known_mean
from meloformer.evaluation.study.bars import Bars, bars_of
from meloformer.evaluation.study.copying import CopyIndex
from meloformer.evaluation.study.excerpts import Excerpt, Passage
from meloformer.evaluation.study.harmony import chord_agreement, scale_consistency
from meloformer.evaluation.study.histograms import HISTOGRAMS, jensen_shannon, overlap
from meloformer.evaluation.study.similarity import (
    BarNotes,
    longest_loop,
    notes_by_bar,
    similarity_curve,
    similarity_error,
)
from meloformer.evaluation.study.texture import (
    activity,
    activity_distance,
    density,
    empty_share,
    groove_consistency,
    polyphony,
)
from meloformer.score.note_runs import lines_of

MIN_DENSITY, MAX_DENSITY = 0.7, 1.4
"""Between these shares of the true density, a continuation is as full as the song."""


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredPassage:
    """A passage and the measures of it."""

    passage: Passage
    bars: Bars
    histograms: dict[str, NDArray[np.int64]]
    activity: dict[int, float]
    curve: NDArray[np.float64]
    """How much its bars repeat of each other and of the bars before them, by distance. (40,)."""
    levels: dict[str, float]
    """Measures of the passage alone, by name."""

    @classmethod
    def of(cls, passage: Passage, before: Passage) -> "MeasuredPassage":
        """Measure a passage.

        Args:
            passage: The music.
            before: The bars that it continues.
        """
        bars, earlier = bars_of(passage.score), bars_of(before.score)
        copied = CopyIndex(lines_of(before.score)).longest_runs([lines_of(passage.score)])
        repeated: tuple[BarNotes, ...] = notes_by_bar(earlier) + notes_by_bar(bars)
        levels = {
            "scale consistency": scale_consistency(bars),
            "groove consistency": groove_consistency(bars),
            "notes a quarter": density(bars),
            "polyphony": polyphony(bars),
            "empty bars": empty_share(bars),
            "agreement with own chords": chord_agreement(bars, passage.chords),
            "longest loop, bars": float(longest_loop(repeated, first=earlier.num_bars)),
            "longest run copied from the bars before": float(copied[0]),
        }
        return cls(
            passage=passage,
            bars=bars,
            histograms={name: histogram(bars) for name, histogram in HISTOGRAMS.items()},
            activity=activity(passage.score, bars),
            curve=similarity_curve(repeated, first=earlier.num_bars),
            levels=levels,
        )


def distances(passage: MeasuredPassage, truth: MeasuredPassage) -> dict[str, float]:
    """Return how far a passage is from the true continuation, by several measures."""
    found: dict[str, float] = {}
    for name, counts in passage.histograms.items():
        found[f"{name}, overlap"] = overlap(counts, truth.histograms[name])
        found[f"{name}, Jensen-Shannon"] = jensen_shannon(counts, truth.histograms[name])
    ratios = {
        name: passage.levels[of] / truth.levels[of]
        for name, of in (("density ratio", "notes a quarter"), ("polyphony ratio", "polyphony"))
    }
    is_as_full = MIN_DENSITY <= ratios["density ratio"] <= MAX_DENSITY
    return (
        found
        | ratios
        | {
            "as full as the song": float(is_as_full),
            "part activity, distance": activity_distance(passage.activity, truth.activity),
            "bar similarity, error": similarity_error(passage.curve, truth.curve),
        }
    )


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredExcerpt:
    """One excerpt with its continuations, measured."""

    excerpt: Excerpt
    generated: tuple[MeasuredPassage, ...]
    """One a seed."""
    forced: MeasuredPassage
    """Written over the chords of the true continuation."""
    truth: MeasuredPassage
    following: MeasuredPassage
    """What the song plays after the true continuation: the floor."""

    @classmethod
    def of(
        cls, excerpt: Excerpt, generated: Sequence[Passage], forced: Passage
    ) -> "MeasuredExcerpt":
        """Measure an excerpt and its continuations."""
        return cls(
            excerpt=excerpt,
            generated=tuple(MeasuredPassage.of(one, excerpt.prompt) for one in generated),
            forced=MeasuredPassage.of(forced, excerpt.prompt),
            truth=MeasuredPassage.of(excerpt.truth, excerpt.prompt),
            following=MeasuredPassage.of(excerpt.following, excerpt.truth),
        )

    @property
    def agreement(self) -> dict[str, float]:
        """How far the notes of each continuation agree with the chords of the true one.

        `free` is the share left to chance: of continuations that were not given the chords.
        """
        chords = self.excerpt.truth.chords
        free = [chord_agreement(one.bars, chords) for one in self.generated]
        return {
            "forced": chord_agreement(self.forced.bars, chords),
            "free": known_mean(np.array(free)),
            "real": chord_agreement(self.truth.bars, chords),
        }
