"""Bars written again: what rings over their lines, bends of kept notes, shared channels."""

import io
from collections import Counter

import mido
import pytest

from meloformer.midi.read import read_file
from meloformer.midi.replace import replace_notes
from meloformer.score import Score, Tempo, TimeSignature, read_midi
from tests.files.seam.playing import GM_ON, hanging, merged, num_tracks, played
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
    rewritten,
    sysex,
)


def chord(bar, num_bars, *, root=48, channel=0):
    return [
        one
        for pitch in (root, root + 4, root + 7)
        for one in note(bar * BAR, pitch, num_bars * BAR, channel, 70)
    ]


def sounding_at(data, tick, channel=0):
    """Keys that sound at a tick."""
    keys: Counter[int] = Counter()
    for at, message in merged(data):
        if at <= tick and message.type in ("note_on", "note_off") and message.channel == channel:
            keys[message.note] += 1 if message.type == "note_on" and message.velocity else -1
    return set(+keys)


def test_pads_that_rang_beyond_the_bars_sound_on_after_them():
    data = file([program(0, 89), *chord(0, 1), *chord(1, 5, root=50), *chord(6, 1)])
    whole = rewritten(data, 1, 2, only=[0])
    for bar in range(2, 6):
        assert sounding_at(whole, bar * BAR + QUARTER) == {50, 54, 57}
    assert sounding_at(whole, 6 * BAR + QUARTER) == {48, 52, 55}
    assert {one.pitch for one in played(whole) if BAR <= one.tick < 2 * BAR} == {48}
    assert not hanging(whole)


def test_a_new_note_on_the_key_of_a_tail_rings_on():
    data = file([program(0, 89), *note(0, 60, BAR), *note(BAR, 60, 3 * BAR), *note(4 * BAR, 62)])
    new = read_midi(file([program(0, 89), *note(0, 60, BAR)])).tracks
    score = Score(480, new, (Tempo(0, 120.0),), (TimeSignature(0, 4, 4),), BAR)
    whole = replace_notes(read_file(data), score, first_bar=1, last_bar=2, again=[0], track_of=[0])
    assert read_midi(whole).tracks[0].notes[1].tolist() == [BAR, 3 * BAR, 60, 80]


def test_what_reaches_just_over_the_line_does_not_begin_again():
    data = file([*quarters(0, 1), *note(BAR, 67, BAR + QUARTER // 4), *quarters(2, 2, pitch=64)])
    whole = rewritten(data, 1, 2, only=[0])
    assert {one.pitch for one in played(whole, 2 * BAR)} == {64}


def test_what_rang_on_until_its_key_is_struck_again_ends_there():
    data = file([*quarters(0, 1), *chord(1, 4), *note(3 * BAR, 48, QUARTER)])
    whole = rewritten(data, 1, 2, only=[0])
    assert not hanging(whole)
    again = [one.tick for one in played(whole, 2 * BAR) if one.pitch == 48]
    assert again == [2 * BAR, 3 * BAR]


def test_what_begins_before_and_rings_through_stays():
    data = file([*chord(0, 4), *quarters(1, 1, pitch=72), *quarters(4, 1)])
    whole = rewritten(data, 1, 2, only=[0])
    for bar in range(4):
        assert sounding_at(whole, bar * BAR + 5) >= {48, 52, 55}


def test_bends_of_a_kept_note_end_with_it():
    tune = [
        *note(0, 60, BAR + QUARTER),
        bend(0, 100),
        bend(BAR + QUARTER // 2, 2000),
        *quarters(2, 1),
        bend(BAR + 2 * QUARTER, 4000),
        bend(2 * BAR - 5, 3000),
        *note(3 * BAR, 64),
    ]
    data = file(tune)
    whole = rewritten(data, 1, 3, only=[0])
    bends = [(t, m.pitch) for t, m in merged(whole) if m.type == "pitchwheel"]
    assert bends == [
        (0, 100), (BAR + QUARTER // 2, 2000), (BAR + QUARTER, 0), (3 * BAR, 3000),
    ]  # fmt: skip


def test_pressure_gives_way_with_its_notes():
    data = file([pressure(BAR // 2, 90), *quarters(0, 4), pressure(BAR + QUARTER, 50)])
    notes = played(rewritten(data, 1, 2, only=[0]))
    assert {one.pressure for one in notes if BAR <= one.tick < 2 * BAR} == {0}
    assert {one.pressure for one in notes if one.tick >= 2 * BAR} == {50}


def test_other_parts_and_bars_stay_message_for_message():
    other = [program(0, 33, 1), control(0, 7, 77, 1), *quarters(0, 6, pitch=40, channel=1)]
    data = file([program(0, 73), control(BAR, 11, 50), *quarters(0, 6)], other)
    whole = rewritten(data, 2, 4, only=[0])
    assert list(_tracks(whole)[1]) == list(_tracks(data)[1])

    def outside(own):
        return [(t, str(m)) for t, m in own if not 2 * BAR <= t < 4 * BAR]

    assert outside(_timed(whole)) == outside(_timed(data))


def test_a_program_that_takes_turns_keeps_its_settings_where_it_has_to_move():
    turns = [
        one
        for bar in range(4)
        for half in range(2)
        for one in [
            program(bar * BAR + half * BAR // 2, 60 + 13 * half),
            *note(bar * BAR + half * BAR // 2, 60 + half),
        ]
    ]
    data = file([control(0, 7, 40), control(0, 10, 20), *turns])
    whole = rewritten(data, 1, 2, only=[0])
    for one in played(whole):
        assert (one.control(7), one.control(10)) == (40, 20)
    new = [one for one in played(whole) if BAR <= one.tick < 2 * BAR and one.pitch == 60]
    assert [one.program for one in new] == [60] * 4
    assert num_tracks(whole) == 1


def test_with_every_channel_busy_notes_that_stay_have_their_programs():
    """Fifteen parts hold notes; a sixteenth is new and shares a channel for two bars."""
    channels = [channel for channel in range(16) if channel != 9]
    tracks = [
        [program(0, index, channel), control(0, 7, 50 + index, channel),
         *quarters(0, 6, pitch=50, channel=channel)]
        for index, channel in enumerate(channels)
    ]  # fmt: skip
    data = file(*tracks)
    new = read_midi(file([program(0, 99), *note(0, 70, 240), *note(BAR, 71, 240)])).tracks
    score = Score(480, new, (Tempo(0, 120.0),), (TimeSignature(0, 4, 4),), 2 * BAR)
    whole = replace_notes(
        read_file(data), score, first_bar=2, last_bar=4, again=(), track_of=[None]
    )
    programs = dict(zip(channels, range(15), strict=True))
    for one in played(whole):
        expected = 99 if one.pitch >= 70 else programs[one.channel]
        assert one.program == expected
        if one.pitch < 70:
            assert one.control(7) == 50 + expected


@pytest.mark.parametrize("rewrite", [True, False])
def test_two_tracks_in_one_channel_have_their_own_notes_back(rewrite):
    data = file(
        [program(0, 33), *quarters(0, 4, pitch=40)], [program(0, 33), *quarters(0, 4, pitch=52)]
    )
    whole = rewritten(data, 1, 2, only=[1]) if rewrite else continued(data, only=[1])
    assert len(read_midi(whole).tracks) == 2
    assert not hanging(whole)


def _tracks(data):
    return mido.MidiFile(file=io.BytesIO(data)).tracks


def _timed(data):
    now, timed = 0, []
    for message in _tracks(data)[0]:
        now += message.time
        timed.append((now, message.copy(time=0)))
    return timed


def test_what_the_file_itself_sets_after_the_bars_is_not_undone():
    """Two parts take turns in a channel; the later track's settings end with the bars."""

    def turns(number, bars):
        return [
            one
            for bar in bars
            for one in (
                program(bar * BAR, number),
                control(bar * BAR, 7, number),
                *quarters(bar, 1),
            )
        ]

    data = file(turns(20, (0, 2, 4)), turns(70, (1, 3)))
    new = read_midi(file([program(0, 20), *quarters(0, 1, pitch=64)])).tracks
    score = Score(480, new, (Tempo(0, 120.0),), (TimeSignature(0, 4, 4),), BAR)
    whole = replace_notes(
        read_file(data), score, first_bar=3, last_bar=4, again=[0, 1], track_of=[0]
    )
    for one in played(whole, 3 * BAR):
        assert (one.program, one.control(7)) == (20, 20)


@pytest.mark.parametrize("is_apart", [False, True])
def test_a_part_that_moves_has_its_sound_behind_a_reset_in_the_bars(is_apart):
    at = BAR + 2 * QUARTER + QUARTER // 2
    reset = [sysex(at, *GM_ON), program(at, 30), control(at, 7, 60)]
    turns = [
        one
        for bar in range(4)
        for one in (
            program(bar * BAR, 30 if bar == 1 else 20),
            control(bar * BAR, 7, 70),
            *quarters(bar, 1, 62 if bar == 1 else 50),
        )
    ]
    data = file(turns, reset) if is_apart else file([*turns, *reset])
    programs = [track.program for track in read_file(data).score.tracks]
    whole = rewritten(data, 1, 2, only=[programs.index(20)])
    new = [one for one in played(whole) if one.pitch == 50 and one.tick // BAR == 1]
    assert len(new) == 4
    assert {(one.program, one.control(7)) for one in new} == {(20, 70)}
    old = [one for one in played(whole) if one.pitch == 62]
    assert [(one.program, one.control(7)) for one in old] == [(30, 70)] * 3 + [(30, 60)]
