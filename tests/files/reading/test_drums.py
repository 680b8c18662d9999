"""Drums on other channels than the tenth, and melody on it, where the file says so."""

import pytest

from meloformer.engine.piece import Piece
from meloformer.score import Part, read_midi
from meloformer.score.part import DRUM_PROGRAM
from tests.files.reading.builder import (
    QUARTER,
    control,
    meta,
    midi,
    name,
    notes,
    program,
    sysex,
    track,
)

BEATS = range(0, 16 * QUARTER, QUARTER)
KIT = (36, 42, 38, 42)
GS_ON = sysex(0x41, 0x10, 0x42, 0x12, 0x40, 0x00, 0x7F, 0x00, 0x41, 0xF7)
XG_ON = sysex(0x43, 0x10, 0x4C, 0x00, 0x00, 0x7E, 0x00, 0xF7)
GM2_ON = sysex(0x7E, 0x7F, 0x09, 0x03, 0xF7)


def gs_part(block: int, *values: int, at: int = 0x15, group: int = 0x40) -> bytes:
    return sysex(0x41, 0x10, 0x42, 0x12, group, 0x10 | block, at, *values, 0x00, 0xF7)


def xg_part(part: int, *values: int, at: int = 0x07) -> bytes:
    return sysex(0x43, 0x10, 0x4C, 0x08, part, at, *values, 0xF7)


def on_channel(channel: int, *head: bytes, pitches=KIT, title="") -> bytes:
    named = [(0, name(title))] if title else []
    return midi(
        track(named, [(0, m) for m in head], notes(BEATS, QUARTER, pitches, channel=channel))
    )


def bank(value: int, channel: int, number: int = 0) -> tuple[bytes, bytes]:
    return control(0, value, channel), program(number, channel)


DRUMS = {
    "XG bank 127": on_channel(10, XG_ON, *bank(127, 10)),
    "XG bank 126": on_channel(10, *bank(126, 10)),
    "GM2 bank 120": on_channel(3, GM2_ON, *bank(120, 3)),
    "GS part mode, map 1": on_channel(10, GS_ON, gs_part(0xA, 1)),
    "GS part mode, map 2 on channel 1": on_channel(0, gs_part(1, 2)),
    "GS part mode, channel 16": on_channel(15, gs_part(0xF, 1)),
    "GS part mode, written from the address before": on_channel(10, gs_part(0xA, 0x10, 1, at=0x14)),
    "XG part mode": on_channel(4, XG_ON, xg_part(4, 2)),
    "XG part mode, written from two addresses before": on_channel(4, xg_part(4, 4, 1, 2, at=0x05)),
    "by name": on_channel(2, title="Drums"),
    "by name, one drum": on_channel(5, title="Kick", pitches=(36,)),
    "by name, in Spanish": on_channel(6, program(0, 6), title="Batería"),
    "by name, in Swedish": on_channel(6, title="Trummor"),
    "by name, in Korean": on_channel(6, title="드럼"),
    "by name, in Italian": on_channel(6, title="Rullante", pitches=(38,)),
    "by name, in French": on_channel(6, title="Grosse caisse", pitches=(36,)),
    "by name, in German": on_channel(6, title="Becken", pitches=(49, 51)),
    "by name, in Portuguese": on_channel(6, title="Bumbo e chimbal", pitches=(36, 42)),
    "by name, shortened": on_channel(6, title="HH", pitches=(42, 46)),
    "by name, a drum played by hand": on_channel(6, title="Congas", pitches=(62, 63, 64)),
    "by name, synth drum": on_channel(6, program(118, 6), title="Percussion"),
    "as ever": on_channel(9),
}
MELODY = {
    "a piano": on_channel(0),
    "GS bank 127 is an older melody": on_channel(10, GS_ON, *bank(127, 10)),
    "GM2 bank 121 on channel 10": on_channel(9, GM2_ON, *bank(121, 9)),
    "GS part mode off on channel 10": on_channel(9, gs_part(0, 0)),
    "steel drums": on_channel(2, program(114, 2), title="Steel drums"),
    "a name without a key set": on_channel(2, title="Drum and bass lead", pitches=(72, 76, 79)),
    "a name and a guitar": on_channel(2, program(27, 2), title="Kick guitar"),
    "a name and the keys of a tune": on_channel(2, title="Beats", pitches=(60, 64, 67, 72)),
    "a short name and the keys of a tune": on_channel(2, title="SD", pitches=(60, 64, 67, 72)),
    "GS part mode of the other port": on_channel(10, gs_part(0xA, 1, group=0x50)),
    "a bank of a melody": on_channel(3, *bank(8, 3)),
}


@pytest.mark.parametrize("case", DRUMS)
def test_drums_are_read_as_drums(case):
    (part,) = read_midi(DRUMS[case]).tracks
    assert part.is_drum
    piece = Piece.read("drums", DRUMS[case])
    assert piece.parts == (Part(DRUM_PROGRAM),)


@pytest.mark.parametrize("case", MELODY)
def test_melody_is_read_as_melody(case):
    (part,) = read_midi(MELODY[case]).tracks
    assert not part.is_drum


@pytest.mark.parametrize("message", [gs_part(0xB, 1, group=0x50), xg_part(16 + 11, 2)])
def test_the_mode_of_a_part_of_the_second_port_is_that_of_its_channel_there(message):
    first, second = (
        track((0, meta(0x21, bytes((port,)))), notes(BEATS, QUARTER, KIT, channel=11))
        for port in (0, 1)
    )
    tracks = read_midi(midi(track((0, meta(0x21, b"\0")), (0, message)), first, second)).tracks
    assert [one.is_drum for one in tracks] == [False, True]


def test_no_chord_is_heard_in_drums():
    keys = track((0, name("Keys")), notes(BEATS, QUARTER, (60, 64, 67)))
    kit = track(
        (0, control(0, 127, 10)), (0, program(0, 10)), notes(BEATS, QUARTER, KIT, channel=10)
    )
    alone, both = Piece.read("alone", midi(keys)), Piece.read("both", midi(keys, kit))

    def chords(piece: Piece) -> list[str]:
        from meloformer.api.song import Song

        return list(Song(piece).chords)

    assert chords(alone) == chords(both)


def test_a_channel_that_turns_into_drums_and_back_is_two_parts():
    melody = notes(range(0, 4 * QUARTER, QUARTER), QUARTER, [72], channel=2)
    drums = notes(range(4 * QUARTER, 8 * QUARTER, QUARTER), QUARTER, [36], channel=2)
    change = [(4 * QUARTER, message) for message in bank(120, 2)]
    first, second = read_midi(midi(track(melody, change, drums))).tracks
    assert (first.is_drum, second.is_drum) == (False, True)


@pytest.mark.parametrize(
    ("head", "reset"),
    [([XG_ON, *bank(127, 4)], XG_ON), ([GS_ON, gs_part(5, 1)], GS_ON), ([*bank(120, 4)], GM2_ON)],
    ids=["XG", "GS", "GM2"],
)
def test_a_reset_turns_drums_into_melody_again(head, reset):
    drums = notes(BEATS, QUARTER, KIT, channel=4)
    later = 32 * QUARTER
    bass = notes(range(later, later + 16 * QUARTER, QUARTER), QUARTER, [40], channel=4)
    change = [(later - 9, reset), (later, program(33, 4))]
    tracks = read_midi(midi(track([(0, one) for one in head], drums, change, bass))).tracks
    assert sorted((t.is_drum, t.program) for t in tracks) == [(False, 33), (True, 0)]


def test_a_reset_in_another_track_at_the_tick_of_the_setting_leaves_it():
    drums = track([(0, one) for one in bank(127, 4)], notes(BEATS, QUARTER, KIT, channel=4))
    (part,) = read_midi(midi(drums, track((0, XG_ON)))).tracks
    assert part.is_drum
