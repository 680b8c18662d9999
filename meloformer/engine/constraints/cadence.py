"""The end of a piece: the last bar is one chord that rings."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from meloformer.engine.constraints.constraint import Constraint, CurrentBar, Mask
from meloformer.engine.constraints.instrumentation import Instrumentation
from meloformer.engine.constraints.kept_lines import only
from meloformer.engine.constraints.onsets import BEFORE_ONSET, onsets_from
from meloformer.engine.constraints.reach import Reach, WithinReach
from meloformer.score.grid import DURATION_TICKS
from meloformer.score.part import Part
from meloformer.tokens import Cursor, Kind, State, vocabulary
from meloformer.tokens.cursor import AFTER_ONSET, BEFORE_PART

_DURATIONS = vocabulary().span(Kind.DURATION)


class LastBars(Constraint):
    """Ends on a chord that all parts begin on the first beat of the last bar and let ring.

    No pitched note rings into it. Where the last bar is several of the stream, the chord is held
    over all of them; that nobody plays in the others is asked of `Instrumentation`.

    Args:
        bar_ticks: The length of each bar of the stream that is written, in grid ticks.
        last: The bar of the stream with which the last bar begins.
        bass: The part that plays the lowest note of the last bar, and the note.
        reach: What each part can play in the last bar; of the bass, the note at least.
        may_play: Parts that may play in the last bar.
        must_play: Parts that must.
    """

    states = (*BEFORE_PART, *BEFORE_ONSET, *AFTER_ONSET, State.PITCH)

    def __init__(
        self,
        bar_ticks: Sequence[int],
        *,
        last: int,
        bass: tuple[Part, int] | None,
        reach: Mapping[Part, Reach],
        may_play: frozenset[Part],
        must_play: frozenset[Part],
    ) -> None:
        self._last = last
        self._until = [sum(bar_ticks[bar:last]) for bar in range(last)]
        self._rings = sum(bar_ticks[last:])
        self._bass = (bass[0].number, bass[1]) if bass else (-1, -1)
        self._reach = WithinReach(reach)
        must = must_play | ({bass[0]} if bass else set())
        self._players = Instrumentation(may_play=may_play, must_play=must)

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask | None:
        """Return what may come next if the piece is to end here."""
        if bar.number < self._last and cursor.state == State.PITCH:
            return durations_up_to(self._until[bar.number] - cursor.onset)
        if bar.number != self._last:
            return None
        if cursor.state == State.PITCH:
            return durations_from(self._rings)
        masks: list[Mask] = []
        if cursor.state in (*BEFORE_PART, State.PROGRAM):
            masks.append(self._players.mask(cursor, bar))
        if cursor.state in BEFORE_ONSET:
            masks.append(onsets_from(0, 0))
        is_bass = cursor.state in AFTER_ONSET and cursor.part == self._bass[0]
        if is_bass and cursor.pitch < 0:
            masks.append(only(Kind.PITCH, self._bass[1]))
        within = self._reach.mask(cursor, bar)
        if within is not None:
            masks.append(within)
        return np.logical_and.reduce(masks) if masks else None


@lru_cache(maxsize=256)
def durations_up_to(ticks: int) -> Mask:
    """Return all tokens but durations beyond so many grid ticks; the shortest stays."""
    mask = np.ones(vocabulary().size, dtype=bool)
    mask[_DURATIONS] = ticks >= DURATION_TICKS
    mask[_DURATIONS.start] = True
    mask.setflags(write=False)
    return mask


@lru_cache(maxsize=256)
def durations_from(ticks: int) -> Mask:
    """Return all tokens but durations below so many grid ticks; the longest stays."""
    mask = np.ones(vocabulary().size, dtype=bool)
    mask[_DURATIONS] = ticks <= DURATION_TICKS
    mask[_DURATIONS.stop - 1] = True
    mask.setflags(write=False)
    return mask
