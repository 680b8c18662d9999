"""Programs, banks, kits, tunings and resets: new notes have the sound that the part has."""

import io

import mido
import pytest

from meloformer.midi.join import join
from meloformer.midi.read import read_file
from tests.files.seam.playing import GM_ON, GS_RESET, RESETS, hanging, kept, num_tracks, played
from tests.files.seam.writing import (
    BAR,
    continued,
    control,
    file,
    new_bars,
    program,
    quarters,
    registered,
    sysex,
)


def kits(*numbers, bars=2):
    """Drums that play some bars with each kit."""
    return [
        one
        for index, number in enumerate(numbers)
        for one in [
            program(index * bars * BAR, number, 9),
            *quarters(index * bars, bars, pitch=38, channel=9),
        ]
    ]


def test_drums_go_on_with_their_last_kit():
    data = file(kits(0, 25))
    whole = continued(data, only=[0])  # the drums are one part, whatever their kits
    assert kept(data, whole, 4 * BAR)
    assert {one.program for one in played(whole, 4 * BAR)} == {25}
    assert num_tracks(whole) == 1


def test_drums_go_on_with_the_kit_before_the_seam():
    data = file(kits(8, 25, 48))
    assert {one.program for one in played(continued(data, bar=4, only=[0]), 4 * BAR)} == {25}


def test_a_track_for_each_drum_stays_so():
    drums = {36: 3, 38: 5, 42: 7}
    data = file(*[quarters(0, 2, pitch=pitch, channel=9) for pitch in drums])
    whole = continued(data)
    assert num_tracks(whole) == 3
    for index, own in enumerate(mido.MidiFile(file=io.BytesIO(whole)).tracks):
        assert {m.note for m in own if m.type == "note_on"} == {list(drums)[index]}


def test_the_bank_of_a_program_comes_back_with_it():
    data = file(
        [control(0, 0, 8), control(0, 32, 3), program(0, 4), *quarters(0, 2),
         control(2 * BAR, 0, 0), control(2 * BAR, 32, 0), program(2 * BAR, 5), *quarters(2, 2)]
    )  # fmt: skip
    whole = continued(data)
    sounds = {(one.program, one.bank) for one in played(whole, 4 * BAR)}
    assert sounds == {(4, (8, 3)), (5, (0, 0))}


def test_two_programs_that_took_turns_keep_all_that_was_set_for_them():
    settings = [control(0, 7, 40), control(0, 10, 20), control(0, 91, 90), control(0, 74, 100)]
    turns = [
        one
        for bar in range(4)
        for one in [program(bar * BAR, 60 + 13 * (bar % 2)), *quarters(bar, 1)]
    ]
    data = file([*settings, *registered(0, 0, 12 << 7), *turns])
    whole = continued(data)
    notes = played(whole, 4 * BAR)
    assert kept(data, whole, 4 * BAR)
    assert {one.program for one in notes} == {60, 73}
    assert len({one.channel for one in notes}) == 2
    for one in notes:
        assert [one.control(number) for number in (7, 10, 91, 74)] == [40, 20, 90, 100]
        assert one.parameters[101, 0] == 12 << 7
    assert num_tracks(whole) == 1


def test_what_each_of_two_programs_had_for_itself_stays_its_own():
    data = file(
        [
            one
            for bar in range(6)
            for one in [
                program(bar * BAR, 48 if bar % 2 else 73),
                control(bar * BAR, 7, 50 if bar % 2 else 110),
                *quarters(bar, 1),
            ]
        ]
    )
    levels = {(one.program, one.control(7)) for one in played(continued(data), 6 * BAR)}
    assert levels == {(48, 50), (73, 110)}


@pytest.mark.parametrize("reset", RESETS, ids=["GM", "GM2", "GS", "XG"])
def test_a_reset_before_the_end_is_made_up_for(reset):
    opening = [control(0, 0, 1), program(0, 40), control(0, 7, 70), control(0, 10, 30)]
    data = file([*opening, *registered(0, 0, 7 << 7), *quarters(0, 4), sysex(4 * BAR - 9, *reset)])
    whole = continued(data)
    assert kept(data, whole, 4 * BAR)
    for one in played(whole, 4 * BAR):
        assert (one.program, one.bank, one.control(7), one.control(10)) == (40, (1, 0), 70, 30)
        assert one.parameters[101, 0] == 7 << 7


def test_controllers_that_were_reset_at_the_end_come_back():
    data = file([control(0, 11, 90), control(0, 7, 70), *quarters(0, 4),
                 control(4 * BAR - 9, 121, 0)])  # fmt: skip
    for one in played(continued(data), 4 * BAR):
        assert (one.control(11), one.control(7)) == (90, 70)


def test_a_reset_to_another_dialect_is_taken_back():
    data = file([sysex(0, *GS_RESET), control(0, 0, 8), program(0, 4), control(0, 7, 60),
                 *quarters(0, 4), sysex(4 * BAR - 9, *GM_ON)])  # fmt: skip
    for one in played(continued(data), 4 * BAR):
        assert one.system[0] == GS_RESET
        assert (one.program, one.bank, one.control(7)) == (4, (8, 0), 60)


def test_effects_that_a_reset_has_cleared_are_sent_again():
    hall = (0x41, 0x10, 0x42, 0x12, 0x40, 1, 0x30, 4, 0x0B)
    part_volume = (0x43, 0x10, 0x4C, 8, 0, 0x0B, 33)
    data = file([sysex(0, *hall), sysex(0, *part_volume), *quarters(0, 4),
                 sysex(4 * BAR - 9, *GM_ON)])  # fmt: skip
    for one in played(continued(data), 4 * BAR):
        assert {hall, part_volume} <= set(one.system)


@pytest.mark.parametrize("number", [0, 1, 2], ids=["bend range", "fine tuning", "coarse tuning"])
def test_tunings_that_changed_at_the_end_are_as_before(number):
    usual, at_end = (12 << 7, 5 << 7) if number == 0 else (70 << 7, 50 << 7)
    data = file([*registered(0, number, usual), *quarters(0, 4),
                 *registered(4 * BAR - 9, number, at_end)])  # fmt: skip
    for one in played(continued(data), 4 * BAR):
        assert one.parameters[101, number] == usual


def test_a_new_part_begins_with_a_clean_channel():
    """All sixteen channels are set up, as sequencers do; only one has notes."""
    setup = [control(0, 7, 20, channel) for channel in range(16)]
    setup += [control(0, 10, 0, channel) for channel in range(16)]
    data = file([*setup, *quarters(0, 2)])
    whole = join(read_file(data), new_bars(data), seam_tick=2 * BAR, track_of=[None])
    (channel,) = {one.channel for one in played(whole, 2 * BAR)}
    assert channel != 0
    assert {(one.control(7), one.control(10)) for one in played(whole, 2 * BAR)} == {(100, 64)}


def test_two_tracks_of_one_channel_have_their_program_and_level():
    data = file(
        [program(0, 33), control(0, 7, 80), *quarters(0, 4, pitch=40)],
        [*quarters(0, 4, pitch=52), control(4 * BAR - 9, 7, 3)],
    )
    notes = played(continued(data), 4 * BAR)
    assert {(one.program, one.control(7), one.channel) for one in notes} == {(33, 80, 0)}


def test_one_track_on_several_channels_stays_one_track():
    data = file(
        [program(0, 40, 0), program(0, 42, 1), control(0, 7, 90, 0), control(0, 7, 60, 1),
         *quarters(0, 4, channel=0), *quarters(0, 4, pitch=48, channel=1)]
    )  # fmt: skip
    whole = continued(data)
    assert num_tracks(whole) == 1
    notes = {(one.channel, one.program, one.control(7)) for one in played(whole, 4 * BAR)}
    assert notes == {(0, 40, 90), (1, 42, 60)}
    assert not hanging(whole)
