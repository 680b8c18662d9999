"""Lines that are kept while bars are written again: their rhythm, or their notes.

What a part plays in a bar is kept note by note, in the order of the tokens: by onset, then pitch.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from meloformer.engine.constraints.constraint import Constraint, CurrentBar, Mask, all_but
from meloformer.engine.constraints.instrumentation import Instrumentation
from meloformer.engine.constraints.leaving import LEAVING
from meloformer.engine.constraints.onsets import BEFORE_ONSET, only_onsets
from meloformer.engine.constraints.reach import Reach
from meloformer.score.grid import DURATION_TICKS
from meloformer.score.part import Part
from meloformer.tokens import Cursor, Kind, State, vocabulary
from meloformer.tokens.cursor import AFTER_NOTE, AFTER_ONSET, BEFORE_PART
from meloformer.tokens.note_lines import PartLine
from meloformer.tokens.vocabulary import MAX_BAR_TICKS

AFTER_PITCH = (State.PITCH, State.DRUM_PITCH)
"""States in which a duration must come next."""

Lines = Sequence[Mapping[Part, PartLine]]
"""What each part plays in each bar that is written; parts that rest are left out."""

STAY = all_but(LEAVING)
"""All tokens but those that leave a part."""
_NO_MORE_NOTES = all_but(vocabulary().span(Kind.ONSET))
_ALL_PITCHES = range(128)
_ANYWHERE = np.ones(MAX_BAR_TICKS, dtype=bool)


class _KeptLines(Constraint):
    """Lets each part play as many notes as before in each bar, and no other part.

    Args:
        lines: What was there, by bar.
    """

    states = (*BEFORE_PART, *BEFORE_ONSET, *AFTER_ONSET, *AFTER_PITCH)

    def __init__(self, lines: Lines) -> None:
        self._lines = [{part.number: line for part, line in bar.items()} for bar in lines]
        self._players = [Instrumentation(may_play=(), must_play=bar) for bar in lines]

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask | None:
        """Return what may come next if the line is to be kept."""
        line = self._lines[bar.number].get(cursor.part)
        if cursor.state in AFTER_ONSET or cursor.state in AFTER_PITCH:
            assert line is not None
            return self._within_note(cursor, line, cursor.counts.of(cursor.part, cursor.bar) - 1)
        num_written = 0
        if cursor.state in AFTER_NOTE:
            assert line is not None
            num_written = cursor.counts.of(cursor.part, cursor.bar)
            if num_written < len(line.onset):
                return STAY & self._onset(cursor, bar, line, num_written)
        players = self._players[bar.number]
        if cursor.state not in BEFORE_ONSET:
            return players.mask(cursor, bar)
        if cursor.state in AFTER_NOTE:
            return players.mask(cursor, bar) & _NO_MORE_NOTES
        onset = None if line is None else self._onset(cursor, bar, line, 0)
        if cursor.state != State.PROGRAM:
            return onset
        header = players.mask(cursor, bar)
        return header if onset is None else header & onset

    @abstractmethod
    def _onset(self, cursor: Cursor, bar: CurrentBar, line: PartLine, note: int) -> Mask:
        """Return the onsets that a note of the line may have, and all that is no onset."""

    @abstractmethod
    def _within_note(self, cursor: Cursor, line: PartLine, note: int) -> Mask | None:
        """Return the pitches or durations that a note of the line may have."""


class KeptRhythm(_KeptLines):
    """Keeps when notes begin and how long they are.

    So no pitch is struck again while it sounds, which would end the note before, as long as there
    are others.

    Args:
        lines: What was there, by bar.
        reach: What each part can play: at least as many pitches as begin together.
    """

    def __init__(self, lines: Lines, reach: Mapping[Part, Reach]) -> None:
        super().__init__(lines)
        self._pitches = {
            part.number: np.flatnonzero(own.pitches).tolist() for part, own in reach.items()
        }

    def _onset(self, cursor: Cursor, bar: CurrentBar, line: PartLine, note: int) -> Mask:
        return _onset_at(int(line.onset[note]))

    def _within_note(self, cursor: Cursor, line: PartLine, note: int) -> Mask | None:
        if cursor.state in AFTER_PITCH:
            return only(Kind.DURATION, int(line.duration_step[note]))
        together = np.flatnonzero(line.onset == line.onset[note])
        longest = int(DURATION_TICKS[line.duration_step[together]].max())
        taken = cursor.taken_pitches(longest)
        pitches = self._pitches.get(cursor.part, _ALL_PITCHES)
        free = [pitch for pitch in pitches if pitch not in taken]
        above = int((together > note).sum())  # that still begin here
        if sum(pitch > cursor.pitch for pitch in free) <= above:
            return pitches_of(frozenset(range(pitches[-1 - above] + 1)))
        return pitches_of(frozenset(free[: len(free) - above]))


class KeptNotes(_KeptLines):
    """Keeps which notes come one after the other; those of a chord begin together.

    None begins on a pitch that rings in from before the bars that are written, as long as there is
    room behind it: in the file it would give way to that.

    Args:
        lines: What was there, by bar.
        may_begin: Where notes may begin at all. (96,), bool.
    """

    def __init__(self, lines: Lines, may_begin: NDArray[np.bool_] = _ANYWHERE) -> None:
        super().__init__(lines)
        self._places = np.flatnonzero(may_begin)

    def _onset(self, cursor: Cursor, bar: CurrentBar, line: PartLine, note: int) -> Mask:
        is_new = note == 0 or line.onset[note] != line.onset[note - 1]
        if not is_new:
            return _onset_at(cursor.onset)
        later = len(np.unique(line.onset[note:])) - 1
        places = self._places[self._places < cursor.bar_ticks]
        places = places[: len(places) - later]  # the others are for what comes later
        places = places[places > cursor.onset]
        chord = set(line.pitch[line.onset == line.onset[note]].tolist())
        free = places[places >= cursor.rings_until(chord, cursor.bar - bar.number)]
        return only_onsets(np.isin(np.arange(MAX_BAR_TICKS), free if len(free) else places))

    def _within_note(self, cursor: Cursor, line: PartLine, note: int) -> Mask | None:
        return None if cursor.state in AFTER_PITCH else _pitch(int(line.pitch[note]))


@lru_cache(maxsize=256)
def _onset_at(onset: int) -> Mask:
    return only_onsets(np.arange(MAX_BAR_TICKS) == onset)


@lru_cache(maxsize=256)
def _pitch(pitch: int) -> Mask:
    return only(Kind.PITCH, pitch) & only(Kind.DRUM, pitch)


@lru_cache(maxsize=1024)
def pitches_of(pitches: frozenset[int]) -> Mask:
    """Return some pitches and drums, 0 to 127, and all tokens of other kinds, read-only."""
    mask = np.ones(vocabulary().size, dtype=bool)
    for kind in (Kind.PITCH, Kind.DRUM):
        mask[vocabulary().span(kind)] = np.isin(np.arange(128), list(pitches))
    mask.setflags(write=False)
    return mask


@lru_cache(maxsize=1024)
def only(kind: Kind, value: int) -> Mask:
    """Return one token of a kind, and all tokens of other kinds, read-only."""
    mask = all_but(vocabulary().span(kind)).copy()
    mask[vocabulary().id(kind, value)] = True
    mask.setflags(write=False)
    return mask
