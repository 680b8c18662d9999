"""Where in a bar notes may begin."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from meloformer.engine.constraints.constraint import Constraint, CurrentBar, Mask, all_but
from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.tokens import Cursor, Kind, State, vocabulary
from meloformer.tokens.cursor import AFTER_NOTE
from meloformer.tokens.vocabulary import MAX_BAR_TICKS

BEFORE_FIRST_ONSET = (State.PROGRAM, State.INSTANCE, State.DRUMS)
"""States in which the first onset of a part may come next."""
BEFORE_ONSET = (*AFTER_NOTE, *BEFORE_FIRST_ONSET)
"""States in which an onset may come next."""

_ONSETS = vocabulary().id(Kind.ONSET)


class OnsetsOnGrid(Constraint):
    """Lets notes begin at some places of each quarter alone.

    Args:
        ticks: The places, in grid ticks from the quarter; 0, where every bar begins, is among them.
    """

    states = BEFORE_ONSET

    def __init__(self, ticks: NDArray[np.int64]) -> None:
        self._mask = only_onsets(is_on_grid(ticks))

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask:
        """Return all but the onsets between."""
        return self._mask


def is_on_grid(ticks: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether each place of the longest bar is one of some places of a quarter. (96,)."""
    is_on: NDArray[np.bool_] = np.isin(np.arange(MAX_BAR_TICKS) % TICKS_PER_QUARTER, ticks)
    return is_on


def only_onsets(may_begin: NDArray[np.bool_]) -> Mask:
    """Return all tokens but the onsets at other places, read-only.

    Args:
        may_begin: Of each place in the longest bar. (96,), bool.
    """
    return all_but(_ONSETS + np.flatnonzero(~may_begin))


@lru_cache(maxsize=4096)
def onsets_from(first: int, last: int) -> Mask:
    """Return all tokens but the onsets before the one and after the other, read-only."""
    places = np.arange(MAX_BAR_TICKS)
    return only_onsets((places >= first) & (places <= last))
