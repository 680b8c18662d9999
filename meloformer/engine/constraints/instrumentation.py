"""The parts that play."""

import sys
from collections.abc import Iterable

import numpy as np

from meloformer.engine.constraints.constraint import Constraint, CurrentBar, Mask
from meloformer.score.part import MAX_INSTANCES, Part
from meloformer.tokens import Cursor, Kind, State, vocabulary
from meloformer.tokens.cursor import BEFORE_PART

_SPANS = vocabulary().span
_SUM = vocabulary().id(Kind.SUM)
_PROGRAMS = vocabulary().id(Kind.PROGRAM)
_INSTANCES = vocabulary().id(Kind.INSTANCE)


class Instrumentation(Constraint):
    """Lets no other parts play than may, and closes no bar before those that must have played.

    A bar has its parts in canonical order, so one that must play is not passed by. A part that
    stays in a gap plays there already.

    Args:
        may_play: Parts that may play; those of `must_play` may in any case.
        must_play: Parts that play in every bar.
        rests_from: From this bar on nobody plays.
    """

    states = (*BEFORE_PART, State.PROGRAM)

    def __init__(
        self,
        *,
        may_play: Iterable[Part],
        must_play: Iterable[Part] = (),
        rests_from: int | None = None,
    ) -> None:
        must = frozenset(must_play)
        self._end = sys.maxsize if rests_from is None else rests_from
        parts = sorted({*may_play, *must}, key=lambda part: part.rank)
        self._parts = [(part.rank, part.number, part in must) for part in parts]
        self._masks: dict[tuple[int, frozenset[int], int | None], Mask] = {}

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask:
        """Return the tokens that begin a part that may come next; SUM if no part is due."""
        if bar.number >= self._end:
            return _NOBODY
        begun = cursor.part if cursor.state == State.PROGRAM else None
        place = (cursor.last_rank, cursor.kept_parts, begun)
        if place not in self._masks:  # few: as many as parts can come one after the other
            self._masks[place] = self._mask(*place)
        return self._masks[place]

    def _mask(self, last_rank: int, kept: frozenset[int], begun: int | None) -> Mask:
        numbers, is_due = self._open_parts(last_rank, kept)
        mask = _headers(numbers, is_due) if begun is None else _instances(numbers, begun)
        mask.setflags(write=False)
        return mask

    def _open_parts(self, last_rank: int, kept: frozenset[int]) -> tuple[list[int], bool]:
        """Return the numbers of the parts that may come next, and whether the last of them must."""
        numbers = []
        for rank, number, is_must in self._parts:
            if rank > last_rank and number not in kept:
                numbers.append(number)
                if is_must:
                    return numbers, True
        return numbers, False


def _headers(numbers: list[int], is_due: bool) -> Mask:
    mask = np.ones(vocabulary().size, dtype=bool)
    mask[_SPANS(Kind.PROGRAM)] = False
    mask[[_PROGRAMS + number // MAX_INSTANCES for number in numbers]] = True
    mask[_SUM] = not is_due
    return mask


_NOBODY = _headers([], is_due=False)


def _instances(numbers: list[int], first_number: int) -> Mask:
    """Return the instances after a program; an onset at once means the first of them."""
    instances = [number - first_number for number in numbers]
    mask = np.ones(vocabulary().size, dtype=bool)
    mask[_SPANS(Kind.INSTANCE)] = False
    mask[[_INSTANCES + k - 1 for k in instances if 0 < k < MAX_INSTANCES]] = True
    mask[_SPANS(Kind.ONSET)] = 0 in instances
    return mask
