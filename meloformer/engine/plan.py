"""What a continuation must be, bar by bar, as masks on tokens."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.score.part import Part
from meloformer.score.ranges import home_range, standard_kit
from meloformer.tokens import Cursor, Encoding, Kind, Reach, State, annotate, vocabulary

BEYOND = 5
"""Semitones that a part may go beyond what it has played: a fourth."""
BEFORE_CHORD = (State.BAR_END, State.FILL_START)
"""States in which the chord of a bar may come next."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The constraints of one continuation."""

    num_bars: int
    may_play: frozenset[Part]
    must_play: frozenset[Part]
    reach: Mapping[Part, Reach]
    """What each part can play, from `reach_of`."""
    chords: tuple[int | None, ...]
    """Chord of each bar, repeated from the start when they run out; `None`, and without any every
    bar, is left free."""

    def allowed(self, cursor: Cursor, bar: int) -> NDArray[np.bool_]:
        """Which tokens the plan lets come next, besides the grammar.

        Args:
            cursor: Where the stream stands.
            bar: Bars of the continuation already finished.

        Returns:
            (V,), bool.
        """
        chord = self.chords[bar % len(self.chords)] if self.chords else None
        if chord is None or cursor.state not in BEFORE_CHORD:
            return _PLAIN
        allowed = np.zeros(len(_PLAIN), dtype=bool)
        allowed[vocabulary().id(Kind.CHORD, chord)] = True
        return allowed


def reach_of(encoding: Encoding, cast: Iterable[Part]) -> dict[Part, Reach]:
    """What each part may play: as it has played, or where a new one is at home.

    A small model that has once strayed high or low goes on from there, and lets chords grow thick
    and melodies turn into chords; a player would not. Pitches are near those the part has played,
    and no more notes begin together than ever did. Drums keep to the keys they have used.

    Args:
        encoding: The piece.
        cast: Who may play.
    """
    vocab = vocabulary()
    kind, value = vocab.kind[encoding.ids], vocab.value[encoding.ids]
    sounds = (kind == Kind.PITCH) | (kind == Kind.DRUM)
    notes = annotate(encoding.ids)
    reach = {}
    for part in cast:
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


def _plain() -> NDArray[np.bool_]:
    """The music goes on in its metre and tempo, and does not end by itself."""
    kinds = (Kind.METRE, Kind.TEMPO, Kind.GAP, Kind.FILL, Kind.EOS)
    allowed = ~np.isin(vocabulary().kind, kinds)
    allowed.setflags(write=False)
    return allowed


_PLAIN = _plain()
