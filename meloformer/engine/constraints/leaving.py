"""The rate at which parts are left."""

import numpy as np

from meloformer.engine.constraints.constraint import Choice, Constraint, CurrentBar, Logits
from meloformer.tokens import Cursor, Kind, vocabulary
from meloformer.tokens.cursor import AFTER_NOTE

LEAVING = np.flatnonzero(np.isin(vocabulary().kind, (Kind.SUM, Kind.PROGRAM)))
"""Ids of the tokens that leave a part: SUM and headers. Ascending."""


class LeavingAsOften(Constraint):
    """Leaves a part as often as the model would, whatever the masks forbid.

    When a part must still play in the bar, closing the bar is illegal. Left alone, the mask would
    make the model stay in the part it is done with, note after note; instead it leaves it as often
    as it wanted to, only elsewhere.
    """

    states = AFTER_NOTE

    def bias(self, cursor: Cursor, bar: CurrentBar, choice: Choice) -> Logits | None:
        """Return what gives legal ways of leaving the probability of all ways."""
        possible = LEAVING[choice.legal[LEAVING]]
        if not len(possible):
            return None
        logits = choice.logits
        bias = np.zeros_like(logits)
        bias[possible] = np.logaddexp.reduce(logits[LEAVING]) - np.logaddexp.reduce(
            logits[possible]
        )
        return bias
