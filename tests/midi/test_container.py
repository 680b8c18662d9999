import io

import mido
import pytest

from meloformer.errors import MidiError
from meloformer.midi.container import MAX_BYTES, MAX_CHUNKS, read_container, unwrap
from meloformer.midi.events import END_OF_TRACK, META, read_events
from tests.midi.hostile import (
    END,
    NOTE,
    READABLE,
    TUNE,
    WHOLE,
    container,
    meta,
    off,
    on,
    program,
    track,
)


@pytest.mark.parametrize("kind", ["a RIFF wrapper", "a MacBinary prefix"])
def test_wrappers_come_off(kind):
    assert unwrap(READABLE[kind][0]) == WHOLE


def test_a_wrapper_is_looked_into_no_further_than_a_file():
    empty = b"LIST\x00\x00\x00\x00"
    payload = b"data" + len(WHOLE).to_bytes(4, "little") + WHOLE
    riff = b"RIFF\x00\x00\x00\x00RMID"
    assert unwrap(riff + empty * (MAX_CHUNKS - 1) + payload) == WHOLE
    with pytest.raises(MidiError, match="holds no MIDI data"):
        unwrap(riff + empty * MAX_CHUNKS + payload)
    with pytest.raises(MidiError, match="at most 5 MB are read"):
        read_container(riff + payload + bytes(MAX_BYTES))


def test_a_well_formed_file_is_put_together_as_it_was():
    foreign = b"XFIH\x00\x00\x00\x04abcd"
    for data in [WHOLE, container(TUNE, file_format=0), container(TUNE, TUNE, foreign, count=2)]:
        assert read_container(data).to_bytes() == data


@pytest.mark.parametrize("data", [data for data, _ in READABLE.values()], ids=READABLE.keys())
def test_a_repaired_file_is_repaired_for_good(data):
    repaired = read_container(data).to_bytes()
    assert read_container(repaired).to_bytes() == repaired


def test_wrong_lengths_lose_no_track():
    data = container(track(*NOTE, END, length=1 << 31), track(*NOTE, END, length=3), TUNE)
    assert read_container(data).to_bytes() == container(track(*NOTE, END), track(*NOTE, END), TUNE)


@pytest.mark.parametrize(
    ("division", "ticks_per_quarter", "ticks_per_second"),
    [(480, 480, None), (0xE728, 500, 1000.0), (0xE804, 48, 96.0), (0xE350, 1199, 2397.6)],
)
def test_an_smpte_clock_is_read_as_quarters_at_120(division, ticks_per_quarter, ticks_per_second):
    smf_file = read_container(container(TUNE, division=division))
    assert smf_file.ticks_per_quarter == ticks_per_quarter
    if ticks_per_second is not None:
        assert smf_file.ticks_per_second == pytest.approx(ticks_per_second, rel=1e-5)


def test_a_clock_that_stands_still_is_refused():
    with pytest.raises(MidiError, match="0 ticks per quarter"):
        read_container(container(TUNE, division=0))


def test_messages_are_those_that_mido_reads():
    data = container(
        track(
            (0, meta(3, b"One")),
            (0, meta(0x51, b"\x07\xa1\x20")),
            (300, program(5, 3)),
            (0, b"\x06"),
            (0, on(60)),
            (70_000, b"\x3c\x00"),
            (1, b"\xe2\x00\x40"),
            (2, b"\x01\x41"),
            (0, b"\xf0\x05\x7e\x7f\x09\x01\xf7"),
            (0, b"\xd1\x22"),
            (0, b"\xa1\x22\x23"),
            END,
        ),
        track((5, on(61, channel=9)), (1 << 21, off(61, 9)), (0, meta(1, bytes(200))), END),
    )
    events = read_events(read_container(data))
    expected = [
        (index, tick, message.bytes())
        for index, messages in enumerate(mido.MidiFile(file=io.BytesIO(data)).tracks)
        for tick, message in zip(_ticks(messages), messages, strict=True)
    ]
    assert [(int(t), int(tick)) for t, tick in zip(events.track, events.tick, strict=True)] == [
        (index, tick) for index, tick, _ in expected
    ]
    for index, (_, _, message) in enumerate(expected):
        assert events.status[index] == message[0]
        written = events.buffer[events.message[index] : events.end[index]]
        # Running status and mido's own form of system exclusive leave out bytes at the front.
        assert bytes(message).endswith(written[-2:])
        if message[0] < 0xF0:
            assert events.data1[index] == message[1]
            assert list(message[2:]) in ([], [events.data2[index]])


def _ticks(messages: mido.MidiTrack) -> list[int]:
    now = 0
    ticks = []
    for message in messages:
        now += message.time
        ticks.append(now)
    return ticks


def test_the_bytes_of_messages_follow_each_other():
    events = read_events(read_container(container(TUNE, TUNE)))
    assert events.begin[1:].tolist() == events.end[:-1].tolist()
    assert events.begin[0] == 0
    assert events.end[-1] == len(events.buffer)


def test_a_track_ends_at_its_end_of_track():
    events = read_events(read_container(container(track(*NOTE, END, *NOTE, END), TUNE)))
    ends = (events.status == META) & (events.data1 == END_OF_TRACK)
    assert events.track.tolist() == [0, 0, 0, 1, 1, 1, 1, 1]
    assert ends.tolist() == [False, False, True, False, False, False, False, True]
