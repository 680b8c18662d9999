"""Metre and tempo, which stay as they are at the seam."""

import numpy as np

from meloformer.engine.constraints.constraint import Constraint, CurrentBar, Mask, all_but
from meloformer.tokens import Cursor, Kind, State, vocabulary

_AS_BEFORE = all_but(np.flatnonzero(np.isin(vocabulary().kind, (Kind.METRE, Kind.TEMPO))))


class NoChanges(Constraint):
    """Goes on in the metre and tempo that there are."""

    states = (State.HEAD, State.METRE)  # the first bar of a stream has others

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask:
        """Return all but metres and tempos."""
        return _AS_BEFORE
