"""Drums that do not roll for whole bars."""

from collections.abc import Sequence

import numpy as np

from meloformer.engine.constraints.constraint import Choice, Constraint, CurrentBar, Logits
from meloformer.engine.constraints.onsets import only_onsets
from meloformer.engine.constraints.tonic import PHRASE_BARS
from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.tokens import Cursor, State
from meloformer.tokens.bar_contents import BarNote
from meloformer.tokens.vocabulary import MAX_BAR_TICKS

_SKINS = frozenset((*range(35, 42), 43, 45, 47, 48, 50))
"""Kicks, snares and toms of General MIDI, side stick and hand clap."""
_TOO_SMALL = np.float32(-1e4)
_PLACES = np.arange(MAX_BAR_TICKS)


class NoRolls(Constraint):
    """Lets kicks, snares and toms strike alone at most twice within a quarter.

    Nothing goes against a roll in a piece that begins from nothing, and what begins with one rolls
    on: the bars before are all there is to go by. The second half of a phrase's last bar may have a
    fill.
    """

    states = (State.DRUM_VELOCITY,)

    def bias(self, cursor: Cursor, bar: CurrentBar, choice: Choice) -> Logits | None:
        """Return what keeps from a third strike; another drum may come in with the second."""
        ends_phrase = bar.number % PHRASE_BARS == PHRASE_BARS - 1
        if ends_phrase and cursor.onset >= cursor.bar_ticks // 2:
            return None
        alone = _struck_alone(cursor.contents.of(cursor.bar).notes.get(cursor.part, ()))[-2:]
        if len(alone) < 2:
            return None
        is_free = (cursor.onset >= _PLACES) | (alone[0] + TICKS_PER_QUARTER <= _PLACES)
        wanted = only_onsets(is_free)
        if wanted.all() or not (choice.legal & wanted).any():
            return None
        return np.where(wanted, np.float32(0), _TOO_SMALL)


def is_roll(notes: Sequence[BarNote]) -> bool:
    """Return whether skins strike alone more than twice within a quarter.

    Args:
        notes: Of a drum part in one bar.
    """
    alone = _struck_alone(notes)
    triples = zip(alone[:-2], alone[2:], strict=True)
    return any(third - first < TICKS_PER_QUARTER for first, third in triples)


def _struck_alone(notes: Sequence[BarNote]) -> list[int]:
    """Return the places of a bar at which nothing but skins is struck, in order."""
    alone: dict[int, bool] = {}
    for note in notes:
        alone[note.onset] = alone.get(note.onset, True) and note.pitch in _SKINS
    return [onset for onset, is_alone in alone.items() if is_alone]
