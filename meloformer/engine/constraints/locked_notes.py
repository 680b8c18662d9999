"""Notes that stay as they are where their part is written again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from meloformer.engine.constraints.bar_length import MAX_BAR_TOKENS
from meloformer.engine.constraints.constraint import Constraint, CurrentBar, Mask
from meloformer.engine.constraints.instrumentation import Instrumentation
from meloformer.engine.constraints.kept_lines import AFTER_PITCH, STAY, only
from meloformer.engine.constraints.onsets import BEFORE_ONSET, onsets_from
from meloformer.engine.constraints.reach import Reach
from meloformer.score.part import Part
from meloformer.tokens import Cursor, Kind, State, vocabulary
from meloformer.tokens.cursor import AFTER_NOTE, AFTER_ONSET, BEFORE_PART
from meloformer.tokens.note_lines import PartLine
from meloformer.tokens.vocabulary import MAX_BAR_TICKS

BEFORE_VELOCITY = (State.DURATION, State.DRUM_DURATION)
"""States in which a velocity must come next."""

_LAST = MAX_BAR_TICKS - 1
_NO_ONSET = onsets_from(_LAST + 1, _LAST)


@dataclass(frozen=True, slots=True, eq=False)
class LockedLines:
    """The locked notes of one part in one bar."""

    notes: PartLine
    """At least one."""
    floor: int = 0
    """No other note of the part is lower."""
    ceiling: int = 127
    """No other note of the part is higher."""
    is_whole: bool = False
    """Whether the part has no other note in the bar."""


@dataclass(frozen=True, slots=True, eq=False)
class _Locked:
    lines: LockedLines
    places: list[tuple[int, int]]
    """Onset and pitch of each note, ascending."""
    together: int
    """The most notes that begin together."""

    def num_passed(self, onset: int, pitch: int) -> int:
        """Return how many locked notes come up to and including a place."""
        return sum(place <= (onset, pitch) for place in self.places)


class LockedNotes(Constraint):
    """Writes some notes as they are, and others around them.

    Args:
        lines: The locked notes of each part, by bar that is written; parts without any are left
            out.
        may_play: Parts that may play.
        must_play: Parts that play in every bar.
        reach: What each part can play: the locked notes are within it.
    """

    states = (*BEFORE_PART, *BEFORE_ONSET, *AFTER_ONSET, *AFTER_PITCH, *BEFORE_VELOCITY)

    def __init__(
        self,
        lines: Iterable[Mapping[Part, LockedLines]],
        *,
        may_play: Iterable[Part],
        must_play: Iterable[Part],
        reach: Mapping[Part, Reach],
    ) -> None:
        bars, may, must = list(lines), frozenset(may_play), frozenset(must_play)
        self._players = [Instrumentation(may_play=may, must_play=must | set(bar)) for bar in bars]
        self._locked = [
            {part.number: _locked(one, reach.get(part)) for part, one in bar.items()}
            for bar in bars
        ]

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask | None:
        """Return what may come next if the locked notes are to be written."""
        locked = self._locked[bar.number].get(cursor.part)
        is_long = bar.num_tokens > MAX_BAR_TOKENS
        if cursor.state not in BEFORE_ONSET:
            if cursor.state in BEFORE_PART:
                return self._players[bar.number].mask(cursor, bar)
            return None if locked is None else _within_note(cursor, locked, is_long=is_long)
        onset = None if locked is None else _onset(cursor, locked, is_long=is_long)
        if cursor.state not in (*AFTER_NOTE, State.PROGRAM):
            return onset
        header = self._players[bar.number].mask(cursor, bar)
        return header if onset is None else header & onset

    def is_due(self, cursor: Cursor, bar: CurrentBar) -> bool:
        """Return whether the part being written has locked notes still to come in its bar."""
        locked = self._locked[bar.number].get(cursor.part)
        if locked is None:
            return False
        return locked.num_passed(cursor.onset, cursor.pitch) < len(locked.places)


def _locked(lines: LockedLines, reach: Reach | None) -> _Locked:
    places = list(zip(lines.notes.onset.tolist(), lines.notes.pitch.tolist(), strict=True))
    return _Locked(lines, places, 128 if reach is None else reach.together)


def _onset(cursor: Cursor, locked: _Locked, *, is_long: bool) -> Mask:
    """Return the onsets up to the next locked note, and while there is one no way to leave."""
    first = max(cursor.onset, 0)
    if cursor.pitch >= locked.lines.ceiling:
        first = cursor.onset + 1  # the others of this onset would be higher
    passed = locked.num_passed(cursor.onset, cursor.pitch)
    is_alone = is_long or locked.lines.is_whole
    if passed == len(locked.places):
        return _NO_ONSET if locked.lines.is_whole else onsets_from(first, _LAST)
    last = locked.places[passed][0]
    return onsets_from(last if is_alone else min(first, last), last) & STAY


def _within_note(cursor: Cursor, locked: _Locked, *, is_long: bool) -> Mask | None:
    onset, notes = cursor.onset, locked.lines.notes
    passed = locked.num_passed(onset, cursor.pitch)
    if cursor.state in AFTER_ONSET:
        here = [pitch for at, pitch in locked.places[passed:] if at == onset]
        if not here:
            return _pitches(locked.lines.floor, locked.lines.ceiling)
        has_room = cursor.num_together + len(here) <= locked.together
        is_alone = is_long or locked.lines.is_whole or not has_room
        return _pitches(here[0] if is_alone else locked.lines.floor, here[0])
    if not passed or locked.places[passed - 1] != (onset, cursor.pitch):
        return None
    if cursor.state in AFTER_PITCH:
        return only(Kind.DURATION, int(notes.duration_step[passed - 1]))
    return only(Kind.VELOCITY, int(notes.velocity_bin[passed - 1]))


@lru_cache(maxsize=1024)
def _pitches(lowest: int, highest: int) -> Mask:
    mask = np.ones(vocabulary().size, dtype=bool)
    pitches = np.arange(128)
    for kind in (Kind.PITCH, Kind.DRUM):
        mask[vocabulary().span(kind)] = (pitches >= lowest) & (pitches <= highest)
    mask.setflags(write=False)
    return mask
