"""The goals of a continuation study, and whether they are reached.

The similarity error is that of each prompt's own curve against its own true one. Museformer takes
it of the mean curves of a whole set, as `StudyResults.similarity_errors`; but there the floor falls
towards nothing the more prompts there are, so that no multiple of it could be a goal.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.evaluation.bootstrap import ConfidenceInterval, confidence_interval, known_mean
from meloformer.evaluation.study.results import StudyResults

Rows = NDArray[np.int64]

SCALE_GAP = 0.03
GROOVE_GAP = 0.03
AS_FULL_SHARE = 0.8
EMPTY_BARS_GAP = 0.01
SIMILARITY_RATIO = 1.5
AGREEMENT_RATIO = 0.8
RUN_PERCENTILE = 95.0
COPYING = "notes of the longest run shared with training, 95th percentile"


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure to reach."""

    name: str
    measured: ConfidenceInterval
    limit: float
    is_at_least: bool
    """Whether the limit is to be reached from above; else the figure may not exceed it."""
    real: float
    """The same figure of real music: of the bars after the true continuation."""

    @property
    def is_reached(self) -> bool:
        """Whether the figure itself, not its whole interval, is on the right side."""
        value = self.measured.value
        return value >= self.limit if self.is_at_least else value <= self.limit

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self) | {"is_reached": self.is_reached}

    def __str__(self) -> str:
        word = "reached" if self.is_reached else "not reached"
        bound = "at least" if self.is_at_least else "at most"
        figure = self.measured
        return (
            f"{word:>11}  {self.name}: {figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f}), "
            f"{bound} {self.limit:.3f}; real music {self.real:.3f}"
        )


def acceptance(study: StudyResults) -> tuple[Goal, ...]:
    """Measure all goals."""

    def measured(statistic: Callable[[Rows], float]) -> ConfidenceInterval:
        return confidence_interval(study.num_prompts, statistic)

    def gap(name: str, rows: Rows, column: int) -> float:
        table = study.levels[name][rows]
        return known_mean(table[:, column]) - known_mean(table[:, 1])

    def as_full(rows: Rows, column: int) -> float:
        return known_mean(study.distances["as full as the song"][rows, column])

    def agreement(rows: Rows, of: str) -> float:
        mine, real = study.agreement[of][rows], study.agreement["real"][rows]
        return _ratio(known_mean(mine), known_mean(real))

    def similarity(rows: Rows) -> float:
        errors = study.distances["bar similarity, error"][rows]
        return _ratio(known_mean(errors[:, 0]), known_mean(errors[:, 2]))

    every = np.arange(study.num_prompts)
    scale, groove, empty = "scale consistency", "groove consistency", "empty bars"
    longest = measured(lambda rows: _percentile(study.runs[rows, :-2]))
    return (
        Goal(
            "scale consistency, gap",
            measured(lambda rows: abs(gap(scale, rows, 0))),
            SCALE_GAP,
            is_at_least=False,
            real=abs(gap(scale, every, 2)),
        ),
        Goal(
            "groove consistency, gap",
            measured(lambda rows: abs(gap(groove, rows, 0))),
            GROOVE_GAP,
            is_at_least=False,
            real=abs(gap(groove, every, 2)),
        ),
        Goal(
            "share with density ratio 0.7 to 1.4",
            measured(lambda rows: as_full(rows, 0)),
            AS_FULL_SHARE,
            is_at_least=True,
            real=as_full(every, 2),
        ),
        Goal(
            "empty bars, more than real",
            measured(lambda rows: gap(empty, rows, 0)),
            EMPTY_BARS_GAP,
            is_at_least=False,
            real=gap(empty, every, 2),
        ),
        Goal(
            "similarity error by that of real music",
            measured(similarity),
            SIMILARITY_RATIO,
            is_at_least=False,
            real=1.0,
        ),
        Goal(
            "agreement with forced chords by that of real music",
            measured(lambda rows: agreement(rows, "forced")),
            AGREEMENT_RATIO,
            is_at_least=True,
            real=1.0,
        ),
        Goal(
            COPYING,
            longest,
            _percentile(study.runs[:, -2]),
            is_at_least=False,
            real=_percentile(study.runs[:, -2]),
        ),
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _percentile(runs: NDArray[np.int64]) -> float:
    """Return the percentile over prompts, then its mean over seeds: more seeds do not shift it.

    Args:
        runs: One column a seed. (P, seeds).
    """
    return float(np.percentile(runs, RUN_PERCENTILE, axis=0).mean())
