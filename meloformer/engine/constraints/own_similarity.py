"""Bars that repeat one another as much as those of the piece do.

Axes: D distances.
"""

from collections.abc import Mapping, Sequence
from weakref import WeakKeyDictionary

import numpy as np

from meloformer.engine.constraints.constraint import Choice, Constraint, CurrentBar, Logits
from meloformer.engine.constraints.likeness import LikeBars, Pull, add_pull
from meloformer.evaluation.study.similarity import BarNotes, similarity
from meloformer.score.grid import DURATION_TICKS
from meloformer.score.part import DRUM_PROGRAM, MAX_INSTANCES
from meloformer.tokens import Cursor
from meloformer.tokens.bar_contents import BarContent, BarContents

PULL = 10.0
"""How strongly bars are drawn: nats for a similarity that is off by 1."""
STRONGEST = 2.5
"""In nats, at any one distance."""
RHYTHM = 0.5
"""How strongly the rhythm is drawn, by how strongly pitches are. It is never drawn away: where a
bar may not have the rhythm of another, it has fewer notes."""
CHORD_AWAY = 0.5
"""How strongly a chord is left, by how strongly pitches are: one that stays is no repetition."""
HASTE = 4.0
"""How many bars' worth of what has been too much or too little is made up for in one bar."""


DISTANCES = (1, 2, 4, 8, 16)
"""In bars, at which bars are compared."""
FEWEST_PAIRS = 4
"""Of bars at a distance, that say how similar they are in a piece."""
KNOWN = (0.04, 0.75)
"""Base and slope by which a similarity before the seam tells that behind it: what repeats much goes
on a little less so. Fitted to songs, as those of `UNKNOWN` (`experiments/repetition.py`)."""
UNKNOWN = {1: (0.05, 0.65), 2: (0.05, 0.7), 4: (0.04, 0.8), 8: (0.05, 0.7), 16: (0.04, 0.6)}
"""Likewise, by the mean of the known distances, of those for which the bars before are too few."""


class OwnSimilarity(Constraint):
    """Draws bars to those some distances before, until they are as similar as the piece's own.

    Args:
        targets: The mean similarity that is wanted, by distance in bars.
        before: The last bars of the piece before those that are written.
    """

    states = LikeBars.states

    def __init__(self, targets: Mapping[int, float], before: Sequence[BarContent]) -> None:
        self._targets = dict(targets)
        self._before = list(before)
        self._notes = [notes_of(bar) for bar in before]
        # Worked out once a bar; what is known of a stream goes when the stream goes.
        self._of_bar: WeakKeyDictionary[BarContents, tuple[int, list[tuple[BarContent, Pull]]]]
        self._of_bar = WeakKeyDictionary()

    def bias(self, cursor: Cursor, bar: CurrentBar, choice: Choice) -> Logits | None:
        """Return what draws the next token to those of the bars before, or away."""
        number, drawn_to = self._of_bar.get(cursor.contents, (-1, []))
        if number != bar.number:
            drawn_to = self._references(cursor, bar)
            self._of_bar[cursor.contents] = bar.number, drawn_to
        bias = np.zeros_like(choice.logits)
        for like, pull in drawn_to:
            add_pull(bias, cursor, choice, like, pull)
        return bias

    def _references(self, cursor: Cursor, bar: CurrentBar) -> list[tuple[BarContent, Pull]]:
        """Return the bars that this one is drawn to, and how strongly."""
        first, seam = cursor.bar - bar.number, len(self._before)
        written = [cursor.contents.of(first + number) for number in range(bar.number)]
        bars, notes = [*self._before, *written], [*self._notes, *map(notes_of, written)]
        found = []
        for distance, target in self._targets.items():
            if len(bars) < distance:
                continue
            pairs = similarities(notes, distance, max(seam, distance))
            off = target * len(pairs) - sum(pairs)
            strength = float(np.clip(PULL * off / HASTE, -STRONGEST, STRONGEST))
            if strength:
                chords = strength if strength > 0 else CHORD_AWAY * strength
                rhythm = RHYTHM * max(strength, 0.0)
                found.append((bars[-distance], Pull(strength, rhythm, chords)))
        return found


def notes_of(bar: BarContent) -> BarNotes:
    """Return the notes of a bar as they are compared."""
    return frozenset(
        (note.onset, note.pitch, int(DURATION_TICKS[note.duration_step]), _is_drum(part))
        for part, notes in bar.notes.items()
        for note in notes
    )


def own_similarity(bars: Sequence[BarContent]) -> dict[int, float]:
    """Return the mean similarity of bars at those of `DISTANCES` that they are long enough for."""
    notes = [notes_of(bar) for bar in bars]
    found = {}
    for distance in DISTANCES:
        pairs = similarities(notes, distance, distance)
        if len(pairs) >= FEWEST_PAIRS:
            found[distance] = float(np.mean(pairs))
    return found


def expected_similarity(own: Mapping[int, float]) -> dict[int, float]:
    """Return how similar bars are in what songs go on with, at all of `DISTANCES`.

    Args:
        own: Of the bars before, from `own_similarity`; nothing is expected if it is empty.
    """
    if not own:
        return {}
    mean = float(np.mean(list(own.values())))
    expected = {}
    for distance in DISTANCES:
        known = own.get(distance)
        base, slope = KNOWN if known is not None else UNKNOWN[distance]
        expected[distance] = base + slope * (mean if known is None else known)
    return expected


def similarities(notes: Sequence[BarNotes], distance: int, first: int) -> list[float]:
    """Return how alike bars from `first` on are to those so far before, where either has notes."""
    pairs = (
        similarity(notes[later - distance], notes[later]) for later in range(first, len(notes))
    )
    return [one for one in pairs if not np.isnan(one)]


def _is_drum(part: int) -> bool:
    return part >= DRUM_PROGRAM * MAX_INSTANCES
