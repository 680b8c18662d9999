"""The chord on which a piece begins."""

import numpy as np

from meloformer.engine.constraints.constraint import Constraint, CurrentBar, Mask
from meloformer.score.chords import CHORD_NAMES, chord_pitch_classes
from meloformer.score.scales import Scale
from meloformer.tokens import Cursor, Kind, State, vocabulary


class BeginsOnTonic(Constraint):
    """Begins a piece with a chord on the tonic of its scale, all of whose notes are in it.

    Args:
        scale: Of the piece.
    """

    states = (State.SONG,)

    def __init__(self, scale: Scale) -> None:
        vocab = vocabulary()
        self._mask: Mask = np.zeros(vocab.size, dtype=bool)
        for chord in range(len(CHORD_NAMES)):
            notes = chord_pitch_classes(chord)
            is_on_tonic = bool(notes) and notes[0] == scale.tonic
            if is_on_tonic and scale.pitch_classes.issuperset(notes):
                self._mask[vocab.id(Kind.CHORD, chord)] = True
        self._mask.setflags(write=False)

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask | None:
        """Return the chords on the tonic; all where the scale has none on it."""
        return self._mask if self._mask.any() else None
