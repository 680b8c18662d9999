"""Volumes, expressions and other sliders: new notes are where the part's notes usually are."""

import io

import mido
import pytest

from tests.files.seam.playing import hanging, kept, played
from tests.files.seam.writing import (
    BAR,
    QUARTER,
    bend,
    continued,
    control,
    file,
    note,
    pressure,
    program,
    quarters,
    sysex,
)


def swelling(controller=11, num_bars=4, low=36, high=116):
    """A controller that goes from low to high and back in every bar, in sixteenths."""
    steps = [*range(low, high, (high - low) // 8), *range(high, low, (low - high) // 8)]
    return [
        control(bar * BAR + index * BAR // len(steps), controller, value)
        for bar in range(num_bars)
        for index, value in enumerate(steps)
    ] + [control(num_bars * BAR - 1, controller, low)]


def fading(controller, first_bar, last_bar, value, steps=16):
    """A controller that falls to 0 in some bars."""
    begin, end = first_bar * BAR, last_bar * BAR - 1
    return [
        control(begin + (end - begin) * step // steps, controller, value - value * step // steps)
        for step in range(1, steps + 1)
    ]


def values_after(data, seam, controller):
    return {note.control(controller) for note in played(data, seam)}


def test_swells_go_on_in_their_middle():
    data = file([program(0, 48), *swelling(), *quarters(0, 4)])
    whole = continued(data)
    assert kept(data, whole, 4 * BAR)
    (value,) = values_after(whole, 4 * BAR, 11)
    assert 76 <= value < 88  # between the middle and the mean energy
    assert not hanging(whole)


def test_swells_of_long_notes_go_on_in_their_middle():
    notes = [one for bar in range(4) for one in note(bar * BAR, ticks=BAR - 8)]
    data = file([program(0, 48), *swelling(), *notes])
    (value,) = values_after(continued(data), 4 * BAR, 11)
    assert 72 < value < 90


@pytest.mark.parametrize("controller", [7, 11])
@pytest.mark.parametrize("fade_bars", [1, 4])
@pytest.mark.parametrize("level", [30, 100])
def test_a_fade_out_is_taken_back(controller, fade_bars, level):
    data = file(
        [
            control(0, controller, level),
            *quarters(0, 4 + fade_bars),
            *fading(controller, 4, 4 + fade_bars, level),
        ]
    )
    whole = continued(data)
    assert kept(data, whole, (4 + fade_bars) * BAR)
    assert values_after(whole, (4 + fade_bars) * BAR, controller) == {level}


def test_a_fade_that_has_ended_before_the_last_notes_is_taken_back():
    data = file([control(0, 7, 90), *quarters(0, 8), *fading(7, 4, 6, 90)])
    assert values_after(continued(data), 8 * BAR, 7) == {90}


def test_a_fade_of_a_volume_that_was_never_set_is_taken_back():
    data = file([*quarters(0, 4), *fading(7, 3, 4, 100)])
    assert values_after(continued(data), 4 * BAR, 7) == {100}


def test_a_fade_in_the_middle_counts_only_up_to_the_seam():
    data = file([control(0, 7, 90), *quarters(0, 8), *fading(7, 2, 4, 90), control(4 * BAR, 7, 64)])
    assert values_after(continued(data, bar=4), 4 * BAR, 7) == {90}
    assert values_after(continued(data), 8 * BAR, 7) == {64}


def test_a_quieter_last_section_stays_quieter():
    data = file([control(0, 7, 100), *quarters(0, 8), control(4 * BAR, 7, 60)])
    assert values_after(continued(data), 8 * BAR, 7) == {60}


def test_a_part_that_enters_after_the_seam_has_its_own_level():
    data = file(
        [control(0, 7, 80), *quarters(0, 8)],
        [program(0, 40, 1), control(4 * BAR, 7, 55, 1), *quarters(4, 4, channel=1)],
    )
    whole = continued(data, bar=2)
    assert {note.control(7) for note in played(whole, 2 * BAR) if note.channel == 1} == {55}


@pytest.mark.parametrize(
    ("controller", "usual", "at_end"),
    [(1, 0, 90), (10, 20, 100), (91, 70, 0), (93, 30, 0), (74, 90, 5), (65, 0, 127), (67, 0, 127)],
    ids=["modulation", "pan", "reverb", "chorus", "filter", "portamento", "soft pedal"],
)
def test_what_was_moved_at_the_end_is_moved_back(controller, usual, at_end):
    moved = control(4 * BAR - 9, controller, at_end)
    data = file([control(0, controller, usual), *quarters(0, 4), moved])
    assert values_after(continued(data), 4 * BAR, controller) == {usual}


def test_pedals_are_lifted_and_stay_up():
    for pedal in (64, 66, 69):
        data = file([*quarters(0, 4), control(3 * BAR, pedal, 127)])
        whole = continued(data)
        assert values_after(whole, 4 * BAR, pedal) == {0}
        assert not hanging(whole)


def test_bends_and_pressure_of_the_last_note_are_at_rest():
    data = file([*quarters(0, 4), bend(4 * BAR - 9, 3000), pressure(4 * BAR - 9, 99)])
    for one in played(continued(data), 4 * BAR):
        assert (one.bend, one.pressure) == (0, 0)


def test_a_part_that_is_tuned_by_a_bend_stays_in_tune():
    data = file([bend(0, -640), *quarters(0, 4), bend(4 * BAR - 9, 3000)])
    assert {one.bend for one in played(continued(data), 4 * BAR)} == {-640}


def test_pressure_on_single_keys_is_at_rest():
    touch = mido.Message("polytouch", note=60, value=100)
    data = file([*quarters(0, 4), (4 * BAR - 9, touch)])
    last = [m for m in mido.merge_tracks(_tracks(continued(data))) if m.type == "polytouch"][-1]
    assert (last.note, last.value) == (60, 0)


@pytest.mark.parametrize(
    "loudness",
    [
        lambda v: (0x7F, 0x7F, 4, 1, 0, v),
        lambda v: (0x43, 0x10, 0x4C, 0, 0, 4, v),
        lambda v: (0x41, 0x10, 0x42, 0x12, 0x40, 0, 4, v, -(0x44 + v) & 127),
    ],
    ids=["any maker", "XG", "GS"],
)
def test_a_fade_of_the_master_volume_is_taken_back(loudness):
    falls = [sysex(3 * BAR + beat * QUARTER, *loudness(90 - 30 * beat)) for beat in range(4)]
    data = file([sysex(0, *loudness(90)), *quarters(0, 4), *falls[1:]])
    whole = continued(data)
    assert kept(data, whole, 4 * BAR)
    for one in played(whole, 4 * BAR):
        masters = [m for m in one.system if m[: len(loudness(1)) - 2] == loudness(1)[:-2]] or [
            m for m in one.system if len(m) == len(loudness(1))
        ]
        assert masters[-1] == loudness(90)


def test_nothing_is_sent_where_nothing_has_changed():
    setting = [program(0, 73), control(0, 7, 80), control(0, 10, 30), control(0, 11, 100)]
    data = file([*setting, *quarters(0, 4)])
    added = _tracks(continued(data))[0][len(setting) + 32 :]
    assert {m.type for m in added} == {"note_on", "note_off", "end_of_track"}


def _tracks(data):
    return mido.MidiFile(file=io.BytesIO(data)).tracks


def test_a_fade_by_hand_is_taken_back_though_it_rises_a_little_in_between():
    waver = [3, -2, 1, -3, 2, 0]
    fade = [
        control(4 * BAR + i * 60, 11, max(0, 110 - 110 * i // 128 + waver[i % 6]))
        for i in range(128)
    ]
    data = file([control(0, 11, 110), *quarters(0, 8), *fade])
    (value,) = values_after(continued(data), 8 * BAR, 11)
    assert value in range(105, 116)


def test_a_fade_of_swells_goes_on_as_loud_as_the_swells_before_it():
    def level(tick):
        height = 1 - abs(tick % BAR - BAR // 2) / (BAR // 2)
        fade = min(1.0, (12 * BAR - tick) / (6 * BAR))
        return round((40 + 70 * height) * fade)

    swells = [control(tick, 11, level(tick)) for tick in range(0, 12 * BAR, 60)]
    notes = [one for bar in range(12) for one in note(bar * BAR, ticks=BAR - 8)]
    (value,) = values_after(continued(file([*swells, *notes])), 12 * BAR, 11)
    assert 66 < value < 90


def test_notes_that_play_on_unheard_after_a_fade_are_heard_again():
    sixteenths = [one for i in range(6 * 16) for one in note(4 * BAR + i * 120, ticks=100)]
    data = file([control(0, 7, 90), *quarters(0, 4), *fading(7, 4, 6, 90), *sixteenths])
    assert values_after(continued(data), 10 * BAR, 7) == {90}


def test_a_volume_that_is_put_back_behind_a_fade_is_the_usual_one():
    back = control(8 * BAR - 4, 7, 90)
    data = file([control(0, 7, 90), *quarters(0, 8), *fading(7, 5, 8, 90)[:-1], back])
    assert values_after(continued(data), 8 * BAR, 7) == {90}


@pytest.mark.parametrize(
    "loudness",
    [
        lambda v: (0x7F, 0x7F, 4, 1, 0, v),
        lambda v: (0x43, 0x10, 0x4C, 0, 0, 4, v),
        lambda v: (0x41, 0x10, 0x42, 0x12, 0x40, 0, 4, v, -(0x44 + v) & 127),
    ],
    ids=["any maker", "XG", "GS"],
)
def test_a_fade_of_a_master_volume_that_was_never_set_ends_at_full(loudness):
    falls = [sysex(3 * BAR + beat * QUARTER, *loudness(90 - 30 * beat)) for beat in range(4)]
    for one in played(continued(file([*quarters(0, 4), *falls])), 4 * BAR):
        full = (0x7F, 0x7F, 4, 1, 127, 127) if loudness(1)[0] == 0x7F else loudness(127)
        assert one.system[-1] == full


PART_LEVELS = [
    lambda v: (0x43, 0x10, 0x4C, 8, 2, 0x0B, v),
    lambda v: (0x41, 0x10, 0x42, 0x12, 0x40, 0x13, 0x19, v, -(0x6C + v) & 127),
]


@pytest.mark.parametrize("level", PART_LEVELS, ids=["XG", "GS"])
@pytest.mark.parametrize("first", [90, None])
def test_a_fade_of_the_level_of_a_part_is_taken_back(level, first):
    falls = [sysex(3 * BAR + beat * QUARTER, *level(72 - 24 * beat)) for beat in range(4)]
    head = [] if first is None else [sysex(0, *level(first))]
    data = file([*head, *quarters(0, 4, channel=2), *falls])
    whole = continued(data)
    assert kept(data, whole, 4 * BAR)
    for one in played(whole, 4 * BAR):
        assert one.system[-1] == level(first or 100)
