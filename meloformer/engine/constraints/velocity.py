"""How loud notes are."""

import numpy as np
from numpy.typing import NDArray

from meloformer.engine.constraints.constraint import Constraint, CurrentBar, Mask
from meloformer.tokens import Cursor, Kind, State, vocabulary


class Velocities(Constraint):
    """Lets notes have some velocities alone.

    Args:
        bins: Which, at least one. (32,), bool.
    """

    states = (State.DURATION, State.DRUM_DURATION)

    def __init__(self, bins: NDArray[np.bool_]) -> None:
        self._mask = np.ones(vocabulary().size, dtype=bool)
        self._mask[vocabulary().span(Kind.VELOCITY)] = bins
        self._mask.setflags(write=False)

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask:
        """Return all but the other velocities."""
        return self._mask
