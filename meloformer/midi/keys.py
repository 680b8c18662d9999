"""The keys of a file: the notes and the messages of one pitch in one channel of one track."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.events import NOTE_OFF, NOTE_ON
from meloformer.midi.file import MidiFile


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A key that begins and ends notes."""

    track: int
    """Index of the MIDI track."""
    channel: int
    """As `Events.channel`."""
    pitch: int


@dataclass(slots=True, eq=False)
class KeyRows:
    """The notes and messages of each key, found by sorting both once."""

    file: MidiFile
    _notes: "_Sorted" = field(init=False)
    _messages: "_Sorted" = field(init=False)
    _begins: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        """Sort the notes and the messages."""
        events, table = self.file.events, self.file.notes
        numbers = self._numbers(events.track, events.channel, events.data1.astype(np.int64))
        rows = np.flatnonzero((events.kind == NOTE_ON) | (events.kind == NOTE_OFF))
        self._messages = _Sorted.by(numbers[rows], rows)
        self._notes = _Sorted.by(numbers[table.start_event], np.arange(len(table.start)))
        self._begins = np.zeros(len(events.tick), dtype=bool)
        self._begins[table.start_event] = True

    def key_of(self, note: int) -> Key:
        """Return the key of a note."""
        table = self.file.notes
        track = int(self.file.events.track[table.start_event[note]])
        return Key(track, int(table.channel[note]), int(table.pitch[note]))

    def notes(self, key: Key) -> list[int]:
        """Return the notes of a key in the order of their messages."""
        return self._notes.of(self._number(key))

    def messages(self, key: Key) -> list[int]:
        """Return the messages that begin and end notes of a key, those without a note included."""
        return self._messages.of(self._number(key))

    def begins(self, message: int) -> bool:
        """Check if a message begins a note."""
        return bool(self._begins[message])

    def is_plain(self, key: Key) -> bool:
        """Check if each note of a key has one note-off, which ends it, and there are no others."""
        table, notes = self.file.notes, np.array(self.notes(key), dtype=np.int64)
        ends = table.end_event[notes]
        if len(self.messages(key)) != 2 * len(notes) or np.any(ends < 0):
            return False
        is_off = not self._begins[ends].any() and len(np.unique(ends)) == len(ends)
        return is_off and bool(np.all(self.file.events.tick[ends] == table.end[notes]))

    def _number(self, key: Key) -> int:
        parts = (np.array([one]) for one in (key.track, key.channel, key.pitch))
        return int(self._numbers(*parts)[0])

    def _numbers(
        self, track: NDArray[np.int64], channel: NDArray[np.int64], pitch: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        num_channels = int(self.file.events.channel.max(initial=0)) + 1
        numbers: NDArray[np.int64] = (track * num_channels + channel) * 256 + pitch
        return numbers


@dataclass(frozen=True, slots=True, eq=False)
class _Sorted:
    """Rows sorted by a number."""

    numbers: NDArray[np.int64]
    rows: NDArray[np.int64]

    @classmethod
    def by(cls, numbers: NDArray[np.int64], rows: NDArray[np.int64]) -> "_Sorted":
        order = np.argsort(numbers, kind="stable")
        return cls(numbers[order], rows[order])

    def of(self, number: int) -> list[int]:
        first, last = np.searchsorted(self.numbers, [number, number + 1])
        own: list[int] = self.rows[first:last].tolist()
        return own
