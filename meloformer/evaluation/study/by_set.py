"""A continuation study by document set.

The shares of the sets among the prompts are those of the held-out songs, so the figures of a study
are no figures of any one style.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.corpus.report.words import counted
from meloformer.evaluation.bootstrap import known_mean
from meloformer.evaluation.study.acceptance import COPYING, Goal, acceptance
from meloformer.evaluation.study.results import StudyResults


@dataclass(frozen=True, slots=True)
class SetFigures:
    """The figures of a study for the songs of one document set."""

    prompts: int
    density_ratio: float
    """Notes a quarter of the continuation, by those of the truth; the mean over prompts."""
    goals: tuple[Goal, ...]

    @property
    def copying(self) -> str:
        """How much is copied from training, beside real music, in words."""
        goal = next(goal for goal in self.goals if goal.name == COPYING)
        return (
            f"{goal.measured.value:.1f} {COPYING}; real music {goal.real:.1f}; "
            f"{counted(self.prompts, 'prompt')}"
        )

    def lines(self, name: str) -> list[str]:
        """Return all figures of the set in sentences, under its name."""
        heading = (
            f"{name}, {counted(self.prompts, 'prompt')}, "
            f"{self.density_ratio:.2f} times as many notes as the songs"
        )
        return [heading, *(f"  {goal}" for goal in self.goals)]

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return {
            "prompts": self.prompts,
            "density_ratio": self.density_ratio,
            "acceptance": [goal.to_json() for goal in self.goals],
        }


def figures_by_set(study: StudyResults) -> dict[str, SetFigures]:
    """Measure the songs of each document set alone, most songs first."""
    names = np.array([one.excerpt.document_set for one in study.excerpts])
    found, counts = np.unique(names, return_counts=True)
    by_size = np.argsort(-counts, kind="stable")
    return {str(name): _figures(study, names == name) for name in found[by_size]}


def _figures(study: StudyResults, chosen: NDArray[np.bool_]) -> SetFigures:
    rows = np.flatnonzero(chosen)
    part = StudyResults(tuple(study.excerpts[row] for row in rows), study.runs[rows])
    ratios = part.distances["density ratio"][:, 0]
    return SetFigures(part.num_prompts, known_mean(ratios), acceptance(part))
