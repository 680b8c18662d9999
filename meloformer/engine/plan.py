"""What a continuation must be, bar by bar, as masks on tokens."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.score.part import Part
from meloformer.tokens import Cursor, Kind, State, vocabulary


@dataclass(frozen=True, slots=True)
class Plan:
    """The constraints of one continuation."""

    num_bars: int
    may_play: frozenset[Part]
    must_play: frozenset[Part]
    chords: tuple[int, ...]
    """Chord of each bar, repeated from the start when they run out; empty leaves them free."""

    def allowed(self, cursor: Cursor, bar: int) -> NDArray[np.bool_]:
        """Which tokens the plan lets come next, besides the grammar.

        Args:
            cursor: Where the stream stands.
            bar: Bars of the continuation already finished.

        Returns:
            (V,), bool.
        """
        if cursor.state != State.BAR_END or not self.chords:
            return _PLAIN
        allowed = np.zeros(len(_PLAIN), dtype=bool)
        allowed[vocabulary().id(Kind.CHORD, self.chords[bar % len(self.chords)])] = True
        return allowed


def _plain() -> NDArray[np.bool_]:
    """The music goes on in its metre and tempo, and does not end by itself."""
    kinds = (Kind.METRE, Kind.TEMPO, Kind.GAP, Kind.FILL, Kind.EOS)
    allowed = ~np.isin(vocabulary().kind, kinds)
    allowed.setflags(write=False)
    return allowed


_PLAIN = _plain()
