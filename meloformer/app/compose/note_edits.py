"""Edits of notes as the roll sends them, which are not trusted, read as those of a file.

A change is a pair: a note as it is shown and as it is to be, either of them missing where a note is
added or taken out. A note is part, start, length, pitch, velocity, with times in quarters.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from meloformer.errors import MidiError
from meloformer.midi.edit import EditedNote, NoteEdit
from meloformer.midi.file import MidiFile
from meloformer.phrases import phrase
from meloformer.score.part import NUM_PARTS, Part

MAX_EDITS: Final = 20_000
"""Notes that are changed at once."""
MAX_QUARTERS_BEYOND: Final = 256
"""How far behind the end of the piece a note may end."""
_FAR: Final = 1e6
"""No number of a note is so large; none that is not finite is smaller."""
_NEAR_QUARTERS: Final = 0.05
"""A note of a version is shown on the grid of the tokens, and in the file on that of its ticks."""
_STALE = phrase("Load the page again, or edit once more.")


class ShownNote(NamedTuple):
    """A note as the roll shows it."""

    part: int
    """`Part.number`."""
    start: float
    """In quarters, as the length."""
    length: float
    pitch: int
    velocity: int


def read_note_edits(file: MidiFile, changes: object) -> list[NoteEdit]:
    """Read changes of notes that a browser sent.

    Args:
        file: What is edited.
        changes: Pairs of lists of five numbers, or `None`.

    Raises:
        MidiError: They are no changes, too many, name a note that is not there, or ask for one that
            MIDI can't say; or no note would be left.
    """
    if not isinstance(changes, list):
        raise MidiError("The page asked for a change that is none.", hint=_STALE)
    if len(changes) > MAX_EDITS:
        raise MidiError(
            phrase(
                "At most {most:,} notes are changed at once, not {count:,}.",
                most=MAX_EDITS,
                count=len(changes),
            ),
            hint="Choose fewer notes.",
        )
    last = file.score.end_tick / file.score.ticks_per_quarter + MAX_QUARTERS_BEYOND
    pairs = [_pair(change, last) for change in changes]
    finder = _Finder(file, {(old.part, old.pitch) for old, _ in pairs if old is not None})
    edits = [_edit(file, finder, old, new) for old, new in pairs]
    if len(edits) >= len(file.notes.start) and all(edit.note is None for edit in edits):
        raise MidiError("No note would be left.", hint="Keep at least one.")
    return edits


def _pair(change: object, last: float) -> tuple[ShownNote | None, ShownNote | None]:
    if not isinstance(change, list) or len(change) != 2 or change == [None, None]:
        raise MidiError("The page asked for a change that is none.", hint=_STALE)
    old, new = (None if note is None else _note(note) for note in change)
    if new is not None and new.start + new.length > last:
        raise MidiError(
            phrase(
                "A note may end at most {quarters} quarters behind the end of the piece.",
                quarters=MAX_QUARTERS_BEYOND,
            )
        )
    return old, new


def _note(value: Any) -> ShownNote:
    is_note = isinstance(value, list) and len(value) == 5
    if not is_note or not all(map(_is_number, value)):
        raise MidiError("The page asked for a note that is none.", hint=_STALE)
    part, start, length, pitch, velocity = value
    note = ShownNote(int(part), float(start), float(length), int(pitch), int(velocity))
    if not 0 <= note.pitch <= 127 or not 1 <= note.velocity <= 127:
        raise MidiError("A note has a pitch from 0 to 127 and a velocity from 1 to 127.")
    if not 0 <= note.part < NUM_PARTS or note.start < 0 or note.length < 0:
        raise MidiError("A note would begin before the piece does, or have no length.")
    return note


def _is_number(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) < _FAR


def _edit(
    file: MidiFile, finder: "_Finder", old: ShownNote | None, new: ShownNote | None
) -> NoteEdit:
    per_quarter = file.score.ticks_per_quarter
    if old is None:
        assert new is not None
        start = round(new.start * per_quarter)
        end = max(start + 1, round((new.start + new.length) * per_quarter))
        note = EditedNote(start, end, new.pitch, new.velocity)
        return NoteEdit(None, note, Part.from_number(new.part))
    row = finder.take(old)
    if new is None:
        return NoteEdit(row, None)
    table = file.notes
    # From where it is in the file: what is shown is rounded.
    start = max(0, int(table.start[row]) + round((new.start - old.start) * per_quarter))
    length = int(table.end[row] - table.start[row])
    if new.length != old.length:
        length = max(1, length + round((new.length - old.length) * per_quarter))
    return NoteEdit(row, EditedNote(start, start + length, new.pitch, new.velocity))


@dataclass(slots=True)
class _Finder:
    """Finds notes of a file as they are shown, each only once."""

    file: MidiFile
    wanted: set[tuple[int, int]]
    """Parts and pitches."""
    rows: defaultdict[tuple[int, int], list[int]] = field(init=False)

    def __post_init__(self) -> None:
        table, self.rows = self.file.notes, defaultdict(list)
        numbers = [-1 if part is None else part.number for part in self.file.part_of_track]
        voices, pitches = table.voice.tolist(), table.pitch.tolist()
        for row, (voice, pitch) in enumerate(zip(voices, pitches, strict=True)):
            if (numbers[voice], pitch) in self.wanted:
                self.rows[numbers[voice], pitch].append(row)

    def take(self, shown: ShownNote) -> int:
        """Return the note that is nearest to one that is shown.

        Raises:
            MidiError: There is none so near.
        """
        table, per_quarter = self.file.notes, self.file.score.ticks_per_quarter
        own = self.rows[shown.part, shown.pitch]

        def distance(row: int) -> tuple[float, float, int]:
            start, end = int(table.start[row]), int(table.end[row])
            return (
                round(abs(start / per_quarter - shown.start), 2),
                abs((end - start) / per_quarter - shown.length),
                abs(int(table.velocity[row]) - shown.velocity),
            )

        near = min(own, key=distance, default=None)
        if near is None or distance(near)[0] > _NEAR_QUARTERS:
            raise MidiError("A note that was to be changed is not there any more.", hint=_STALE)
        own.remove(near)
        return near
