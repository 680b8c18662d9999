"""What is measured of one excerpt: levels of each stretch, and distances to the truth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.evaluation.bootstrap import known_mean
from meloformer.evaluation.study.bars import Bars, bars_of
from meloformer.evaluation.study.copying import CopyIndex, lines_of
from meloformer.evaluation.study.excerpts import Excerpt, Stretch
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

MIN_DENSITY, MAX_DENSITY = 0.7, 1.4
"""Between these shares of the true density, a continuation is as full as the song."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A stretch and all that is looked at of it."""

    stretch: Stretch
    bars: Bars
    histograms: dict[str, NDArray[np.int64]]
    activity: dict[int, float]
    curve: NDArray[np.float64]
    """How much its bars repeat of each other and of the bars before them, by distance. (40,)."""
    levels: dict[str, float]
    """What can be said of it alone."""

    @classmethod
    def of(cls, stretch: Stretch, before: Stretch) -> "View":
        """Look at a stretch.

        Args:
            stretch: The music.
            before: The bars that it continues.
        """
        bars, earlier = bars_of(stretch.score), bars_of(before.score)
        copied = CopyIndex(lines_of(before.score)).longest_runs([lines_of(stretch.score)])
        repeated: tuple[BarNotes, ...] = notes_by_bar(earlier) + notes_by_bar(bars)
        levels = {
            "scale consistency": scale_consistency(bars),
            "groove consistency": groove_consistency(bars),
            "notes a quarter": density(bars),
            "polyphony": polyphony(bars),
            "empty bars": empty_share(bars),
            "agreement with own chords": chord_agreement(bars, stretch.chords),
            "longest loop, bars": float(longest_loop(repeated, first=earlier.num_bars)),
            "longest run copied from the bars before": float(copied[0]),
        }
        return cls(
            stretch=stretch,
            bars=bars,
            histograms={name: histogram(bars) for name, histogram in HISTOGRAMS.items()},
            activity=activity(stretch.score, bars),
            curve=similarity_curve(repeated, first=earlier.num_bars),
            levels=levels,
        )


def distances(view: View, truth: View) -> dict[str, float]:
    """How far a stretch is from the true continuation."""
    found: dict[str, float] = {}
    for name, counts in view.histograms.items():
        found[f"{name}, overlap"] = overlap(counts, truth.histograms[name])
        found[f"{name}, Jensen-Shannon"] = jensen_shannon(counts, truth.histograms[name])
    ratios = {
        name: view.levels[of] / truth.levels[of]
        for name, of in (("density ratio", "notes a quarter"), ("polyphony ratio", "polyphony"))
    }
    is_as_full = MIN_DENSITY <= ratios["density ratio"] <= MAX_DENSITY
    return (
        found
        | ratios
        | {
            "as full as the song": float(is_as_full),
            "part activity, distance": activity_distance(view.activity, truth.activity),
            "bar similarity, error": similarity_error(view.curve, truth.curve),
        }
    )


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One excerpt with its continuations, measured."""

    excerpt: Excerpt
    generated: tuple[View, ...]
    """One a seed."""
    forced: View
    """Written over the chords of the true continuation."""
    truth: View
    following: View
    """What the song plays after the true continuation: the floor."""

    @classmethod
    def of(cls, excerpt: Excerpt, generated: Sequence[Stretch], forced: Stretch) -> "Case":
        """Measure an excerpt and its continuations."""
        return cls(
            excerpt=excerpt,
            generated=tuple(View.of(one, excerpt.prompt) for one in generated),
            forced=View.of(forced, excerpt.prompt),
            truth=View.of(excerpt.truth, excerpt.prompt),
            following=View.of(excerpt.following, excerpt.truth),
        )

    @property
    def agreement(self) -> dict[str, float]:
        """How far notes agree with the chords of the true continuation, whoever wrote them.

        `free` is what is left to chance: continuations that were not told the chords.
        """
        chords = self.excerpt.truth.chords
        free = [chord_agreement(view.bars, chords) for view in self.generated]
        return {
            "forced": chord_agreement(self.forced.bars, chords),
            "free": known_mean(np.array(free)),
            "real": chord_agreement(self.truth.bars, chords),
        }
