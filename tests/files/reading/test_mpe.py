"""MPE controllers and guitars with a channel a string: one part, whatever channels they use."""

import pytest

from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest
from meloformer.midi.read import read_file
from meloformer.score import read_midi
from tests.files.reading.builder import (
    QUARTER,
    control,
    midi,
    name,
    note,
    notes,
    program,
    track,
)
from tests.files.reading.written import joined


def bend(channel: int, value: int) -> bytes:
    return bytes((0xE0 | channel, value & 127, value >> 7))


def configuration(members: int, master: int = 0) -> list[tuple[int, bytes]]:
    pairs = [(101, 0), (100, 6), (6, members)]
    return [(0, control(number, value, master)) for number, value in pairs]


def played(channels, programs=None) -> list:
    """48 notes that take turns in channels, each with a bend, a pressure and a timbre."""
    events = []
    for index in range(48):
        channel, at = channels[index % len(channels)], index * QUARTER // 2
        events += [(at, bend(channel, 8192 + 100 * (index % 5)))]
        events += [(at, bytes((0xD0 | channel, 40))), (at, control(74, 64, channel))]
        events += note(at, QUARTER, 60 + index % 7, channel=channel)
    return events


MPE = {
    "a lower zone": configuration(15) + played(range(1, 16)),
    "a small lower zone": configuration(8) + played(range(1, 9)),
    "an upper zone": configuration(5, 15) + played(range(10, 15)),
    "no configuration": played(range(1, 12)),
    "a guitar": played(range(6)),
}


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("case", MPE)
def test_it_is_one_part_and_no_drums(case, kind):
    data = midi(track([(0, name("Seaboard"))] if kind else [], MPE[case]), kind=kind)
    file = read_file(data)
    (part,) = file.score.tracks
    assert not part.is_drum
    assert len(part.notes) == 48
    assert len(set(file.notes.channel.tolist())) > 1  # each note still has its own


def test_the_program_of_the_zone_is_that_of_its_notes():
    members = [(0, program(89, channel)) for channel in range(16)]
    data = midi(track(members, configuration(15), played(range(1, 16))))
    assert [t.program for t in read_midi(data).tracks] == [89]


@pytest.mark.parametrize("master", [0, 15])
def test_a_program_of_the_channel_that_speaks_for_the_zone_is_that_of_its_notes(master):
    members = range(1, 9) if master == 0 else range(7, 15)
    sound = (0, program(81, master))
    data = midi(track(sound, configuration(8, master), played(members)))
    assert [t.program for t in read_midi(data).tracks] == [81]


def test_other_instruments_beside_a_zone_of_all_channels_stay_themselves():
    beats = range(0, 24 * QUARTER, QUARTER)
    drums = track((0, name("Beat")), notes(beats, 60, [36, 38], channel=9))
    bass = track((0, program(33, 1)), notes(beats, 400, [36, 43], channel=1))
    seaboard = track(configuration(15), (0, program(80)), played(range(1, 16)))
    tracks = read_midi(midi(seaboard, drums, bass)).tracks
    assert [(t.program, t.is_drum) for t in tracks] == [(80, False), (0, True), (33, False)]


def test_a_zone_with_a_track_for_each_of_its_channels_is_a_zone():
    one = [
        track(
            (0, bend(channel, 8192)),
            [e for i in range(8) for e in note(i * 960, 400, 60, channel=channel)],
        )
        for channel in range(1, 4)
    ]
    voices = read_file(midi(track(configuration(3)), *one)).notes.voices
    assert {voice.channel for voice in voices} == {0}


def test_a_few_chords_of_a_controller_are_one_part():
    events = []
    for bar in range(5):
        for index, pitch in enumerate((60, 64, 67)):
            channel = 1 + (3 * bar + index) % 15
            events += [(bar * 1920, bend(channel, 8200)), (bar * 1920, bytes((0xD0 | channel, 60)))]
            events += note(bar * 1920, 1800, pitch, channel=channel)
    assert len(read_midi(midi(track(events))).tracks) == 1


def test_an_ensemble_in_one_track_is_several_parts():
    both = [(0, program(40, 0)), (0, program(42, 1)), (0, program(73, 2))]
    assert len(read_midi(midi(track(both, played(range(3))))).tracks) == 3
    plain = [e for c in range(4) for e in notes(range(0, 9600, 480), 480, [60 + c], channel=c)]
    assert len(read_midi(midi(track(plain))).tracks) == 4  # chords, and nothing is bent


def test_it_goes_on_as_one_part():
    piece = Piece.read("mpe", midi(track(MPE["a lower zone"])))
    longer = read_file(joined(piece, ContinueRequest(num_bars=2)))
    assert len(longer.score.tracks) == 1
    assert len(longer.container.tracks) == 1
