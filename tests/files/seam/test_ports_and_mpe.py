"""Instruments on further ports, and those that spread over channels."""

import io

import mido
import numpy as np
import pytest

from meloformer.midi.edit import EditedNote, NoteEdit, edit_notes
from meloformer.midi.join import join
from meloformer.midi.read import read_file
from tests.files.seam.playing import kept, merged, num_tracks, played
from tests.files.seam.writing import (
    BAR,
    QUARTER,
    bend,
    continued,
    control,
    file,
    new_bars,
    note,
    pressure,
    program,
    quarters,
    registered,
    rewritten,
)


def on_port(number, *timed):
    return [(0, mido.MetaMessage("midi_port", port=number)), *timed]


def oboe_and_flute():
    """Two instruments in the first channel of two ports."""
    return file(
        on_port(0, program(0, 73), control(0, 7, 90), *quarters(0, 4)),
        on_port(1, program(0, 68), control(0, 7, 50), *quarters(0, 4, pitch=67),
                control(4 * BAR - 9, 7, 1)),
    )  # fmt: skip


def test_parts_on_two_ports_keep_their_tracks_programs_and_levels():
    data = oboe_and_flute()
    whole = continued(data)
    assert kept(data, whole, 4 * BAR)
    assert num_tracks(whole) == 2
    added = [
        [m for m in own if m.type != "note_off"][-5:-1]
        for own in mido.MidiFile(file=io.BytesIO(whole)).tracks
    ]
    assert [{m.note for m in own} for own in added] == [{60}, {67}]
    again = read_file(whole)
    assert [track.program for track in again.score.tracks] == [73, 68]
    (fade,) = [m for _, m in merged(whole)[-30:] if m.is_cc(7) and m.value > 1]
    assert fade.value == 50


def test_a_part_that_has_to_move_stays_on_its_port():
    turns = [
        one for bar in range(4) for one in (program(bar * BAR, 60 + bar % 2), *quarters(bar, 1))
    ]
    data = file(on_port(0, program(0, 73), *quarters(0, 4)), on_port(1, *turns))
    voices = read_file(continued(data)).notes.voices
    assert [voice.channel // 16 for voice in voices] == [0, 1, 1, 1]
    assert len({voice.channel for voice in voices}) == 3


def mpe():
    """A zone of eight channels; every note is bent and pressed in a channel of its own."""
    setup = [*registered(0, 6, 8 << 7), control(0, 7, 70)]
    setup += [one for channel in range(1, 9) for one in registered(0, 0, 48 << 7, channel)]
    notes = []
    for index in range(16):
        channel, tick = 1 + index % 8, index * QUARTER
        notes += [
            bend(tick, 100 * index, channel),
            pressure(tick, 40 + index, channel),
            control(tick, 74, 100, channel),
            *note(tick, 60 + index, QUARTER - 8, channel),
        ]
    return file([*setup, *notes])


def test_expressions_of_single_notes_are_not_left_on():
    data = mpe()
    assert len(read_file(data).score.tracks) == 1
    whole = continued(data)
    assert kept(data, whole, 4 * BAR)
    for one in played(whole, 4 * BAR):
        assert (one.bend, one.pressure, one.control(7)) == (0, 0, 70)
    bends, pressures = {}, {}
    for _, message in merged(whole):
        if message.type == "pitchwheel":
            bends[message.channel] = message.pitch
        elif message.type == "aftertouch":
            pressures[message.channel] = message.value
    assert set(bends.values()) == set(pressures.values()) == {0}


def test_a_guitar_with_a_channel_a_string_goes_on_with_its_sound():
    timed = []
    for index in range(24):
        channel, tick = 1 + index % 6, index * QUARTER
        timed += [bend(tick, 50 * index, channel), *note(tick, 50 + index, 400, channel)]
    for channel in range(1, 7):
        timed += [program(0, 27, channel), control(0, 7, 55, channel)]
    data = file(timed)
    assert len(read_file(data).score.tracks) == 1
    for one in played(continued(data), 6 * BAR):
        assert (one.program, one.control(7), one.bend) == (27, 55, 0)


def test_drums_on_another_channel_go_on_there_with_their_kit():
    data = file(
        [control(0, 0, 127, 10), program(0, 25, 10), *quarters(0, 2, pitch=38, channel=10),
         control(2 * BAR - 9, 0, 0, 10), program(2 * BAR - 9, 4, 10)],
        [program(0, 73), *quarters(0, 2)],
    )  # fmt: skip
    tracks = read_file(data).score.tracks
    drums = next(index for index, track in enumerate(tracks) if track.is_drum)
    bars = new_bars(data, only=[drums])
    whole = join(read_file(data), bars, seam_tick=2 * BAR, track_of=[drums])
    for one in played(whole, 2 * BAR):
        assert (one.channel, one.program, one.bank) == (10, 25, (127, 0))


def test_a_new_part_plays_on_the_port_of_the_others():
    data = file(on_port(3, program(0, 73), *quarters(0, 4)))
    whole = join(read_file(data), new_bars(data), seam_tick=4 * BAR, track_of=[None])
    added = mido.MidiFile(file=io.BytesIO(whole)).tracks[1]
    assert [m.port for m in added if m.type == "midi_port"] == [3]
    tracks = read_file(whole).score.tracks
    assert [len(track.notes) for track in tracks] == [16, 4]
    assert {voice.channel // 16 for voice in read_file(whole).notes.voices} == {0}


def test_bends_left_on_in_one_channel_of_many_are_no_tuning():
    timed = []
    for bar in range(8):
        for index in range(3):
            channel = 1 + (3 * bar + index) % 12
            timed += [bend(bar * BAR, 10, channel), pressure(bar * BAR, 60, channel)]
            timed += note(bar * BAR, 60 + 4 * index, BAR - 40, channel)
            timed += [bend(bar * BAR + 200, 300, channel)]
    data = file(timed)
    assert len(read_file(data).score.tracks) == 1
    for one in played(continued(data), 8 * BAR):
        assert (one.bend, one.pressure) == (0, 0)


def one_track_on_two_ports(kind, say):
    """Flute and oboe by turns, each on a port of its own, in a single track."""
    timed = []
    for tick in range(0, 4 * BAR, QUARTER):
        for half, pitch in enumerate((72, 65)):
            timed += [(tick + half * QUARTER // 2, say(half))]
            timed += [program(half * QUARTER // 2, (73, 68)[half])] if not tick else []
            timed += note(tick + half * QUARTER // 2, pitch, QUARTER // 4)
    return file(timed, kind=kind)


PORT_SAYINGS = {
    "port": lambda half: mido.MetaMessage("midi_port", port=half),
    "device": lambda half: mido.MetaMessage("device_name", name="AB"[half]),
}


@pytest.mark.parametrize("say", PORT_SAYINGS)
@pytest.mark.parametrize("kind", [0, 1])
def test_parts_of_one_track_go_on_on_their_own_ports(kind, say):
    data = one_track_on_two_ports(kind, PORT_SAYINGS[say])
    for whole in (continued(data), continued(data, bar=2), rewritten(data, 1, 2, only=[0])):
        parts = {track.program: track.notes for track in read_file(whole).score.tracks}
        assert {number: set(rows[:, 2]) for number, rows in parts.items()} == {73: {72}, 68: {65}}
    again = rewritten(data, 1, 2, only=[0, 1])
    assert [track.program for track in read_file(again).score.tracks] == [73, 68]


def test_a_note_that_is_moved_in_a_track_on_two_ports_stays_on_its_own():
    data = one_track_on_two_ports(0, PORT_SAYINGS["port"])
    table = read_file(data).notes
    row = int(np.flatnonzero(table.pitch == 72)[0])
    moved = EditedNote(QUARTER * 3 // 4, QUARTER * 7 // 8, 74, 80)
    edited = read_file(edit_notes(read_file(data), [NoteEdit(row, moved)]))
    flute, oboe = edited.score.tracks
    assert 74 in flute.notes[:, 2]
    assert set(oboe.notes[:, 2]) == {65}
