"""A place in a stream: the tokens that the grammar lets come next, and facts of the last one.

The cursor keeps the few counters that the grammar tables can't. It gives, token by token, the same
facts as `annotate` gives for a whole stream at once; a test says so. Wishes beyond the grammar,
such as the parts that play, are constraints of the engine, which read the cursor.
"""

import copy
from bisect import bisect_left, bisect_right
from collections.abc import Collection
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from meloformer.errors import TokenError
from meloformer.score.grid import DURATION_TICKS
from meloformer.score.part import DRUM_PROGRAM, MAX_INSTANCES, part_ranks
from meloformer.tokens.annotate import METRE_TICKS, TYPE_OF_KIND, TokenRole
from meloformer.tokens.bar_contents import BarContents, BarNote
from meloformer.tokens.grammar import State, grammar
from meloformer.tokens.note_counts import NoteCounts
from meloformer.tokens.recent_notes import Notes, RecentNotes
from meloformer.tokens.vocabulary import Kind, vocabulary

BEFORE_CHORD = (State.SONG, State.BAR_END, State.FILL_START)
"""States in which the chord of a bar may come next."""
IN_HEAD = (State.HEAD, State.METRE, State.BODY)
"""States between the chord of a further bar and its first part."""
AFTER_ONSET = (State.ONSET, State.DRUM_ONSET)
"""States in which a pitch or drum must come next."""
AFTER_NOTE = (State.VELOCITY, State.DRUM_VELOCITY)
"""States in which a note is complete: another may come, or its part is left."""
BEFORE_PART = (*IN_HEAD, *AFTER_NOTE)
"""States in which a part may begin."""

_HIGHEST_PITCH = 127


class Cursor:
    """Reads a stream token by token.

    Attributes:
        state: State of the grammar.
        bar: Index of the bar being read; after SUM, of the next.
        part: `Part.number` of the part being read, -1 before the first of a bar.
        last_rank: Rank of the last part with a note in the bar being read, -1 before the first.
        onset: Of the note last begun in the part being read, in grid ticks; -1 before its first.
        pitch: The last pitch or drum at this onset, -1 before the first.
        num_together: Notes of this part begun at this onset.
        counts: Notes of each part in each bar.
        contents: Chord and whole notes of each bar.
    """

    def __init__(self) -> None:
        self._grammar = grammar()
        self._vocab = vocabulary()
        self.state = State.START
        self.bar = 0
        self.part = -1
        self.last_rank = -1
        self.onset = -1
        self.pitch = -1
        self.num_together = 0
        self._metre = -1
        self._tempo = -1
        self._note = -1
        self._num_bars: int | None = None  # of the first pass, once FILL has been read
        self._bar_metres: list[int] = []
        self._bar_starts = [0]
        self._recent_notes = RecentNotes()
        self.counts = NoteCounts()
        self.contents = BarContents()
        self._duration_step = -1
        self._gaps: dict[int, set[int]] = {}  # parts that stay, by bar still to be filled

    def copy(self) -> "Cursor":
        """Return an independent cursor at the same place."""
        shared: dict[int, object] = {id(one): one for one in (self._grammar, self._vocab)}
        shared[id(self._recent_notes)] = self._recent_notes.copy()
        shared[id(self.counts)] = self.counts.copy()
        shared[id(self.contents)] = self.contents.copy()
        return copy.deepcopy(self, shared)

    @property
    def is_filling(self) -> bool:
        """Whether FILL has been read."""
        return self._num_bars is not None

    @property
    def bar_ticks(self) -> int:
        """Length of the bar being read, in grid ticks; 0 before the first metre."""
        metre = self._metre
        if self._num_bars is not None:
            metre = self._bar_metres[self.bar] if self.bar < self._num_bars else -1
        return int(METRE_TICKS[metre]) if metre >= 0 else 0

    @property
    def metre(self) -> int:
        """The metre that was last written, an index into `METRES`; -1 before the first."""
        return self._metre

    @property
    def tempo(self) -> int:
        """The tempo that was last written, an index into `TEMPO_QPM`; -1 before the first."""
        return self._tempo

    @property
    def start(self) -> int:
        """When the note last begun in the part being read starts, in grid ticks from bar 0 on."""
        return self._bar_starts[self.bar] + self.onset

    @property
    def recent_notes(self) -> Notes:
        """The last notes of the pitched part being read, before this place in the music.

        At most `recent_notes.NUM_RECENT`; one whose pitch has not been read is none of them.
        """
        return self._recent_notes.of(self.part)

    def bar_start(self, bar: int) -> int:
        """Return where a bar begins, in grid ticks from bar 0 on.

        A bar that has not been read is taken to come after others as long as this one.
        """
        unread = bar - len(self._bar_starts) + 1
        return (
            self._bar_starts[min(bar, len(self._bar_starts) - 1)] + max(unread, 0) * self.bar_ticks
        )

    def taken_pitches(self, ticks: int) -> frozenset[int]:
        """Return the pitches that a note of the part begun here cannot have for so long.

        They sound already, or begin again before its end: of two notes of one pitch in one part,
        the second ends the first.

        Args:
            ticks: How long the note is to sound, in grid ticks.
        """
        start = self.start
        end = start + ticks
        first = max(bisect_right(self._bar_starts, start - int(DURATION_TICKS[-1])) - 1, 0)
        taken = set()
        for bar in range(first, bisect_left(self._bar_starts, end)):
            for note in self.contents.of(bar).notes.get(self.part, ()):
                begins = self._bar_starts[bar] + note.onset
                if begins < end and begins + DURATION_TICKS[note.duration_step] > start:
                    taken.add(note.pitch)
        return frozenset(taken)

    def rings_until(self, pitches: Collection[int], bar: int) -> int:
        """Return until when notes of the part ring that begin before a bar, in grid ticks.

        Args:
            pitches: Those of the notes.
            bar: Not after that being read.

        Returns:
            From the line of the bar being read; not above 0 where none rings into it.
        """
        here = self._bar_starts[self.bar]
        first = max(bisect_right(self._bar_starts, here - int(DURATION_TICKS[-1])) - 1, 0)
        ends = [
            self._bar_starts[before] + note.onset + int(DURATION_TICKS[note.duration_step]) - here
            for before in range(first, bar)
            for note in self.contents.of(before).notes.get(self.part, ())
            if note.pitch in pitches
        ]
        return max(ends, default=0)

    @property
    def kept_parts(self) -> frozenset[int]:
        """Numbers of the parts that stay in the gap being filled; none outside the second pass."""
        return frozenset() if self._num_bars is None else frozenset(self._gaps.get(self.bar, ()))

    def legal(self) -> NDArray[np.bool_]:
        """Return the tokens that may come next. (V,), bool; the caller may change it."""
        legal: NDArray[np.bool_] = self._grammar.legal[self.state].copy()
        if self.state in AFTER_ONSET:
            self._narrow_pitch(legal)
        elif self.state in AFTER_NOTE:
            self._narrow_onset(legal, first=self.onset + (self.pitch >= _HIGHEST_PITCH))
            self._narrow_parts(legal)
        elif self.state in (State.PROGRAM, State.INSTANCE, State.DRUMS):
            self._narrow_first_note(legal)
        elif self.state in IN_HEAD:
            self._narrow_changes(legal)
            self._narrow_parts(legal)
        elif self.state == State.BAR_END:
            self._narrow_bar_end(legal)
        return legal

    def advance(self, token: int) -> tuple[int, int, int, int, int]:
        """Read one token.

        Returns:
            Its type, bar, part, note and onset, as in `Annotation`.

        Raises:
            TokenError: The token may not come here.
        """
        if not self.legal()[token]:
            raise TokenError(
                f"`{self._vocab.names[token]}` may not come in bar {self.bar + 1} "
                f"after {self.state.name.lower()}."
            )
        return self.advance_legal(token)

    def advance_legal(self, token: int) -> tuple[int, int, int, int, int]:
        """Read one token that is known to be legal; see `advance`."""
        kind, value = int(self._vocab.kind[token]), int(self._vocab.value[token])
        self.state = State(int(self._grammar.next_state[self.state, token]))
        token_type = int(TYPE_OF_KIND[kind])
        if token_type >= TokenRole.ONSET:
            self._read_note(kind, value)
            return token_type, self.bar, self.part, self._note, self.onset
        if kind in (Kind.PROGRAM, Kind.INSTANCE):
            is_program = kind == Kind.PROGRAM
            self.part = value * MAX_INSTANCES if is_program else self.part + value + 1
            self.onset = self.pitch = -1
            return token_type, self.bar, self.part, -1, 0
        bar = self.bar
        onset = self.bar_ticks if kind == Kind.SUM else 0
        self._read_song(kind, value)
        return token_type, bar, -1, -1, onset

    def _read_note(self, kind: int, value: int) -> None:
        if kind == Kind.ONSET:
            if value != self.onset:
                self.onset, self.pitch, self.num_together = value, -1, 0
            self.num_together += 1
            self._note += 1
            self.counts.add(self.part, self.bar)
            self.last_rank = int(part_ranks()[self.part])
            if self._num_bars is None and self.bar in self._gaps:
                self._gaps[self.bar].add(self.part)
        elif kind in (Kind.PITCH, Kind.DRUM):
            self.pitch = value
            if kind == Kind.PITCH:
                self._recent_notes.add(self.part, (self.start, value))
        elif kind == Kind.DURATION:
            self._duration_step = value
        elif kind == Kind.VELOCITY:
            note = BarNote(self.onset, self.pitch, self._duration_step, value)
            self.contents.add(self.bar, self.part, note)

    def _read_song(self, kind: int, value: int) -> None:
        if kind == Kind.CHORD:
            self.contents.begin(self.bar, value)
        elif kind == Kind.METRE:
            self._metre = value
        elif kind == Kind.TEMPO:
            self._tempo = value
        elif kind == Kind.GAP:
            self._gaps[self.bar] = set()
            self._recent_notes.leave_open(self.bar)
        elif kind == Kind.FILL:
            self._num_bars = self.bar
            self.bar = next(iter(self._gaps))
            self._recent_notes.fill(self.bar)
        elif kind == Kind.SUM:
            self._close_bar()

    def _close_bar(self) -> None:
        self.part = self.last_rank = -1
        if self._num_bars is None:
            self._bar_metres.append(self._metre)
            self._bar_starts.append(self._bar_starts[-1] + self.bar_ticks)
            self.bar += 1
        else:
            del self._gaps[self.bar]
            self.bar = next(iter(self._gaps), self._num_bars)
            self._recent_notes.fill(self.bar)

    def _narrow_bar_end(self, legal: NDArray[np.bool_]) -> None:
        """Let every gap be filled once, in order."""
        filling, gaps_left = self._num_bars is not None, bool(self._gaps)
        legal[self._vocab.span(Kind.CHORD)] = gaps_left or not filling
        legal[self._vocab.id(Kind.GAP)] = not filling
        legal[self._vocab.id(Kind.FILL)] = gaps_left and not filling
        legal[self._vocab.id(Kind.EOS)] = not gaps_left

    def _narrow_changes(self, legal: NDArray[np.bool_]) -> None:
        """Metre and tempo are written where they change, and not in the second pass."""
        if self._num_bars is not None or self.state == State.BODY:
            legal[self._vocab.span(Kind.METRE)] = False
            legal[self._vocab.span(Kind.TEMPO)] = False
        else:
            legal[self._vocab.id(Kind.METRE, self._metre)] = False
            legal[self._vocab.id(Kind.TEMPO, self._tempo)] = False

    def _narrow_parts(self, legal: NDArray[np.bool_]) -> None:
        """Parts come in canonical order, and none that stays in a gap."""
        programs = _open_programs(self.last_rank, self.kept_parts)
        legal[self._vocab.span(Kind.PROGRAM)] = programs

    def _narrow_first_note(self, legal: NDArray[np.bool_]) -> None:
        """After `#P0`, the instances still to come; a note at once means the first of them."""
        first = 0
        if self.state == State.PROGRAM:
            is_open = _open_parts(self.last_rank, self.kept_parts)
            instances = is_open[self.part // MAX_INSTANCES]
            legal[self._vocab.span(Kind.INSTANCE)] = instances[1:]
            first = 0 if instances[0] else self.bar_ticks
        self._narrow_onset(legal, first=first)

    def _narrow_onset(self, legal: NDArray[np.bool_], *, first: int) -> None:
        """Onsets don't go back, and stay inside the bar."""
        start = self._vocab.id(Kind.ONSET)
        legal[start : start + first] = False
        legal[start + self.bar_ticks : self._vocab.span(Kind.ONSET).stop] = False

    def _narrow_pitch(self, legal: NDArray[np.bool_]) -> None:
        """Pitches of one onset ascend."""
        start = self._vocab.id(Kind.PITCH if self.state == State.ONSET else Kind.DRUM)
        legal[start : start + self.pitch + 1] = False


@lru_cache(maxsize=4096)
def _open_parts(last_rank: int, kept: frozenset[int]) -> NDArray[np.bool_]:
    """Return the parts that may come next. (129, 8): program and instance, bool; read-only."""
    is_open = part_ranks() > last_rank
    is_open[list(kept)] = False
    is_open[DRUM_PROGRAM * MAX_INSTANCES + 1 :] = False  # drums are one part
    is_open.setflags(write=False)
    return is_open.reshape(DRUM_PROGRAM + 1, MAX_INSTANCES)


@lru_cache(maxsize=4096)
def _open_programs(last_rank: int, kept: frozenset[int]) -> NDArray[np.bool_]:
    """Return the programs of which some part may come next. (129,), bool."""
    return np.asarray(_open_parts(last_rank, kept).any(axis=1))
