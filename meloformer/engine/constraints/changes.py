"""Metre and tempo, which stay as they are at the seam unless a bar is asked to change them."""

from collections.abc import Sequence

import numpy as np

from meloformer.engine.constraints.constraint import Constraint, CurrentBar, Mask, all_but
from meloformer.tokens import Cursor, Kind, State, vocabulary

_AS_BEFORE = all_but(np.flatnonzero(np.isin(vocabulary().kind, (Kind.METRE, Kind.TEMPO))))


class MetresAndTempos(Constraint):
    """Begins each bar in its metre and tempo.

    Args:
        metres: Of each bar, indices into `METRES`, repeated from the start: those that one bar of
            the piece is split into. Without any the metre stays.
        tempos: Of each bar, indices into `TEMPO_QPM`, likewise. With `None`, and without any, the
            tempo stays.
    """

    states = (State.FIRST_HEAD, State.FIRST_METRE, State.HEAD, State.METRE)

    def __init__(self, metres: Sequence[int] = (), tempos: Sequence[int | None] = ()) -> None:
        self._metres: list[int | None] = list(metres)
        self._tempos = list(tempos)
        self._metre_masks = {metre: _only(Kind.METRE, metre) for metre in metres}
        self._tempo_masks = {
            tempo: _only(Kind.TEMPO, tempo) for tempo in tempos if tempo is not None
        }

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask | None:
        """Return the metre or tempo of a bar that differs from the one before, else neither."""
        metre = _of(self._metres, bar.number, cursor.metre)
        tempo = _of(self._tempos, bar.number, cursor.tempo)
        if cursor.state in (State.FIRST_HEAD, State.FIRST_METRE):  # one of each must come
            is_metre = cursor.state == State.FIRST_HEAD
            return self._metre_masks.get(metre) if is_metre else self._tempo_masks.get(tempo)
        if cursor.state == State.HEAD and metre != cursor.metre:
            return self._metre_masks[metre]
        return _AS_BEFORE if tempo == cursor.tempo else self._tempo_masks[tempo]


def _of(values: Sequence[int | None], bar: int, before: int) -> int:
    value = values[bar % len(values)] if values else None
    return before if value is None else value


def _only(kind: Kind, value: int) -> Mask:
    mask = np.zeros(vocabulary().size, dtype=bool)
    mask[vocabulary().id(kind, value)] = True
    mask.setflags(write=False)
    return mask
