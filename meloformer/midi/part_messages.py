"""The messages of new parts: what their channels need to be set to, and their notes.

Parts with one program in one channel share its state. Where several programs play in a channel, or
notes of the file that stay, it is set anew whenever another of them begins a note.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.channel_assignment import ChannelAssignment, NewPart
from meloformer.midi.channel_state import PROGRAM, UNSET, State, program_of, sound
from meloformer.midi.events import NOTE_OFF, NOTE_ON
from meloformer.midi.events import PROGRAM as PROGRAM_STATUS
from meloformer.midi.messages import Timed, trim_unisons
from meloformer.midi.ports import NO_CHANNEL, PortsOfTrack
from meloformer.midi.resets import reset_rows
from meloformer.midi.stage import Stage
from meloformer.midi.state_messages import settle, settled
from meloformer.midi.usual_state import (
    is_spread,
    onsets_of,
    spread_channel,
    usual_program,
    usual_state,
    without_gestures,
)
from meloformer.score.score import START, note_array

ENDS, OWN, SETTINGS = 0, 1, 2
"""Order of messages at one tick: note-offs, those of the file, settings; notes come after them."""


class Placed(NamedTuple):
    """A message and its place in a track."""

    tick: int
    order: int
    """Among the messages of the tick."""
    message: bytes
    channel: int = NO_CHANNEL
    """As `Events.channel`: the message goes to its port."""


Additions: TypeAlias = defaultdict[int, list[Placed]]
"""Messages to add, by MIDI track."""

_THE_FILE: Final = -1
"""Who plays where the file itself says how a channel is set."""
_NO_NOTES: Final = note_array([])


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    """Notes of one channel, track and sound, and the tick at which that sound must be set."""

    tick: int
    track: int
    owner: int
    """The program, or `_THE_FILE`."""
    notes: NDArray[np.int32]
    is_after_reset: bool = False
    """Whether the file sets all channels back at that tick."""


def by_time(placed: Sequence[Placed], ports: PortsOfTrack) -> list[Timed]:
    """Sort messages by tick and order, leave the order out, and say ports where they change."""
    return [
        (tick, message)
        for tick, _, own, channel in sorted(placed, key=lambda one: one[:2])
        for message in (*ports.before(own, channel), own)
    ]


def add_parts(
    stage: Stage,
    parts: Sequence[NewPart],
    assignments: Sequence[ChannelAssignment],
    additions: Additions,
) -> None:
    """Add the notes of all parts, and before them what their channels have to be set to.

    Args:
        stage: Where they come.
        parts: With notes.
        assignments: Of each part.
        additions: Takes the messages.
    """
    for channel in dict.fromkeys(assignment.channel for assignment in assignments):
        own = [
            (part, assignment)
            for part, assignment in zip(parts, assignments, strict=True)
            if assignment.channel == channel
        ]
        _Channel(stage, channel, own).add(additions)


class _Channel:
    """All that is new in one channel."""

    def __init__(
        self, stage: Stage, channel: int, own: list[tuple[NewPart, ChannelAssignment]]
    ) -> None:
        self._stage, self._channel, self._own = stage, channel, own
        self._history = stage.file.history
        self._wanted = {
            owner: self._usual(owner)
            for owner in {self._owner(assignment) for _, assignment in own} - {_THE_FILE}
        }

    def add(self, additions: Additions) -> None:
        """Add settings and notes."""
        stage, channel = self._stage, self._channel
        state = stage.first_state(channel)
        programs = self._programs_of_tracks()
        if any(assignment.has_moved for _, assignment in self._own):
            state = {**state, PROGRAM: UNSET}  # said even if it is what a channel begins with
        next_order: defaultdict[tuple[int, int], int] = defaultdict(lambda: SETTINGS)
        turns = self._turns()
        for turn in turns:
            is_of_file = turn.owner == _THE_FILE
            if turn.is_after_reset:
                state = {**stage.state(channel, turn.tick + 1), PROGRAM: UNSET}
            wanted = stage.state(channel, turn.tick + 1) if is_of_file else self._wanted[turn.owner]
            messages = self._messages(state, wanted)
            is_said = is_of_file or any(_sets_program(message) for message in messages)
            if not is_said and programs.get(turn.track, turn.owner) != turn.owner:
                # A reader that looks at each track by itself finds its program there.
                messages = [*self._messages({**wanted, PROGRAM: UNSET}, wanted), *messages]
            state = settled(state, wanted)
            programs[turn.track] = program_of(wanted.get(PROGRAM, 0))
            order = next_order[turn.track, turn.tick]
            next_order[turn.track, turn.tick] += 2
            if is_of_file:  # before its note
                order = ENDS
            additions[turn.track] += self._placed(turn.tick, order, messages)
            additions[turn.track] += self._note_messages(turn.notes, SETTINGS + order + 1)
        if turns and turns[-1].owner != _THE_FILE and stage.plays_after(channel):
            # What the file itself sets at that tick may stand in an earlier track.
            back = self._messages(state, stage.state(channel, stage.last_tick + 1))
            track = min([stage.track_of_program(channel, turns[-1].track), *self._next_tracks()])
            additions[track] += self._placed(stage.last_tick, ENDS, back)

    def _next_tracks(self) -> list[int]:
        """Return the tracks in which notes of the file begin where the new ones have ended."""
        table = self._stage.file.notes
        here = (table.start == self._stage.last_tick) & (table.channel == self._channel)
        return [table.voices[voice].track for voice in np.unique(table.voice[here]).tolist()]

    def _owner(self, assignment: ChannelAssignment) -> int:
        is_of_file = self._stage.file_goes_on and not assignment.has_moved
        return _THE_FILE if is_of_file else assignment.program

    def _usual(self, owner: int) -> dict[int, int]:
        """Return the state that the parts of one program want."""
        table, tick = self._stage.file.notes, self._stage.first_tick
        own = [assignment for _, assignment in self._own if self._owner(assignment) == owner]
        voices = sorted({voice for assignment in own for voice in assignment.voices})
        if not voices:
            return {PROGRAM: sound(owner)}
        channel = table.voices[voices[0]].channel
        is_drum = self._stage.file.score.tracks[voices[0]].is_drum
        if is_drum:  # kits of one channel are one part
            tracks = zip(table.voices, self._stage.file.score.tracks, strict=True)
            voices = [
                index
                for index, (voice, track) in enumerate(tracks)
                if voice.channel == channel and track.is_drum
            ]
        onsets = onsets_of(table, voices, tick)
        usual = usual_state(self._history, channel, onsets, tick)
        if is_spread(table, voices, channel):  # its gestures are those of one note in several
            usual = without_gestures(usual)
        spread = spread_channel(table, voices, channel)
        if spread != channel:
            onsets = onsets_of(table, voices, tick, spread)
            usual = without_gestures(usual_state(self._history, spread, onsets, tick)) | usual
        usual[PROGRAM] = usual_program(self._history, spread, owner, onsets, is_drum)
        return usual

    def _messages(self, have: State, want: State) -> list[bytes]:
        return list(settle(self._channel, have, want, self._history.message))

    def _programs_of_tracks(self) -> dict[int, int]:
        """Return the program that each track itself has last set in this channel."""
        events = self._stage.file.events
        rows = np.flatnonzero(
            (events.kind == PROGRAM_STATUS)
            & (events.channel == self._channel)
            & (events.tick < self._stage.first_tick)
        )
        columns = events.track[rows].tolist(), events.data1[rows].tolist()
        return dict(zip(*columns, strict=True))

    def _turns(self) -> list[_Turn]:
        """Return who plays when."""
        notes = _trimmed(self._own)
        owners = {self._owner(assignment) for _, assignment in self._own}
        stays = self._notes_that_stay()
        if len(owners) == 1 and (owners == {_THE_FILE} or not len(stays)):
            return self._whole_turns(notes)
        turns = [
            _Turn(tick, assignment.track, self._owner(assignment), own[own[:, START] == tick])
            for own, (_, assignment) in zip(notes, self._own, strict=True)
            for tick in np.unique(own[:, START]).tolist()
        ]
        turns += self._turns_after_resets()
        turns += [_Turn(tick, track, _THE_FILE, _NO_NOTES) for tick, track in stays]
        return sorted(turns, key=lambda turn: (turn.tick, turn.track, turn.owner))

    def _whole_turns(self, notes: Sequence[NDArray[np.int32]]) -> list[_Turn]:
        """Return one turn for each part: its channel is set once, in the first of its tracks."""
        turns = [
            _Turn(self._stage.first_tick, assignment.track, self._owner(assignment), own)
            for own, (_, assignment) in zip(notes, self._own, strict=True)
        ]
        return sorted(turns, key=lambda turn: turn.track) + self._turns_after_resets()

    def _turns_after_resets(self) -> list[_Turn]:
        """Return a turn behind each reset of the file for a part that has moved here."""
        stage, events = self._stage, self._stage.file.events
        rows = reset_rows(events)
        rows = rows[(events.tick[rows] > stage.first_tick) & (events.tick[rows] < stage.last_tick)]
        moved = [one for _, one in self._own if self._owner(one) != _THE_FILE]
        if not stage.file_goes_on or not moved:
            return []
        places = zip(events.tick[rows].tolist(), events.track[rows].tolist(), strict=True)
        return [
            _Turn(tick, max(track, one.track), self._owner(one), _NO_NOTES, is_after_reset=True)
            for tick, track in places
            for one in moved[:1]
        ]

    def _notes_that_stay(self) -> list[tuple[int, int]]:
        """Return tick and track of the notes of the file that begin here among the new ones."""
        stage, table = self._stage, self._stage.file.notes
        here = stage.stays & (table.channel == self._channel)
        rows = np.flatnonzero(here & (table.start >= stage.first_tick)).tolist()
        return sorted(
            {(int(table.start[row]), table.voices[table.voice[row]].track) for row in rows}
        )

    def _note_messages(self, notes: NDArray[np.int32], order: int) -> list[Placed]:
        on, off = NOTE_ON | self._channel & 15, NOTE_OFF | self._channel & 15
        placed: list[Placed] = []
        for start, duration, pitch, _ in notes.tolist():
            placed += self._placed(start + duration, ENDS, [bytes((off, pitch, 0))])
        for start, _, pitch, velocity in notes.tolist():
            placed += self._placed(start, order, [bytes((on, pitch, velocity))])
        return placed

    def _placed(self, tick: int, order: int, messages: Iterable[bytes]) -> list[Placed]:
        return [Placed(tick, order, message, self._channel) for message in messages]


def _trimmed(own: Sequence[tuple[NewPart, ChannelAssignment]]) -> list[NDArray[np.int32]]:
    """End notes where the next of their key begins in their track, in whatever part."""
    of_track: defaultdict[int, list[int]] = defaultdict(list)
    for index, (_, assignment) in enumerate(own):
        of_track[assignment.track].append(index)
    trimmed = [part.track.notes for part, _ in own]
    for together in of_track.values():
        notes = [trimmed[index] for index in together]
        for index, apart in zip(together, _trimmed_together(notes), strict=True):
            trimmed[index] = apart
    return trimmed


def _trimmed_together(parts: Sequence[NDArray[np.int32]]) -> list[NDArray[np.int32]]:
    if len(parts) == 1:
        return [trim_unisons(parts[0])]
    trimmed = trim_unisons(np.concatenate(parts))
    longest: dict[tuple[int, int], tuple[int, int, int]] = {}
    for index, notes in enumerate(parts):
        for start, duration, pitch, velocity in notes.tolist():
            rank = duration, velocity, -index
            longest[start, pitch] = max(longest.get((start, pitch), rank), rank)
    owner = np.array([-longest[s, p][2] for s, _, p, _ in trimmed.tolist()], dtype=np.int64)
    return [trimmed[owner == index] for index in range(len(parts))]


def _sets_program(message: bytes) -> bool:
    return message[0] & 0xF0 == PROGRAM_STATUS
