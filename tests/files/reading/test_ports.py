"""Files for more than 16 channels: a channel is one of a port."""

import pytest

from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest
from meloformer.midi.read import read_file
from meloformer.score import read_midi
from tests.files.reading.builder import (
    QUARTER,
    meta,
    midi,
    name,
    note,
    notes,
    program,
    track,
)
from tests.files.reading.written import joined

BEATS = range(0, 16 * QUARTER, QUARTER)


def port(number: int) -> tuple[int, bytes]:
    return 0, meta(0x21, bytes((number,)))


def device(text: str) -> tuple[int, bytes]:
    return 0, meta(0x09, text.encode())


def two_ports(say=port, names=(0, 1)) -> bytes:
    """A flute on the first port, an oboe without a program of its own track on the second."""
    return midi(
        track(say(names[0]), (0, program(73)), name_at("Flute"), notes(BEATS, QUARTER, [72])),
        track(say(names[1]), (0, program(68))),
        track(say(names[1]), name_at("Oboe 2"), notes(BEATS, QUARTER, [65])),
    )


def name_at(text: str) -> tuple[int, bytes]:
    return 0, name(text)


@pytest.mark.parametrize(
    "data", [two_ports(), two_ports(device, ("Synth A", "Synth B"))], ids=["port", "device"]
)
def test_a_program_holds_on_its_port_only(data):
    flute, oboe = read_midi(data).tracks
    assert (flute.name, flute.program) == ("Flute", 73)
    assert (oboe.name, oboe.program) == ("Oboe 2", 68)
    assert [voice.channel for voice in read_file(data).notes.voices] == [0, 16]


def test_a_single_track_may_change_ports_between_messages():
    events = [port(0), (0, program(73)), (0, meta(0x21, b"\x01")), (0, program(68))]
    for beat in BEATS:
        events += [(beat, meta(0x21, b"\x00")), *note(beat, QUARTER // 2, 72)]
    data = midi(track(events), kind=0)
    assert [t.program for t in read_midi(data).tracks] == [73]
    both = [port(0), (0, program(73)), *note(0, QUARTER, 72), (QUARTER, meta(0x21, b"\x01"))]
    both += [(QUARTER, program(68)), *note(QUARTER, QUARTER, 65)]
    assert [t.program for t in read_midi(midi(track(both), kind=0)).tracks] == [73, 68]


def test_parts_of_another_port_go_on_in_their_own_tracks():
    piece = Piece.read("ports", two_ports())
    longer = read_file(joined(piece, ContinueRequest(num_bars=2)))
    assert len(longer.container.tracks) == 3
    ends = {
        v.track: int(longer.notes.start[longer.notes.voice == i].max())
        for i, v in enumerate(longer.notes.voices)
    }
    assert set(ends) <= {0, 2}


def test_the_tenth_channel_of_every_port_plays_drums():
    data = midi(track(port(1), notes(BEATS, QUARTER, [36, 38], channel=9)))
    (drums,) = read_midi(data).tracks
    assert drums.is_drum


@pytest.mark.parametrize("names", [(None, 1), (1, None), (None, 3)])
def test_a_track_that_names_no_port_is_on_the_first(names):
    def part(at, number, pitch):
        return track([port(at)] if at is not None else [], (0, program(number)),
                     notes(BEATS, QUARTER, [pitch]))  # fmt: skip

    file = read_file(midi(part(names[0], 73, 72), part(names[1], 68, 65)))
    assert [t.program for t in file.score.tracks] == [73, 68]
    assert {voice.channel for voice in file.notes.voices} == {0, 16}


def test_port_0_is_where_tracks_are_that_name_none():
    named = track(port(0), (0, program(73)))
    data = midi(named, track(notes(BEATS, QUARTER, [72])), track(port(1), (0, program(68))))
    assert [t.program for t in read_midi(data).tracks] == [73]
