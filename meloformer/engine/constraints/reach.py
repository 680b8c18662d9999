"""The pitches that a part can play, and the most notes that begin together."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meloformer.engine.constraints.constraint import Constraint, CurrentBar, Mask, all_but
from meloformer.score.part import Part
from meloformer.score.ranges import home_range, standard_kit
from meloformer.tokens import Cursor, Encoding, Kind, annotate, vocabulary
from meloformer.tokens.cursor import AFTER_NOTE, AFTER_ONSET

BEYOND = 5
"""Semitones that a part may go beyond what it has played: a fourth."""

_ONSETS = vocabulary().id(Kind.ONSET)


class Reach(NamedTuple):
    """The notes that a part can play."""

    pitches: NDArray[np.bool_]
    """At least one. (128,), bool."""
    together: int = 128
    """The most notes that begin at one time, at least one."""


class WithinReach(Constraint):
    """Keeps parts within their reach.

    Pitches of one onset ascend, so none begins there any more after the highest within reach.

    Args:
        reach: What a part can play; others play all.
    """

    states = (*AFTER_ONSET, *AFTER_NOTE)

    def __init__(self, reach: Mapping[Part, Reach]) -> None:
        self._reach = {
            part.number: (_pitch_mask(own), int(np.flatnonzero(own.pitches)[-1]), own.together)
            for part, own in reach.items()
        }

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask | None:
        """Return the pitches within reach; after a note that completes its onset, later onsets."""
        own = self._reach.get(cursor.part)
        if own is None:
            return None
        pitches, highest, together = own
        if cursor.state in AFTER_ONSET:
            return pitches
        is_complete = cursor.pitch >= highest or cursor.num_together >= together
        return _not_at(cursor.onset) if is_complete else None


def reach_of(encoding: Encoding, parts: Iterable[Part]) -> dict[Part, Reach]:
    """Return what each part may play: as it has played, or where a new one is at home.

    A small model that has once strayed high or low goes on from there, and lets chords grow thick
    and melodies turn into chords; a player would not. Pitches are near those the part has played,
    and no more notes begin together than ever did. Drums keep to the keys they have used.

    Args:
        encoding: The piece.
        parts: Of the piece or new.
    """
    vocab = vocabulary()
    kind, value = vocab.kind[encoding.ids], vocab.value[encoding.ids]
    sounds = (kind == Kind.PITCH) | (kind == Kind.DRUM)
    notes = annotate(encoding.ids)
    reach = {}
    for part in parts:
        own = sounds & (notes.part == part.number)
        played = value[own]
        pitches = np.zeros(128, dtype=bool)
        if not len(played):
            pitches = standard_kit() if part.is_drum else home_range(part.program)
            reach[part] = Reach(pitches)
            continue
        if part.is_drum:
            pitches[played] = True
        else:
            pitches[max(int(played.min()) - BEYOND, 0) : int(played.max()) + BEYOND + 1] = True
        times = np.stack((notes.bar[own], notes.onset[own]))
        _, together = np.unique(times, axis=1, return_counts=True)
        reach[part] = Reach(pitches, int(together.max()))
    return reach


@cache
def _not_at(onset: int) -> Mask:
    return all_but([_ONSETS + onset])


def _pitch_mask(reach: Reach) -> Mask:
    vocab = vocabulary()
    mask = np.ones(vocab.size, dtype=bool)
    mask[vocab.span(Kind.PITCH)] = reach.pitches
    mask[vocab.span(Kind.DRUM)] = reach.pitches
    mask.setflags(write=False)
    return mask
