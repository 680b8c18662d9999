"""The continuation study: what a model writes beside what the song goes on with.

Each prompt is continued with several seeds. A figure is the mean over a prompt's seeds, then over
prompts; its interval is a bootstrap over prompts. Everything is drawn from seeds, so that the same
checkpoint and songs give the same figures.

Axes: P prompts, D distances, K bins.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from meloformer.data.shards import Shards
from meloformer.evaluation.bootstrap import ConfidenceInterval, confidence_interval, known_mean
from meloformer.evaluation.study.comparison import Case, View, distances
from meloformer.evaluation.study.copying import CopyIndex, lines_of
from meloformer.evaluation.study.excerpts import Excerpt, Stretch
from meloformer.evaluation.study.histograms import shares
from meloformer.evaluation.study.similarity import similarity_error

Floats = NDArray[np.float64]

Compose = Callable[[Stretch, int, Sequence[int], tuple[int, ...]], Sequence[Stretch]]
"""Continues a prompt by so many bars, once for each seed, over chords if any are given."""

TRAINING_RUN = "longest run copied from the training set"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure of what was written, beside the same of real music."""

    generated: ConfidenceInterval
    truth: ConfidenceInterval | None
    """Of the true continuation; None for a distance to it."""
    following: ConfidenceInterval
    """Of what the song plays after that: the floor."""


@dataclass(frozen=True, eq=False)
class Study:
    """All cases, and what they say together."""

    cases: tuple[Case, ...]
    runs: NDArray[np.int64]
    """Notes of the longest run shared with the training set: of each continuation, then of the
    truth and of what follows. (P, seeds + 2)."""

    @property
    def num_prompts(self) -> int:
        """Number of prompts, P."""
        return len(self.cases)

    @property
    def num_seeds(self) -> int:
        """Continuations of each prompt."""
        return int(self.runs.shape[1]) - 2

    @cached_property
    def levels(self) -> dict[str, Floats]:
        """Each measure of a stretch alone: generated, truth, following. (P, 3)."""
        tables = self._tables(lambda view, _: view.levels)
        runs = self.runs.astype(np.float64)
        mean_run = runs[:, :-2].mean(axis=1, keepdims=True)
        return tables | {TRAINING_RUN: np.concatenate((mean_run, runs[:, -2:]), axis=1)}

    @cached_property
    def distances(self) -> dict[str, Floats]:
        """Each measure against the truth: generated, truth (to itself), following. (P, 3)."""
        return self._tables(lambda view, case: distances(view, case.truth))

    @cached_property
    def forced(self) -> dict[str, float]:
        """All levels and distances of what was written over the chords of the truth: means."""
        rows = [one.forced.levels | distances(one.forced, one.truth) for one in self.cases]
        return {name: known_mean(np.array([row[name] for row in rows])) for name in rows[0]}

    @cached_property
    def curves(self) -> Floats:
        """Bar similarity of each prompt's continuations, truth, following. (P, 3, D)."""
        return np.stack(
            [
                np.stack([_mean_rows([v.curve for v in views]) for views in _views(case)])
                for case in self.cases
            ]
        )

    @property
    def mean_curves(self) -> Floats:
        """Bar similarity of generated, truth, following, over prompts. (3, D)."""
        return np.stack([_mean_rows(list(self.curves[:, of])) for of in range(3)])

    @property
    def similarity_errors(self) -> tuple[float, float]:
        """Museformer's similarity error, of mean curves: what was written, and the floor."""
        generated, truth, following = self.mean_curves
        return similarity_error(generated, truth), similarity_error(following, truth)

    @cached_property
    def agreement(self) -> dict[str, Floats]:
        """With the chords of the truth: of notes that were forced, free, real. (P,) each."""
        found = [case.agreement for case in self.cases]
        return {name: np.array([one[name] for one in found]) for name in found[0]}

    @cached_property
    def comparisons(self) -> dict[str, Comparison]:
        """All levels and distances as means with intervals."""
        return {name: _compare(table, has_truth=True) for name, table in self.levels.items()} | {
            name: _compare(table, has_truth=False) for name, table in self.distances.items()
        }

    def histogram(self, name: str) -> Floats:
        """Mean shares of generated, truth, following. (3, K)."""
        rows = [
            [_mean_rows([shares(v.histograms[name]) for v in views]) for views in _views(case)]
            for case in self.cases
        ]
        return np.stack([_mean_rows([row[of] for row in rows]) for of in range(3)])

    def to_json(self) -> dict[str, object]:
        """As plain values; what is not a number is null."""
        return {
            "prompts": self.num_prompts,
            "seeds": self.num_seeds,
            "measures": {name: without_nan(asdict(one)) for name, one in self.comparisons.items()},
            "chord_agreement": {
                name: without_nan(known_mean(values)) for name, values in self.agreement.items()
            },
            "over_true_chords": without_nan(self.forced),
            "similarity_error_of_mean_curves": dict(
                zip(("generated", "following"), self.similarity_errors, strict=True)
            ),
            "similarity": {
                name: without_nan(curve.tolist())
                for name, curve in zip(
                    ("generated", "truth", "following"), self.mean_curves, strict=True
                )
            },
        }

    def _tables(self, measure: Callable[[View, Case], dict[str, float]]) -> dict[str, Floats]:
        """Each measure, averaged over seeds. (P, 3) each."""
        rows = [
            [[measure(view, case) for view in views] for views in _views(case)]
            for case in self.cases
        ]
        return {
            name: np.array(
                [[known_mean(np.array([v[name] for v in views])) for views in row] for row in rows]
            )
            for name in rows[0][0][0]
        }


def run_study(
    excerpts: Sequence[Excerpt],
    compose: Compose,
    train: Shards,
    *,
    num_seeds: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> Study:
    """Have every excerpt continued, and measure.

    Args:
        excerpts: At least one.
        compose: The model under study.
        train: What it was trained on, searched for what it copies.
        num_seeds: Continuations of each prompt; prompt p has seeds of its own.
        on_progress: Told how many of how many prompts are done.
    """
    cases = []
    for index, excerpt in enumerate(excerpts):
        seeds = range(1 + index * num_seeds, 1 + (index + 1) * num_seeds)
        bars = len(excerpt.truth.chords)
        generated = compose(excerpt.prompt, bars, seeds, ())
        (forced,) = compose(excerpt.prompt, bars, seeds[:1], excerpt.truth.chords)
        cases.append(Case.of(excerpt, generated, forced))
        if on_progress:
            on_progress(index + 1, len(excerpts))
    views = [view for case in cases for of in _views(case) for view in of]
    runs = CopyIndex.of_shards(train).longest_runs([lines_of(v.stretch.score) for v in views])
    return Study(tuple(cases), np.array(runs).reshape(len(cases), num_seeds + 2))


def _views(case: Case) -> tuple[tuple[View, ...], ...]:
    return case.generated, (case.truth,), (case.following,)


def _compare(table: Floats, *, has_truth: bool) -> Comparison:
    def mean_of(column: int) -> ConfidenceInterval:
        return confidence_interval(len(table), lambda rows: known_mean(table[rows, column]))

    return Comparison(mean_of(0), mean_of(1) if has_truth else None, mean_of(2))


def _mean_rows(rows: Sequence[Floats]) -> Floats:
    """Mean of each column over the rows where it is a number."""
    return np.array([known_mean(column) for column in np.stack(rows).T])


def without_nan(value: object) -> object:
    """Plain values with null for what is not a number: JSON can't say NaN."""
    if isinstance(value, dict):
        return {name: without_nan(one) for name, one in value.items()}
    if isinstance(value, list):
        return [without_nan(one) for one in value]
    return None if isinstance(value, float) and np.isnan(value) else value
