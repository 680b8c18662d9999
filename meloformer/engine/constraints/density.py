"""How many notes a part plays."""

from collections.abc import Mapping

import numpy as np

from meloformer.engine.constraints.constraint import Choice, Constraint, CurrentBar, Logits
from meloformer.engine.constraints.leaving import LEAVING
from meloformer.engine.constraints.onsets import BEFORE_ONSET
from meloformer.score.part import Part
from meloformer.tokens import Cursor, Kind, vocabulary
from meloformer.tokens.cursor import AFTER_NOTE

PACE = 4.0
"""How strongly onsets are drawn to where so many notes would be reached: nats where they are off by
as much as chance makes them."""
GOAL = 10.0
"""How strongly a part is kept until it has its notes, and then left: likewise."""
CARRY = 2.0
"""How many notes are asked for in the place of one that earlier bars fell short by: it takes more
than one to get one."""
MAX_CARRY = 1.0
"""How much of a bar's notes may be made up for in the next bar."""

_ONSETS = vocabulary().span(Kind.ONSET)
_PLACES = np.arange(_ONSETS.stop - _ONSETS.start)


class Densities(Constraint):
    """Draws parts towards a number of notes in the bars they play in.

    What earlier bars have had too few or too many is made up for, so that the mean comes right
    whatever the model likes. Chords grow no thicker: what is biased is when the next onset comes,
    and once a bar has its notes whether one more comes at all.

    Args:
        rates: Notes per grid tick, by part.
    """

    states = BEFORE_ONSET

    def __init__(self, rates: Mapping[Part, float]) -> None:
        self._rates = {part.number: rate for part, rate in rates.items()}

    def bias(self, cursor: Cursor, bar: CurrentBar, choice: Choice) -> Logits | None:
        """Return what draws the next onset, or the end of the part, to where it is wanted."""
        rate = self._rates.get(cursor.part)
        if rate is None:
            return None
        num_notes = cursor.counts.of(cursor.part, cursor.bar)
        usual = rate * cursor.bar_ticks
        goal = usual + self._carry(cursor, bar, usual)
        spread = max(usual, 1.0)
        bias = np.zeros_like(choice.logits)
        off = goal * (_PLACES / cursor.bar_ticks) - num_notes
        bias[_ONSETS] = -PACE * off**2 / spread
        bias[LEAVING] = -GOAL * max(goal - num_notes, 0.0) ** 2 / spread
        if num_notes > goal:
            bias[_ONSETS] -= GOAL * (num_notes + 1 - goal) ** 2 / spread
        if cursor.state in AFTER_NOTE:
            _keep_chords(cursor, choice, bias)
            if num_notes > goal - 1:
                bias[_ONSETS.start + cursor.onset] -= GOAL * (num_notes + 1 - goal) ** 2 / spread
        return bias

    def _carry(self, cursor: Cursor, bar: CurrentBar, usual: float) -> float:
        """Return by how many notes the bars before, of those that are written, fell short."""
        before = cursor.counts.between(cursor.part, cursor.bar - bar.number, cursor.bar)
        before.pop(cursor.bar, None)
        short = CARRY * (usual * len(before) - sum(before.values()))
        return float(np.clip(short, -MAX_CARRY * usual, MAX_CARRY * usual))


def _keep_chords(cursor: Cursor, choice: Choice, bias: Logits) -> None:
    """Leave one more note at this onset as likely as it was."""
    here = _ONSETS.start + cursor.onset
    others = choice.legal.copy()
    others[here] = False
    if not choice.legal[here] or not others.any():
        return
    logits = choice.logits[others]
    biased = logits + bias[others]
    bias[others] += np.logaddexp.reduce(logits) - np.logaddexp.reduce(biased)
    bias[here] = 0.0
