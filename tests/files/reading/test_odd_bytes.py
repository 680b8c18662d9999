"""Odd bytes that some programs write: long times, a clock of 16 bits, all notes off."""

import io

import mido
import numpy as np
import pytest

from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest, RewriteRequest
from meloformer.midi.container import read_container
from meloformer.midi.read import read_file
from meloformer.score import read_midi
from tests.files.reading.builder import QUARTER, control, meta, midi, note, notes, sysex, track
from tests.files.reading.written import joined

ON, OFF = b"\x90\x3c\x50", b"\x80\x3c\x00"


@pytest.mark.parametrize(
    ("delta", "ticks"),
    [(b"\x80\x80\x80\x83\x60", 480), (b"\x80\x80\x80\x80\x00", 0), (b"\x8f\xff\xff\xff\x7f", 0)],
    ids=["padded", "padded nothing", "minus one"],
)
def test_a_time_of_five_bytes_is_read(delta, ticks):
    body = delta + ON + b"\x83\x60" + OFF + b"\x00" + ON + b"\x83\x60" + OFF
    data = midi(body + b"\x00" + meta(0x2F))
    assert read_midi(data).tracks[0].notes[:, 0].tolist() == [ticks, ticks + 480]
    whole = joined(Piece.read("long", data), ContinueRequest(num_bars=1))
    times = [m.time for t in mido.MidiFile(file=io.BytesIO(whole)).tracks for m in t]
    assert max(times) < 1 << 28
    assert read_file(whole).events.is_standard


@pytest.mark.parametrize("division", [0xD890, 0x9C40, 0xFFFF])
def test_a_clock_word_that_is_no_frame_rate_is_ticks_of_a_quarter(division):
    assert read_container(midi(track(), division=division)).ticks_per_second is None
    tune = track(notes(range(0, 8 * division, division), division, [60, 62]))
    read = Piece.read("fine", midi(tune, division=division))
    assert read.score.ticks_per_quarter == division
    assert read.num_bars == 2
    assert read.score.duration_s == pytest.approx(4.0)


@pytest.mark.parametrize("division", [0xE728, 0xE250, 0xE301, 0xE808])
def test_frame_rates_stay_frame_rates(division):
    assert read_container(midi(track(), division=division)).ticks_per_second is not None


@pytest.mark.parametrize("number", [120, 123, 124, 127])
def test_all_notes_off_ends_notes(number):
    events = [(0, ON), (0, b"\x90\x40\x50"), (QUARTER, control(number, 0))]
    events += note(3 * QUARTER, QUARTER, 67)
    data = midi(track(events, end=8 * QUARTER))
    assert read_midi(data).tracks[0].notes[:, 1].tolist() == [QUARTER] * 3


def test_it_ends_those_of_its_channel_that_sound_and_no_others():
    events = [*note(0, 4 * QUARTER, 60), *note(0, 4 * QUARTER, 62, channel=1)]
    events += [(2 * QUARTER, control(123, 0)), *note(2 * QUARTER, QUARTER, 64)]
    by_pitch = {n[2]: n[1] for t in read_midi(midi(track(events))).tracks for n in t.notes.tolist()}
    assert by_pitch == {60: 2 * QUARTER, 62: 4 * QUARTER, 64: QUARTER}


def test_what_is_written_again_leaves_no_note_of_it_behind():
    events = [e for bar in range(4) for e in note(bar * 1920, 1800, 60)]
    data = midi(track(events, [(bar * 1920 + 960, control(123, 0)) for bar in range(4)]))
    piece = Piece.read("off", data)
    again = read_midi(joined(piece, RewriteRequest(first_bar=1, last_bar=2))).tracks[0].notes
    kept = again[(again[:, 0] < 1920) | (again[:, 0] >= 3840)]
    assert np.array_equal(kept[:, :2], [[0, 960], [3840, 960], [5760, 960]])


@pytest.mark.parametrize("between", [meta(0x05, b"la"), sysex(0x7E, 0x7F, 9, 1, 0xF7)])
def test_a_status_left_out_behind_another_message_is_written_out_for_other_programs(between):
    body = b"\x00" + ON + b"\x83\x60\x3c\x00\x00" + between
    body += b"".join(b"\x00\x3e\x50\x83\x60\x3e\x00" for _ in range(7))
    data = midi(body + b"\x00" + meta(0x2F))
    assert read_midi(data).tracks[0].notes[:, 2].tolist() == [60] + [62] * 7
    whole = joined(Piece.read("running", data), ContinueRequest(num_bars=1))
    own = mido.MidiFile(file=io.BytesIO(whole)).tracks[0]
    assert [m.note for m in own if m.type == "note_on" and m.velocity][:8] == [60] + [62] * 7
