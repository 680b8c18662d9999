"""The two bar lines of a gap that was filled: how the music goes across them.

Looked at is the music on both sides of a bar line, part by part: the step of its upper line, the
time between its last note before the line and its first after it, whether a note begins on the
line, whether one is held over it, and whether the chord changes. All seams together make one
distribution; how far that of written gaps is from the real one stands beside how far real bar lines
elsewhere in the same songs are from it.

Axes: P prompts, K bins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.evaluation.bootstrap import ConfidenceInterval, confidence_interval, known_mean
from meloformer.evaluation.study.bars import Bars, bars_of
from meloformer.evaluation.study.comparison import Comparison
from meloformer.evaluation.study.gaps import PartPassage, SongGap
from meloformer.evaluation.study.histograms import WIDEST_INTERVAL, jensen_shannon
from meloformer.evaluation.study.passage_study import Comparisons, PassageStudy, Rows, study_by_set
from meloformer.score.grid import TICKS_PER_QUARTER

LINES_AWAY = 4
"""Bars from a seam to the bar line of the song that it is compared with."""
LONGEST_PAUSE = 8 * TICKS_PER_QUARTER
"""Ticks from one note to the next; longer ones are counted here."""

_LEAPS = np.abs(np.arange(-WIDEST_INTERVAL, WIDEST_INTERVAL + 1)) > 5
_YES = np.array([True, False])

Counts = Mapping[str, NDArray[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredGap:
    """The bar lines of one gap: of written bars, of the real ones, and others of the song.

    Each has the counts of the first line, then those of the second.
    """

    document_set: str
    written: tuple[tuple[Counts, Counts], ...]
    """One a seed."""
    truth: tuple[Counts, Counts]
    elsewhere: tuple[Counts, Counts]
    """At lines four bars before the first and four bars after the second."""


def seam_gap(gap: SongGap) -> SongGap | None:
    """Return the gap if pitched parts play in it and in the bars next to it, else `None`."""
    first, last = gap.first_bar, gap.last_bar
    sides = (gap.bars(first - 1, first), gap.truth, gap.bars(last, last + 1))
    pitched = all(any(not part.is_drum for part in side.parts) for side in sides)
    return gap if pitched else None


def measure_gap(gap: SongGap, written: Sequence[PartPassage]) -> MeasuredGap:
    """Count what is at the bar lines of a gap.

    Args:
        gap: With more than four bars on each side.
        written: What the gap was filled with, all parts; one a seed.
    """
    whole = gap.bars(0, gap.encoding.num_bars)
    first, last = gap.first_bar, gap.last_bar
    parts = gap.encoding.parts
    return MeasuredGap(
        gap.document_set,
        tuple(_both(gap.filled(one, parts), first, last) for one in written),
        _both(whole, first, last),
        _both(whole, first - LINES_AWAY, last + LINES_AWAY),
    )


def line_counts(passage: PartPassage, line: int) -> dict[str, NDArray[np.int64]]:
    """Count what is at one bar line.

    Args:
        passage: The music.
        line: The bar that begins with it, from 1 to less than the bars there are.

    Returns:
        By name: of "step" the semitones from two octaves down to two octaves up (49,), of "time"
        the ticks from the last note before the line to the first after it (97,), and of the others
        how often it is so and how often it is not (2,).
    """
    bars = bars_of(passage.score)
    tick = int(bars.lines[line])
    before = (bars.bar == line - 1) & ~bars.is_drum
    after = (bars.bar == line) & ~bars.is_drum
    counts = {
        "step": np.zeros(2 * WIDEST_INTERVAL + 1, dtype=np.int64),
        "time": np.zeros(LONGEST_PAUSE + 1, dtype=np.int64),
        "on the line": np.zeros(2, dtype=np.int64),
        "held over": np.zeros(2, dtype=np.int64),
        "chord changes": np.zeros(2, dtype=np.int64),
    }
    counts["chord changes"][int(passage.chords[line - 1] == passage.chords[line])] += 1
    for track in np.unique(bars.track[before]).tolist():
        mine = before & (bars.track == track)
        is_held = bool(((bars.start + bars.duration)[mine] > tick).any())
        counts["held over"][int(not is_held)] += 1
        theirs = after & (bars.track == track)
        if not theirs.any():
            continue
        last, first = int(bars.start[mine].max()), int(bars.start[theirs].min())
        counts["on the line"][int(first != tick)] += 1
        counts["time"][min(first - last, LONGEST_PAUSE)] += 1
        step = _highest(bars, theirs, first) - _highest(bars, mine, last)
        counts["step"][int(np.clip(step, -WIDEST_INTERVAL, WIDEST_INTERVAL)) + WIDEST_INTERVAL] += 1
    return counts


def seam_study(measured: Sequence[MeasuredGap]) -> PassageStudy:
    """Compare the distributions at both bar lines.

    Args:
        measured: At least one gap.
    """

    def measure(rows: Rows) -> Comparisons:
        chosen = [measured[row] for row in rows]
        found: dict[str, Comparison] = {}
        for side, name in enumerate(("into the gap", "out of the gap")):
            found |= _compared(chosen, side, name)
        return found

    return study_by_set([one.document_set for one in measured], measure)


def _both(passage: PartPassage, first: int, last: int) -> tuple[Counts, Counts]:
    return line_counts(passage, first), line_counts(passage, last)


def _highest(bars: Bars, chosen: NDArray[np.bool_], start: int) -> int:
    return int(bars.pitch[chosen & (bars.start == start)].max())


def _compared(measured: Sequence[MeasuredGap], side: int, name: str) -> dict[str, Comparison]:
    found: dict[str, Comparison] = {}
    for of in measured[0].truth[side]:
        truth = np.stack([one.truth[side][of] for one in measured])
        elsewhere = np.stack([one.elsewhere[side][of] for one in measured])
        seeds = [
            np.stack([one.written[seed][side][of] for one in measured])
            for seed in range(len(measured[0].written))
        ]
        if of in ("step", "time"):
            found[f"{of} {name}, Jensen-Shannon"] = Comparison(
                _distance(seeds, truth), None, _distance([elsewhere], truth)
            )
        if of == "step":
            found[f"leaps beyond a fourth {name}"] = Comparison(
                *(_share_of(tables, _LEAPS) for tables in (seeds, [truth], [elsewhere]))
            )
        if of not in ("step", "time"):
            found[f"{of} {name}"] = Comparison(
                *(_share_of(tables, _YES) for tables in (seeds, [truth], [elsewhere]))
            )
    return found


def _distance(tables: Sequence[NDArray[np.int64]], truth: NDArray[np.int64]) -> ConfidenceInterval:
    """Return the divergence of pooled counts, the mean over seeds. Tables: (P, K)."""

    def statistic(rows: NDArray[np.int64]) -> float:
        true = truth[rows].sum(axis=0)
        return known_mean(
            np.array([jensen_shannon(table[rows].sum(axis=0), true) for table in tables])
        )

    return confidence_interval(len(truth), statistic)


def _share_of(
    tables: Sequence[NDArray[np.int64]], counted: NDArray[np.bool_]
) -> ConfidenceInterval:
    def statistic(rows: NDArray[np.int64]) -> float:
        pooled = sum(table[rows].sum(axis=0) for table in tables)
        total = int(np.sum(pooled))
        return float(np.sum(pooled[counted]) / total) if total else float("nan")

    return confidence_interval(len(tables[0]), statistic)
