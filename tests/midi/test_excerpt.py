import io

import mido
import numpy as np

from meloformer.midi.excerpt import excerpt
from meloformer.midi.read import read_file
from meloformer.midi.timeline import Timeline
from tests.midi.played_files import control, note, played, program


def messages(data):
    """Return milliseconds and messages as text, tracks merged."""
    now, found = 0, []
    for message in mido.merge_tracks(mido.MidiFile(file=io.BytesIO(data)).tracks):
        now += message.time
        if not message.is_meta:
            found.append((now, str(message.copy(time=0)).replace(" time=0", "")))
    return found


def test_the_whole_is_the_file_in_milliseconds():
    file = played([program(0, 5), *note(1000, 2000)], tempos=[(0, 60)])
    assert messages(excerpt(Timeline(file))) == [
        (0, "program_change channel=0 program=5"),
        (2000, "note_on channel=0 note=60 velocity=90"),
        (4000, "note_off channel=0 note=60 velocity=64"),
    ]


def test_a_stretch_begins_with_the_state_of_its_channels():
    file = played(
        [
            *[program(0, 5), control(0, 7, 80), control(0, 10, 20), control(5, 91, 90)],
            (10, mido.Message("pitchwheel", pitch=1000)),
            *note(100, 200),
            control(300, 7, 70),
            *note(3000, 4000),
        ]
    )
    found = messages(excerpt(Timeline(file), start_ms=2000, zero_ms=1500))
    assert found[-2:] == [
        (1500, "note_on channel=0 note=60 velocity=90"),
        (2500, "note_off channel=0 note=60 velocity=64"),
    ]
    assert {ms for ms, _ in found[:-2]} == {500}
    assert [text for _, text in found[:-2]] == [
        "program_change channel=0 program=5",
        "pitchwheel channel=0 pitch=1000",
        "control_change channel=0 control=7 value=70",
        "control_change channel=0 control=10 value=20",
        "control_change channel=0 control=91 value=90",
    ]


def test_what_is_held_is_struck_again_and_what_a_pedal_holds_is_let_go_at_once():
    track = [*note(0, 9000, 40), *note(100, 200, 50), control(150, 64, 127), *note(300, 400, 60)]
    file = played([*track, control(5000, 64, 0), *note(6000, 6100, 70)])
    found = messages(excerpt(Timeline(file), start_ms=4000, zero_ms=4000))
    assert found[:6] == [
        (0, "control_change channel=0 control=64 value=127"),
        (0, "note_on channel=0 note=40 velocity=90"),
        (0, "note_on channel=0 note=50 velocity=90"),
        (0, "note_on channel=0 note=60 velocity=90"),
        (1, "note_off channel=0 note=50 velocity=0"),
        (1, "note_off channel=0 note=60 velocity=0"),
    ]


def test_a_bank_that_waits_for_its_program_is_chosen():
    file = played([*note(0, 100), control(200, 0, 8), program(3000, 4), *note(3100, 3200)])
    found = messages(excerpt(Timeline(file), start_ms=1000, zero_ms=1000))
    assert found[0] == (0, "control_change channel=0 control=0 value=8")


def test_system_messages_before_come_first():
    reset = mido.Message("sysex", data=(0x7E, 0x7F, 9, 1))
    file = played([(0, reset), program(10, 3), *note(20, 30), *note(2000, 2100)])
    found = messages(excerpt(Timeline(file), start_ms=1000, zero_ms=0))
    assert [text.split()[0] for _, text in found[:2]] == ["sysex", "program_change"]


def test_notes_that_are_not_heard_leave_those_of_their_key_alone():
    file = played([program(0, 1), *note(0, 500)], [program(0, 1), *note(500, 900)])
    is_heard = np.array([False, True])
    found = messages(excerpt(Timeline(file), is_heard=is_heard))
    assert [text for _, text in found if text.startswith("note_")] == [
        "note_on channel=0 note=60 velocity=90",
        "note_off channel=0 note=60 velocity=64",
    ]


def test_an_excerpt_is_a_file_that_can_be_read():
    file = played([*note(0, 9000), *note(4000, 5000, 64)])
    again = read_file(excerpt(Timeline(file), start_ms=3000, zero_ms=3000))
    assert sorted(Timeline(again).note_ms.tolist()) == [0, 1000]
