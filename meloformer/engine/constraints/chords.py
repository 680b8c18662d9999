"""The chords asked for."""

from collections.abc import Sequence

import numpy as np

from meloformer.engine.constraints.constraint import Constraint, CurrentBar, Mask
from meloformer.tokens import Cursor, Kind, vocabulary
from meloformer.tokens.cursor import BEFORE_CHORD


class ForcedChords(Constraint):
    """Begins each bar with its chord.

    Args:
        chords: Of each bar, repeated from the start when they run out; None, and without any
            every bar, is left free.
    """

    states = BEFORE_CHORD

    def __init__(self, chords: Sequence[int | None]) -> None:
        self._masks = [None if chord is None else _only(chord) for chord in chords]

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask | None:
        """Return the chord of the bar that comes next."""
        return self._masks[bar.number % len(self._masks)] if self._masks else None


def _only(chord: int) -> Mask:
    vocab = vocabulary()
    mask = np.zeros(vocab.size, dtype=bool)
    mask[vocab.id(Kind.CHORD, chord)] = True
    mask.setflags(write=False)
    return mask
