"""Notes of a file changed by hand: moved, lengthened, made louder, added, taken out.

Every other message stays byte for byte as it was, at its tick and in its order: controllers, text,
tempos, other tracks. One key of a MIDI channel sounds once at a time, so a note that is put where
another holds its key cuts that one short, takes its place if both begin together, and ends where
the next on the key begins. What ends all notes of a channel ends it, too.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from meloformer.errors import MidiError
from meloformer.midi.events import NOTE_OFF, NOTE_ON
from meloformer.midi.file import MidiFile
from meloformer.midi.keys import Key, KeyRows
from meloformer.midi.messages import note_off_message
from meloformer.midi.part_messages import ENDS, SETTINGS, Additions, Placed
from meloformer.midi.splice import splice
from meloformer.score.part import Part

_NOTES: Final = SETTINGS + 1
"""Notes begin after all else at their tick."""


@dataclass(frozen=True, slots=True)
class EditedNote:
    """A note as it is to be."""

    start: int
    """In ticks of the file, as the end."""
    end: int
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class NoteEdit:
    """A note of the file that is changed or taken out, or one that is added."""

    row: int | None
    """Its index in the table of notes; `None` for a note that is added."""
    note: EditedNote | None
    """What becomes of it; `None` takes it out."""
    part: Part | None = None
    """Who plays a note that is added."""


@dataclass(slots=True)
class _Seat:
    """A note on its key, and the note of the file that it was."""

    note: EditedNote
    row: int | None


_Seats: TypeAlias = defaultdict[Key, list[_Seat]]


@dataclass(slots=True)
class _Draft:
    """What is to happen to the messages of a file."""

    file: MidiFile
    keys: KeyRows
    removed: NDArray[np.bool_]
    """Messages that are taken out. (E,)"""
    changed: dict[int, bytes] = field(default_factory=dict)
    """Messages that are another in their place."""
    additions: Additions = field(default_factory=lambda: defaultdict(list))

    def begin(self, key: Key, note: EditedNote) -> None:
        """Add a note-on."""
        on = bytes((NOTE_ON | key.channel & 15, note.pitch, note.velocity))
        self.additions[key.track].append(Placed(note.start, _NOTES, on, key.channel))

    def end(self, key: Key, tick: int, like: int) -> None:
        """Add a note-off, with the release velocity of another if there is one."""
        off = note_off_message(tick, key.channel, key.pitch)[1]
        if like >= 0 and int(self.file.events.kind[like]) == NOTE_OFF:
            off = off[:2] + bytes((int(self.file.events.data2[like]),))
        self.additions[key.track].append(Placed(tick, ENDS, off, key.channel))


def edit_notes(file: MidiFile, edits: Sequence[NoteEdit]) -> bytes:
    """Return a MIDI file in which some notes are others.

    A note that is moved stays in its MIDI track and channel, so that it sounds as the channel is
    set where it comes to lie. One that is added goes to the track and channel of the nearest note
    of its part, of the same pitch if there is one.

    Args:
        file: What is edited.
        edits: Of different notes. All their values are within what MIDI can say.

    Raises:
        MidiError: A note is added to a part that the file has not.
    """
    table = file.notes
    gone = np.zeros(len(table.start), dtype=bool)
    gone[[edit.row for edit in edits if edit.row is not None]] = True
    keys = KeyRows(file)
    seats = _seats(file, edits)
    touched = {*seats, *(keys.key_of(row) for row in np.flatnonzero(gone).tolist())}
    touched |= _without_end(file, keys, {key.track for key in touched})
    draft = _Draft(file, keys, np.zeros(len(file.events.tick), dtype=bool))
    for key in sorted(touched):
        _write_key(draft, key, gone, _one_at_a_time(seats[key]))
    if not draft.removed.any() and not draft.changed and not any(draft.additions.values()):
        return file.data
    bodies = [_body(draft, track) for track in range(len(file.container.tracks))]
    return replace(file.container, tracks=tuple(bodies)).to_bytes()


def _seats(file: MidiFile, edits: Sequence[NoteEdit]) -> _Seats:
    """Find the key on which each note will be."""
    seats: _Seats = defaultdict(list)
    for edit in edits:
        if edit.note is None:
            continue
        row = edit.row
        beside = _beside(file, edit) if row is None else row
        track = int(file.events.track[file.notes.start_event[beside]])
        key = Key(track, int(file.notes.channel[beside]), edit.note.pitch)
        seats[key].append(_Seat(edit.note, row))
    return seats


def _beside(file: MidiFile, edit: NoteEdit) -> int:
    """Find the note whose track and channel a new one gets."""
    assert edit.note is not None
    voices = [voice for voice, part in enumerate(file.part_of_track) if part == edit.part]
    rows = np.flatnonzero(np.isin(file.notes.voice, voices))
    if not voices or not len(rows):
        raise MidiError("A note can't be added to a part that has no notes.")
    same = rows[file.notes.pitch[rows] == edit.note.pitch]
    rows = same if len(same) else rows
    return int(rows[np.abs(file.notes.start[rows] - edit.note.start).argmin()])


def _without_end(file: MidiFile, keys: KeyRows, tracks: set[int]) -> set[Key]:
    """Find the keys of notes that nothing ends: how long they are depends on all of their track.

    They are given the end that they were read with.
    """
    lost = np.flatnonzero(file.notes.end_event < 0).tolist()
    return {key for key in map(keys.key_of, lost) if key.track in tracks}


def _one_at_a_time(seats: list[_Seat]) -> list[_Seat]:
    """End each note where the next begins; of those that begin together the longest stays."""
    longest: dict[int, _Seat] = {}
    for seat in sorted(seats, key=lambda one: (one.note.start, one.note.end)):
        longest[seat.note.start] = seat
    alone = list(longest.values())
    for one, following in pairwise(alone):
        one.note = replace(one.note, end=min(one.note.end, following.note.start))
    return alone


def _write_key(draft: _Draft, key: Key, gone: NDArray[np.bool_], seats: list[_Seat]) -> None:
    """Say what happens to the messages of one key."""
    table, keys = draft.file.notes, draft.keys
    rows = keys.notes(key)
    starts = {seat.note.start for seat in seats}
    stay = [row for row in rows if not gone[row] and int(table.start[row]) not in starts]
    ends = {row: int(table.end[row]) for row in stay}
    for seat in seats:
        for row in stay:
            start = int(table.start[row])
            if start < seat.note.start < ends[row]:
                ends[row] = seat.note.start
            elif seat.note.start < start < seat.note.end:
                seat.note = replace(seat.note, end=start)
    kept: set[int] = set()
    for row in stay:
        kept.add(int(table.start_event[row]))
        _end(draft, key, row, ends[row], kept)
    for seat in seats:
        _put(draft, key, seat, kept)
    if keys.is_plain(key):
        own = {
            int(event) for row in rows for event in (table.start_event[row], table.end_event[row])
        }
    else:
        own = set(keys.messages(key))  # whatever ends nothing, or several, would end new notes
    draft.removed[sorted(own - kept)] = True


def _put(draft: _Draft, key: Key, seat: _Seat, kept: set[int]) -> None:
    """Begin and end a note; what of it is as it was stays in its place."""
    table, note, row = draft.file.notes, seat.note, seat.row
    if row is None or int(table.pitch[row]) != key.pitch:
        draft.begin(key, note)
        draft.end(key, note.end, -1 if row is None else int(table.end_event[row]))
        return
    begins = int(table.start_event[row])
    if int(table.start[row]) != note.start:
        draft.begin(key, note)
    else:
        kept.add(begins)
        if int(table.velocity[row]) != note.velocity:
            on = bytes((NOTE_ON | key.channel & 15, note.pitch, note.velocity))
            draft.changed[begins] = on
    _end(draft, key, row, note.end, kept)


def _end(draft: _Draft, key: Key, row: int, tick: int, kept: set[int]) -> None:
    """End a note of the file at a tick: by the message that ends it now, if that may stay."""
    event = int(draft.file.notes.end_event[row])
    events = draft.file.events
    is_own = event >= 0 and not draft.keys.begins(event) and event not in kept
    if is_own and int(events.tick[event]) == tick:
        kept.add(event)
    else:
        draft.end(key, tick, event)


def _body(draft: _Draft, track: int) -> bytes:
    """Return the bytes of a MIDI track; one to which nothing happens keeps its own."""
    events, added = draft.file.events, draft.additions.get(track, [])
    rows = np.flatnonzero(events.track == track)
    is_same = not added and not draft.removed[rows].any()
    if is_same and draft.changed.keys().isdisjoint(rows.tolist()):
        return draft.file.container.tracks[track]
    return splice(events, rows.tolist(), draft.removed, draft.changed, added)
