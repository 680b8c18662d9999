"""The continuation study: generated continuations beside the true ones.

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
from meloformer.evaluation.bootstrap import known_mean
from meloformer.evaluation.study.comparison import Comparison, Floats, compare, without_nan
from meloformer.evaluation.study.copying import CopyIndex
from meloformer.evaluation.study.excerpts import Excerpt, Passage
from meloformer.evaluation.study.histograms import shares
from meloformer.evaluation.study.measured import MeasuredExcerpt, MeasuredPassage, distances
from meloformer.evaluation.study.similarity import similarity_error
from meloformer.score.note_runs import lines_of

Compose = Callable[[Passage, int, Sequence[int], tuple[int, ...]], Sequence[Passage]]
"""Continues a prompt by so many bars, once for each seed, over chords if any are given."""

TRAINING_RUN = "longest run copied from the training set"


@dataclass(frozen=True, eq=False)
class StudyResults:
    """All measured excerpts, and their figures together."""

    excerpts: tuple[MeasuredExcerpt, ...]
    runs: NDArray[np.int64]
    """Notes of the longest run shared with the training set: of each continuation, then of the
    truth and of what follows. (P, seeds + 2)."""

    @property
    def num_prompts(self) -> int:
        """Number of prompts, P."""
        return len(self.excerpts)

    @property
    def num_seeds(self) -> int:
        """Continuations of each prompt."""
        return int(self.runs.shape[1]) - 2

    @cached_property
    def levels(self) -> dict[str, Floats]:
        """Each measure of a passage alone: generated, truth, following. (P, 3)."""
        tables = self._tables(lambda passage, _: passage.levels)
        runs = self.runs.astype(np.float64)
        mean_run = runs[:, :-2].mean(axis=1, keepdims=True)
        return tables | {TRAINING_RUN: np.concatenate((mean_run, runs[:, -2:]), axis=1)}

    @cached_property
    def distances(self) -> dict[str, Floats]:
        """Each measure against the truth: generated, truth (to itself), following. (P, 3)."""
        return self._tables(lambda passage, one: distances(passage, one.truth))

    @cached_property
    def forced(self) -> dict[str, float]:
        """Mean levels and distances of the continuations over the chords of the truth."""
        rows = [one.forced.levels | distances(one.forced, one.truth) for one in self.excerpts]
        return {name: known_mean(np.array([row[name] for row in rows])) for name in rows[0]}

    @cached_property
    def curves(self) -> Floats:
        """Bar similarity of each prompt's continuations, truth, following. (P, 3, D)."""
        return np.stack(
            [
                np.stack([_mean_rows([passage.curve for passage in of]) for of in _passages(one)])
                for one in self.excerpts
            ]
        )

    @property
    def mean_curves(self) -> Floats:
        """Bar similarity of generated, truth, following, over prompts. (3, D)."""
        return np.stack([_mean_rows(list(self.curves[:, of])) for of in range(3)])

    @property
    def similarity_errors(self) -> tuple[float, float]:
        """Museformer's similarity error, of mean curves: of the generated music, and the floor."""
        generated, truth, following = self.mean_curves
        return similarity_error(generated, truth), similarity_error(following, truth)

    @cached_property
    def agreement(self) -> dict[str, Floats]:
        """With the chords of the truth: of notes that were forced, free, real. (P,) each."""
        found = [one.agreement for one in self.excerpts]
        return {name: np.array([one[name] for one in found]) for name in found[0]}

    @cached_property
    def comparisons(self) -> dict[str, Comparison]:
        """All levels and distances as means with intervals."""
        return {name: compare(table, has_truth=True) for name, table in self.levels.items()} | {
            name: compare(table, has_truth=False) for name, table in self.distances.items()
        }

    def histogram(self, name: str) -> Floats:
        """Return the mean shares of generated, truth, following. (3, K)."""
        rows = [
            [
                _mean_rows([shares(passage.histograms[name]) for passage in of])
                for of in _passages(one)
            ]
            for one in self.excerpts
        ]
        return np.stack([_mean_rows([row[of] for row in rows]) for of in range(3)])

    def to_json(self) -> dict[str, object]:
        """Return plain values; NaN is null."""
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

    def _tables(
        self, measure: Callable[[MeasuredPassage, MeasuredExcerpt], dict[str, float]]
    ) -> dict[str, Floats]:
        """Return each measure, averaged over seeds. (P, 3) each."""
        rows = [
            [[measure(passage, one) for passage in of] for of in _passages(one)]
            for one in self.excerpts
        ]
        return {
            name: np.array(
                [[known_mean(np.array([seed[name] for seed in of])) for of in row] for row in rows]
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
) -> StudyResults:
    """Continue every excerpt, and measure the continuations.

    Args:
        excerpts: At least one.
        compose: The model under study.
        train: Shards it was trained on, searched for copied notes.
        num_seeds: Continuations of each prompt; prompt p has seeds of its own.
        on_progress: Told how many of how many prompts are done.
    """
    measured = []
    for index, excerpt in enumerate(excerpts):
        seeds = range(1 + index * num_seeds, 1 + (index + 1) * num_seeds)
        bars = len(excerpt.truth.chords)
        generated = compose(excerpt.prompt, bars, seeds, ())
        (forced,) = compose(excerpt.prompt, bars, seeds[:1], excerpt.truth.chords)
        measured.append(MeasuredExcerpt.of(excerpt, generated, forced))
        if on_progress:
            on_progress(index + 1, len(excerpts))
    passages = [passage for one in measured for of in _passages(one) for passage in of]
    runs = CopyIndex.of_shards(train).longest_runs(
        [lines_of(one.passage.score) for one in passages]
    )
    return StudyResults(tuple(measured), np.array(runs).reshape(len(measured), num_seeds + 2))


def _passages(one: MeasuredExcerpt) -> tuple[tuple[MeasuredPassage, ...], ...]:
    return one.generated, (one.truth,), (one.following,)


def _mean_rows(rows: Sequence[Floats]) -> Floats:
    """Return the mean of each column over the rows where it is a number."""
    return np.array([known_mean(column) for column in np.stack(rows).T])
