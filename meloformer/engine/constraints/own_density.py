"""Bars that are as full as those of the piece."""

from collections.abc import Mapping
from weakref import WeakKeyDictionary

import numpy as np

from meloformer.engine.constraints.constraint import Choice, Constraint, CurrentBar, Logits
from meloformer.engine.constraints.leaving import LEAVING
from meloformer.engine.constraints.onsets import BEFORE_ONSET
from meloformer.score.part import MAX_INSTANCES, Part, part_ranks
from meloformer.tokens import Cursor, Kind, vocabulary
from meloformer.tokens.bar_contents import BarContents
from meloformer.tokens.cursor import IN_HEAD

LEEWAY = 0.03
"""How much fuller or emptier than the piece new bars may be, as a natural logarithm."""
HASTE = 4.0
"""How strongly what is beyond that is made up for: the power of the ratio."""
MOST = 2.0
"""How far the rate of notes is changed at most, as a natural logarithm."""
PRIOR_BARS = 2.0
"""As many bars that are as full as the piece's count, too: one bar says little."""

_ONSETS, _PROGRAMS, _SUM = (
    np.flatnonzero(vocabulary().kind == kind) for kind in (Kind.ONSET, Kind.PROGRAM, Kind.SUM)
)
_NOTES_AND_PARTS = np.concatenate([_ONSETS, _PROGRAMS[np.argsort(part_ranks()[::MAX_INSTANCES])]])
"""Ids of all that may come next in a bar, in its order there."""
_LEAST = 1e-12


class OwnDensity(Constraint):
    """Lets notes come sooner or later, until new bars have as many as those of the piece.

    A bar with few notes is answered by fewer, so that what the model writes drifts: it thins out,
    or fills up. How many notes all parts together have had is looked at once a bar. What is changed
    is the rate at which notes come, one more of a chord first, as in a point process whose hazard
    is multiplied: where a rhythm has no place left, chords grow thicker.

    Args:
        rates: Notes per grid tick, rests included, of the parts that are counted.
    """

    states = (*BEFORE_ONSET, *IN_HEAD)

    def __init__(self, rates: Mapping[Part, float]) -> None:
        self._parts = frozenset(part.number for part in rates)
        self._rate = sum(rates.values())
        # Worked out once a bar; what is known of a stream goes when the stream goes.
        self._of_bar: WeakKeyDictionary[BarContents, tuple[int, float]] = WeakKeyDictionary()

    def bias(self, cursor: Cursor, bar: CurrentBar, choice: Choice) -> Logits | None:
        """Return what makes the next onset come sooner or later."""
        if cursor.part >= 0 and cursor.part not in self._parts:
            return None
        number, times = self._of_bar.get(cursor.contents, (-1, 1.0))
        if number != bar.number:
            times = self._times(cursor, bar)
            self._of_bar[cursor.contents] = bar.number, times
        return None if times == 1.0 else _sooner(choice, times)

    def _times(self, cursor: Cursor, bar: CurrentBar) -> float:
        """Return by what the rate of notes is multiplied in this bar."""
        usual = self._rate * cursor.bar_ticks
        if not usual or not bar.number:
            return 1.0
        first = cursor.bar - bar.number
        written = sum(
            count
            for part in self._parts
            for of_bar, count in cursor.counts.between(part, first, cursor.bar).items()
            if of_bar < cursor.bar
        )
        ratio = (written + PRIOR_BARS * usual) / ((bar.number + PRIOR_BARS) * usual)
        off = np.log(ratio)
        beyond = np.sign(off) * max(abs(off) - LEEWAY, 0.0)
        return float(np.exp(np.clip(-HASTE * beyond, -MOST, MOST)))


def _sooner(choice: Choice, times: float) -> Logits:
    """Return what multiplies the hazard of each note: its chance if nothing has come before it.

    A hazard of h becomes 1 - (1 - h) ** times, and the chance that a part is left without one more
    note is taken to that power. Where more are wanted, parts are not passed over, either; where
    there are too many, none falls silent for it.
    """
    bias = np.zeros_like(choice.logits)
    coming, rest = (_NOTES_AND_PARTS, _SUM) if times > 1 else (_ONSETS, LEAVING)
    coming, rest = coming[choice.legal[coming]], rest[choice.legal[rest]]
    if not len(coming):
        return bias
    last = np.logaddexp.reduce(choice.logits[rest], initial=-np.inf, dtype=np.float64)
    # Of all that comes from each note on, the end included.
    left = np.logaddexp.accumulate([last, *choice.logits[coming][::-1].astype(np.float64)])[1:]
    left = left[::-1]
    hazard = np.clip(np.exp(choice.logits[coming] - left), _LEAST, 1 - _LEAST)
    more = np.log(-np.expm1(times * np.log1p(-hazard))) - np.log(hazard)
    bias[coming] = more + (times - 1) * (left - left[0])
    if len(rest):
        bias[rest] = (times - 1) * (last - left[0])
    return bias
