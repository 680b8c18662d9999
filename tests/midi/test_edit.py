from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from meloformer.errors import MidiError
from meloformer.midi.edit import EditedNote, NoteEdit, edit_notes
from meloformer.midi.events import CONTROL, END_OF_TRACK, META, NOTE_OFF, NOTE_ON
from meloformer.midi.note_table import ALL_NOTES_OFF
from meloformer.midi.read import read_file
from meloformer.score import write_midi
from meloformer.tokens import Part
from tests.midi.hostile import END, READABLE, container, control, meta, number, off, on, track
from tests.strategies import scores

EXAMPLES = sorted(Path("assets/examples").glob("*.mid"))


def other_messages(file):
    """All that begins or ends no note, track by track, as its bytes; where tracks end apart."""
    events, kind = file.events, file.events.kind
    is_end = (events.status == META) & (events.data1 == END_OF_TRACK)
    rows = np.flatnonzero((kind != NOTE_ON) & (kind != NOTE_OFF) & ~is_end).tolist()
    return [(int(events.track[r]), int(events.tick[r]), events.message_bytes(r)) for r in rows]


def notes_of(file):
    """Track, channel, pitch, start, end and velocity of each note."""
    table = file.notes
    track = file.events.track[table.start_event]
    columns = (track, table.channel, table.pitch, table.start, table.end, table.velocity)
    return list(zip(*(each.tolist() for each in columns), strict=True))


def silences(file):
    """The ticks at which all notes of a channel are ended."""
    events = file.events
    return events.tick[(events.kind == CONTROL) & np.isin(events.data1, ALL_NOTES_OFF)].tolist()


def as_it_was(file, row, **changes):
    table = file.notes
    note = EditedNote(*(int(c[row]) for c in (table.start, table.end, table.pitch, table.velocity)))
    return NoteEdit(row, replace(note, **changes))


@st.composite
def edits_of(draw, file):
    """Some notes moved, lengthened, made louder or taken out, and some that are added."""
    num_notes, last = len(file.notes.start), int(file.notes.end.max())
    chosen = draw(st.sets(st.integers(0, num_notes - 1), max_size=min(num_notes, 8)))
    edits = []
    for row in sorted(chosen):
        same = as_it_was(file, row).note
        start = draw(st.sampled_from([same.start, draw(st.integers(0, last + 50))]))
        length = draw(st.sampled_from([same.end - same.start, draw(st.integers(1, last + 50))]))
        note = EditedNote(
            start,
            start + length,
            draw(st.sampled_from([same.pitch, draw(st.integers(0, 127))])),
            draw(st.sampled_from([same.velocity, draw(st.integers(1, 127))])),
        )
        edits.append(NoteEdit(row, draw(st.sampled_from([note, note, None]))))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, last))
        pitch, velocity = draw(st.integers(0, 127)), draw(st.integers(1, 127))
        note = EditedNote(start, start + draw(st.integers(1, last + 1)), pitch, velocity)
        edits.append(NoteEdit(None, note, draw(st.sampled_from(file.parts))))
    assume(sum(edit.note is None for edit in edits) < num_notes)
    return edits


def check(file, edits):
    """Only edited notes, and those on whose keys they land, are others."""
    edited = read_file(edit_notes(file, edits), end_tick=file.score.end_tick)
    assert other_messages(edited) == other_messages(file)
    before, after = notes_of(file), notes_of(edited)
    gone = {edit.row for edit in edits if edit.row is not None}
    placed = defaultdict(list)
    for edit in edits:
        if edit.note is not None:
            own = None if edit.row is None else before[edit.row][:2]
            placed[edit.note.pitch].append((own, edit.note))

    def is_landed_on(note):
        _, _, pitch, start, end, _ = note
        return any(
            new.start < end and new.end > start and own in (None, note[:2])
            for own, new in placed[pitch]
        )

    untouched = [note for row, note in enumerate(before) if row not in gone]
    free = Counter(note for note in untouched if not is_landed_on(note))
    assert free <= Counter(after)
    assert len(after) <= len(untouched) + sum(edit.note is not None for edit in edits)
    for pitch, ones in placed.items():
        for own, new in ones:
            found = [n for n in after if n[2:4] == (pitch, new.start) and own in (None, n[:2])]
            assert found
            alone = sum(other.start == new.start for _, other in ones) == 1
            if alone:
                assert any(n[5] == new.velocity and n[4] <= new.end for n in found)
                hit = any(n[2] == pitch and new.start < n[3] < new.end for n in after)
                hit |= any(new.start < tick < new.end for tick in silences(edited))
                assert hit or any(n[4] == new.end for n in found)
    touched = {before[row][0] for row in gone}
    for index, body in enumerate(file.container.tracks):
        if index not in touched and not any(edit.row is None for edit in edits):
            assert edited.container.tracks[index] == body


@given(st.data(), scores())
def test_only_edited_notes_are_others_in_drawn_files(data, score):
    file = read_file(write_midi(score))
    check(file, data.draw(edits_of(file)))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@settings(max_examples=10)
@given(data=st.data())
def test_only_edited_notes_are_others_in_real_files(path, data):
    file = read_file(path.read_bytes())
    check(file, data.draw(edits_of(file)))


@pytest.mark.parametrize("name", sorted(READABLE))
@settings(max_examples=10)
@given(data=st.data())
def test_only_edited_notes_are_others_in_hostile_files(name, data):
    file = read_file(READABLE[name][0])
    check(file, data.draw(edits_of(file)))


KEYS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(
            [on(60), on(60), off(60), on(60, 0), on(62), off(62), control(123, 0), control(7, 9)]
        ),
    ),
    min_size=1,
    max_size=16,
)


@given(KEYS, st.data())
def test_only_edited_notes_are_others_where_notes_overlap_or_have_no_end(messages, data):
    file = read_file(container(track((0, on(60)), *messages, END)))
    check(file, data.draw(edits_of(file)))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_edit_that_changes_nothing_gives_the_same_bytes(path):
    file = read_file(path.read_bytes())
    edits = [as_it_was(file, row) for row in range(len(file.notes.start))]
    assert edit_notes(file, edits) == file.data


def test_a_louder_note_changes_one_byte():
    data = EXAMPLES[0].read_bytes()
    file = read_file(data)
    louder = edit_notes(file, [as_it_was(file, 3, velocity=101)])
    assert sum(a != b for a, b in zip(data, louder, strict=True)) == 1


def test_running_status_and_long_times_stay_as_they_were_written():
    body = track(
        (0, meta(1, b"la")), (0, on(60)), (0, bytes([64, 80])), (96, off(60)), (0, bytes([64, 0])),
        (4, on(67)), (0, control(7, 9)), (9, bytes([7, 8])), (96, off(67)), END,
    )  # fmt: skip
    slow = body.replace(b"\x09\x07\x08", b"\x80\x09\x07\x08")
    slow = b"MTrk" + (len(slow) - 8).to_bytes(4, "big") + slow[8:]
    file = read_file(container(slow))
    without = edit_notes(file, [NoteEdit(0, None)])
    assert b"\x00\x90\x40\x50" in without  # its status is not said by the message before any more
    assert b"\x80\x09\x07\x08" in without
    assert without.count(b"\xff\x01\x02la") == 1


def test_a_note_that_lands_on_another_cuts_it_short_and_ends_before_the_next():
    body = track(
        (0, on(60)), (96, off(60)), (96, on(60)), (96, off(60)), (0, on(64)), (48, off(64)), END
    )
    file = read_file(container(body))
    moved = read_file(edit_notes(file, [as_it_was(file, 2, start=48, end=400, pitch=60)]))
    spans = [note[3:5] for note in notes_of(moved)]
    assert spans == [(0, 48), (48, 192), (192, 288)]


def test_a_note_goes_to_the_track_of_its_part_and_the_file_grows():
    file = read_file(EXAMPLES[0].read_bytes())
    part, end = file.parts[1], file.score.end_tick
    grown = read_file(edit_notes(file, [NoteEdit(None, EditedNote(end, end + 10, 50, 90), part)]))
    voice = file.part_of_track.index(part)
    assert grown.parts == file.parts
    assert len(grown.score.tracks[voice].notes) == len(file.score.tracks[voice].notes) + 1
    assert grown.score.end_tick >= end + 10


def test_a_part_without_notes_gets_a_sentence():
    file = read_file(EXAMPLES[0].read_bytes())
    with pytest.raises(MidiError, match="no notes"):
        edit_notes(file, [NoteEdit(None, EditedNote(0, 9, 60, 90), Part(119, 7))])


def test_all_notes_of_a_file_of_one_track_can_be_moved():
    file = read_file(
        container(track((0, b"\xf0" + number(1) + b"\xf7"), (0, on(60)), (9, off(60)), END))
    )
    moved = read_file(edit_notes(file, [as_it_was(file, 0, start=20, end=30)]))
    assert notes_of(moved) == [(0, 0, 60, 20, 30, 80)]
