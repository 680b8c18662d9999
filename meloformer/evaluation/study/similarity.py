"""The similarity of bars some distance apart.

After Yu and others, "Museformer", 2022: two notes are equal if they have the same onset in the bar,
pitch and duration; the similarity of two bars is the notes they share by all notes of both. Music
with form has peaks at 2, 4 and 8 bars. Drums are told apart from pitched notes.

Axes: D distances.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from meloformer.evaluation.study.bars import Bars

MAX_DISTANCE = 40
"""Bars; as far back as the paper looks."""

LONGEST_PERIOD = 4
"""Bars of the longest loop that is looked for."""
LOOP_SIMILARITY = 0.5
"""From here on a bar counts as the same again."""

BarNotes = frozenset[tuple[int, int, int, bool]]
"""Onset, pitch, duration and whether it is a drum of all notes that begin in a bar."""


def notes_by_bar(bars: Bars) -> tuple[BarNotes, ...]:
    """Return the notes of each bar as a set."""
    notes: list[set[tuple[int, int, int, bool]]] = [set() for _ in range(bars.num_bars)]
    columns = (bars.bar, bars.onset, bars.pitch, bars.duration, bars.is_drum)
    for bar, *note in zip(*(column.tolist() for column in columns), strict=True):
        notes[bar].add((note[0], note[1], note[2], note[3]))
    return tuple(map(frozenset, notes))


def similarity(one: BarNotes, other: BarNotes) -> float:
    """Return the notes that two bars share by all notes of both; not a number if both are empty."""
    every = len(one | other)
    return len(one & other) / every if every else float("nan")


def similarity_curve(bars: Sequence[BarNotes], first: int = 1) -> NDArray[np.float64]:
    """Return the mean similarity of bars at each distance.

    Args:
        bars: Consecutive bars.
        first: Only pairs whose later bar is this one or comes after it: with the bars of a prompt
            before it, what a continuation repeats of the prompt and of itself.

    Returns:
        At distances 1 to 40; not a number at distances that the music is too short for. (D,).
    """
    curve = np.full(MAX_DISTANCE, np.nan)
    for distance in range(1, min(MAX_DISTANCE, len(bars) - 1) + 1):
        later = range(max(first, distance), len(bars))
        found = np.array([similarity(bars[bar - distance], bars[bar]) for bar in later])
        found = found[~np.isnan(found)]
        if len(found):
            curve[distance - 1] = found.mean()
    return curve


def longest_loop(bars: Sequence[BarNotes], first: int = 1) -> int:
    """Return the most bars in a row that each are the same again as the bar one period before.

    A model that is caught in a loop goes on in it to the end. The period is one that makes the row
    longest, of 1 to 4 bars.

    Args:
        bars: Consecutive bars.
        first: Where to begin to look; bars before it can be repeated.
    """
    longest = 0
    for period in range(1, LONGEST_PERIOD + 1):
        row = 0
        for bar in range(max(first, period), len(bars)):
            is_again = similarity(bars[bar - period], bars[bar]) >= LOOP_SIMILARITY
            row = row + 1 if is_again else 0
            longest = max(longest, row)
    return longest


def similarity_error(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the mean absolute difference of two curves where both are known. (D,) each."""
    apart = np.abs(one - other)
    known = apart[~np.isnan(apart)]
    return float(known.mean()) if len(known) else float("nan")
