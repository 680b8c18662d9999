"""The scale that chords keep to; pitches keep to it by the reach of their parts."""

from collections.abc import Collection

import numpy as np

from meloformer.engine.constraints.constraint import Constraint, CurrentBar, Mask, all_but
from meloformer.score.chords import CHORD_NAMES, chord_pitch_classes
from meloformer.score.scales import Scale
from meloformer.tokens import Cursor, Kind, vocabulary
from meloformer.tokens.cursor import BEFORE_CHORD

_CHORDS = vocabulary().id(Kind.CHORD)


class ChordsInScale(Constraint):
    """Lets bars have chords of a scale alone, or none.

    Args:
        scale: What the notes of the chords keep to.
        also: Chords that may come all the same: those that are there already.
    """

    states = BEFORE_CHORD

    def __init__(self, scale: Scale, also: Collection[int] = ()) -> None:
        outside = [
            chord
            for chord in range(len(CHORD_NAMES))
            if chord not in also and not scale.pitch_classes.issuperset(chord_pitch_classes(chord))
        ]
        self._mask = all_but(_CHORDS + np.array(outside, dtype=np.int64))

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask:
        """Return all but the chords outside the scale."""
        return self._mask
