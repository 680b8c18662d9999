"""Metre and tempo, which stay as they are at the seam."""

from collections.abc import Sequence

import numpy as np

from meloformer.engine.constraints.constraint import Constraint, CurrentBar, Mask, all_but
from meloformer.tokens import Cursor, Kind, State, vocabulary

_METRES = vocabulary().span(Kind.METRE)
_AS_BEFORE = all_but(np.flatnonzero(np.isin(vocabulary().kind, (Kind.METRE, Kind.TEMPO))))


class NoChanges(Constraint):
    """Goes on in the metre and tempo that there are.

    Args:
        metres: Of each bar, indices into `METRES`, repeated from the start: those that one bar of
            the piece is split into. Without any the metre stays.
    """

    states = (State.HEAD, State.METRE)  # the first bar of a stream has others

    def __init__(self, metres: Sequence[int] = ()) -> None:
        self._metres = list(metres)
        self._masks = {metre: _only(metre) for metre in metres}

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask:
        """Return the metre of a bar that differs from the one before, else no metre or tempo."""
        if not self._metres:
            return _AS_BEFORE
        metre = self._metres[bar.number % len(self._metres)]
        return _AS_BEFORE if metre == cursor.metre else self._masks[metre]


def _only(metre: int) -> Mask:
    mask = np.zeros(vocabulary().size, dtype=bool)
    mask[_METRES.start + metre] = True
    mask.setflags(write=False)
    return mask
