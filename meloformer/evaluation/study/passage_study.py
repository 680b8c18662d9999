"""What a study of single passages found: written bars beside those of the songs.

Axes: P prompts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from meloformer.corpus.report.words import counted
from meloformer.evaluation.bootstrap import ConfidenceInterval, known_mean
from meloformer.evaluation.study.comparison import Comparison, compare, without_nan

Comparisons = Mapping[str, Comparison]
Rows = Sequence[int]
Measures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class MeasuredPrompt:
    """One prompt: the same measures of what is written, of the truth, and of what follows."""

    document_set: str
    written: tuple[Measures, ...]
    """One a seed."""
    truth: Measures
    following: Measures


@dataclass(frozen=True, slots=True)
class PassageStudy:
    """Measures of written bars beside those of real ones, of all songs and by document set."""

    prompts: int
    comparisons: Comparisons
    per_set: Mapping[str, tuple[int, Comparisons]]
    """How many prompts are of a set, and their measures; most prompts first."""

    def to_json(self) -> dict[str, object]:
        """Return plain values; NaN is null."""
        sets = {
            name: {"prompts": prompts, "measures": _values(found)}
            for name, (prompts, found) in self.per_set.items()
        }
        return {
            "prompts": self.prompts,
            "measures": _values(self.comparisons),
            "per_set": sets,
        }

    def lines(self, *, by_set: bool = False) -> list[str]:
        """Return what was found in sentences.

        Args:
            by_set: Whether the sets follow one by one.
        """
        found = [counted(self.prompts, "prompt"), *_said(self.comparisons)]
        for name, (prompts, of_set) in self.per_set.items() if by_set else ():
            found += [f"{name}, {counted(prompts, 'prompt')}", *_said(of_set)]
        return found


def study_by_set(sets: Sequence[str], measure: Callable[[Rows], Comparisons]) -> PassageStudy:
    """Measure all prompts, and those of each document set alone.

    Args:
        sets: The document set of each prompt. (P,).
        measure: Given the prompts that count.
    """
    names, counts = np.unique(sets, return_counts=True)
    per_set: dict[str, tuple[int, Comparisons]] = {}
    for index in np.argsort(-counts, kind="stable"):
        rows = [row for row, name in enumerate(sets) if name == names[index]]
        per_set[str(names[index])] = (len(rows), measure(rows))
    return PassageStudy(len(sets), measure(range(len(sets))), per_set)


def passage_study(measured: Sequence[MeasuredPrompt], distances: Sequence[str]) -> PassageStudy:
    """Return the mean of each measure over seeds, then over prompts.

    Args:
        measured: At least one prompt.
        distances: Measures that are distances to the truth, which has no value of its own then.
    """
    tables = {
        name: np.array(
            [
                (
                    known_mean(np.array([seed[name] for seed in one.written])),
                    one.truth[name],
                    one.following[name],
                )
                for one in measured
            ]
        )
        for name in measured[0].truth
    }

    def measure(rows: Rows) -> Comparisons:
        return {
            name: compare(table[list(rows)], has_truth=name not in distances)
            for name, table in tables.items()
        }

    return study_by_set([one.document_set for one in measured], measure)


def _values(found: Comparisons) -> dict[str, object]:
    return {name: without_nan(asdict(one)) for name, one in found.items()}


def _said(found: Comparisons) -> list[str]:
    return [
        f"  {name}: written {_figure(one.generated)}"
        + (f", real {_figure(one.truth)}" if one.truth else "")
        + f", elsewhere in the song {_figure(one.following)}"
        for name, one in found.items()
    ]


def _figure(one: ConfidenceInterval) -> str:
    return "–" if np.isnan(one.value) else f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"
