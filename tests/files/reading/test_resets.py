"""Resets in a piece: programs from before them are no more in force."""

import pytest

from meloformer.score import read_midi
from tests.files.reading.builder import QUARTER, midi, notes, program, sysex, track

HALF = 16 * QUARTER
RESETS = {
    "GM": sysex(0x7E, 0x7F, 9, 1, 0xF7),
    "GS": sysex(0x41, 0x10, 0x42, 0x12, 0x40, 0, 0x7F, 0, 0x41, 0xF7),
    "XG": sysex(0x43, 0x10, 0x4C, 0, 0, 0x7E, 0, 0xF7),
}


def programs(*tracks: bytes) -> list[int]:
    return [one.program for one in read_midi(midi(*tracks)).tracks]


@pytest.mark.parametrize("name", RESETS)
def test_what_plays_on_after_a_reset_is_a_piano(name):
    tune = notes(range(0, 2 * HALF, QUARTER), QUARTER, [60])
    assert programs(track((HALF - 9, RESETS[name])), track((0, program(73)), tune)) == [0, 73]


def test_a_program_that_is_sent_again_is_in_force():
    tune = notes(range(0, 2 * HALF, QUARTER), QUARTER, [60])
    again = [(0, program(73)), (HALF, program(73))]
    assert programs(track((HALF - 9, RESETS["GM"])), track(again, tune)) == [73]


def test_a_reset_in_a_later_track_leaves_what_is_set_at_its_tick():
    tune = notes(range(0, HALF, QUARTER), QUARTER, [60])
    assert programs(track((0, program(73)), tune), track((0, RESETS["GS"]))) == [73]
