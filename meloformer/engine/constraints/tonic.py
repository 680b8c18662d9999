"""The tonic of a piece: the chord on which it begins, and to which its phrases come back."""

import numpy as np

from meloformer.engine.constraints.constraint import Choice, Constraint, CurrentBar, Logits, Mask
from meloformer.score.chords import CHORD_NAMES, chord_pitch_classes
from meloformer.score.scales import Scale
from meloformer.tokens import Cursor, Kind, State, vocabulary
from meloformer.tokens.cursor import BEFORE_CHORD

PHRASE_BARS = 4
AT_PHRASES = 3.0
"""How strongly a phrase begins on the tonic rather than the relative key's, in nats each."""
WITHIN = 1.0
"""The same in other bars, and how strongly the last bar of a phrase is drawn to the dominant."""
STANDING = 2.0
"""How strongly a root that has stood for two bars is left, in nats: Asus2, Am and A5 are one."""
_RELATIVE_MINOR, _RELATIVE_MAJOR, _DOMINANT, _MAJOR_THIRD = 9, 3, 7, 4
"""Semitones above a tonic."""
_CHORDS = vocabulary().span(Kind.CHORD)
_NO_ROOT = -1
_ROOTS = np.array(
    [next(iter(chord_pitch_classes(chord)), _NO_ROOT) for chord in range(len(CHORD_NAMES))]
)
"""The lowest pitch class of each chord."""


class BeginsOnTonic(Constraint):
    """Begins a piece with a chord on the tonic of its scale, all of whose notes are in it.

    Args:
        scale: Of the piece.
    """

    states = (State.SONG,)

    def __init__(self, scale: Scale) -> None:
        self._mask: Mask = np.zeros(vocabulary().size, dtype=bool)
        self._mask[_CHORDS] = chords_on(scale.tonic, scale)
        self._mask.setflags(write=False)

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask | None:
        """Return the chords on the tonic; all where the scale has none on it."""
        return self._mask if self._mask.any() else None


class ComesHome(Constraint):
    """Draws phrases to begin on the tonic and to end on the dominant, and chords to move on.

    A piece that begins from nothing has no key but its scale, which is its relative key's as well:
    what is heard as the tonic is the chord that comes at the heavy places.

    Args:
        scale: Of the piece.
    """

    states = BEFORE_CHORD

    def __init__(self, scale: Scale) -> None:
        is_major = (scale.tonic + _MAJOR_THIRD) % 12 in scale.pitch_classes
        relative = _RELATIVE_MINOR if is_major else _RELATIVE_MAJOR
        home, away, dominant = (
            chords_on((scale.tonic + above) % 12, scale).astype(np.float32)
            for above in (0, relative, _DOMINANT)
        )
        self._at_phrases = AT_PHRASES * (home - away)
        self._within = WITHIN * (home - away)
        self._at_ends = self._within + WITHIN * dominant

    def bias(self, cursor: Cursor, bar: CurrentBar, choice: Choice) -> Logits | None:
        """Return what draws the chord of the bar that comes next."""
        bias = np.zeros_like(choice.logits)
        place = bar.number % PHRASE_BARS
        chords = self._at_ends if place == PHRASE_BARS - 1 else self._within
        bias[_CHORDS] = chords if place else self._at_phrases
        chords_before = [cursor.contents.of(one).chord for one in range(cursor.bar)[-2:]]
        roots = {int(_ROOTS[chord]) if chord >= 0 else _NO_ROOT for chord in chords_before}
        if len(chords_before) == 2 and len(roots) == 1 and roots != {_NO_ROOT}:
            bias[_CHORDS] -= STANDING * np.isin(_ROOTS, list(roots))
        return bias


def chords_on(root: int, scale: Scale) -> Mask:
    """Return which chords are on a pitch class and have no note outside a scale. (chords,)."""
    notes = [chord_pitch_classes(chord) for chord in range(len(CHORD_NAMES))]
    return np.array(
        [bool(own) and own[0] == root and scale.pitch_classes.issuperset(own) for own in notes]
    )
