import io

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.midi.container import read_container
from meloformer.midi.events import read_events
from meloformer.midi.text_events import (
    find_texts,
    text_of,
    with_text,
    without_texts,
    without_texts_anywhere,
)
from meloformer.score import write_midi
from tests.midi.hostile import END, READABLE, TUNE, container, meta, off, on, track
from tests.strategies import scores

PREFIX = b"@IOurs "
TEXT = PREFIX + b"x" * 300


def ours(contents=b""):
    return meta(1, PREFIX + contents)


def ticks(data):
    events = read_events(read_container(data))
    return [(int(t), int(tick)) for t, tick in zip(events.track, events.tick, strict=True)]


@given(scores())
def test_what_is_put_in_is_found_first_and_taken_out_again_byte_for_byte(score):
    data = write_midi(score)
    whole = with_text(data, TEXT)
    events = read_events(read_container(whole))
    assert find_texts(events, PREFIX).tolist() == [0]
    assert text_of(events, 0) == TEXT
    assert without_texts(whole, PREFIX) == data == without_texts_anywhere(whole, PREFIX)
    first, *_ = mido.MidiFile(file=io.BytesIO(whole)).tracks[0]
    assert (first.type, first.time, first.text) == ("text", 0, TEXT.decode())


@pytest.mark.parametrize("data", [data for data, _ in READABLE.values()], ids=READABLE.keys())
def test_odd_files_stay_as_they_are(data):
    assert without_texts(data, PREFIX) is data
    written = read_container(data).to_bytes()
    assert without_texts(with_text(written, TEXT), PREFIX) == written


def test_texts_of_others_stay():
    data = container(track((0, meta(1, b"@LENGL")), (0, on(60)), (5, off(60)), END))
    assert without_texts(data, PREFIX) is data
    assert without_texts(with_text(data, TEXT), PREFIX) == data


def test_what_follows_a_text_keeps_its_tick_wherever_other_programs_moved_it():
    moved = track(
        (3, ours()),
        (4, ours(b"again")),
        (200, on(60)),
        (300, ours()),
        (40_000, off(60)),
        (0, ours()),
        (9, ours()),
        END,
    )
    foreign = b"XFIH\x00\x00\x00\x04abcd"
    data = container(TUNE, moved, TUNE, foreign, count=3)
    left = without_texts(data, PREFIX)
    assert left.endswith(foreign)
    assert PREFIX not in left
    events = read_events(read_container(data))
    gone = set(find_texts(events, PREFIX).tolist())
    assert ticks(left) == [one for row, one in enumerate(ticks(data)) if row not in gone]
    whole = read_container(data).tracks
    assert read_container(left).tracks[::2] == whole[::2]


def test_a_text_at_the_very_end_goes_without_a_trace():
    body = track((0, on(60)), (5, off(60)), (7, ours()))
    assert ticks(without_texts(container(body), PREFIX)) == [(0, 0), (0, 5)]


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_whatever_stands_beside_it_nothing_else_goes(before, after):
    data = container(track((0, meta(1, before)), (0, ours(b"?")), (0, meta(1, after)), END))
    left = without_texts(data, PREFIX)
    kept = [(0, meta(1, text)) for text in (before, after) if not text.startswith(PREFIX)]
    assert left == container(track(*kept, END))


def test_a_file_that_was_not_written_here_gets_no_text():
    with pytest.raises(ValueError, match="no track"):
        with_text(container(b"XFIH\x00\x00\x00\x00", TUNE), TEXT)


@pytest.mark.parametrize("damage", [b"\xff" * 9, b"\x80" * 9, b"\x00", b"\x7f", b""])
def test_a_damaged_text_at_the_front_takes_nothing_along(damage):
    opening = bytes((0, 0xFF, 1)) + damage + PREFIX
    body = opening + track(*[(0, on(60)), (5, off(60)), END])[8:]
    data = container(b"MTrk" + len(body).to_bytes(4, "big") + body)
    left = without_texts(data, PREFIX)
    assert left == data or PREFIX not in left
    short = container(b"MTrk" + (4).to_bytes(4, "big") + body)
    assert without_texts(short, PREFIX)


def test_rows_of_texts_are_rows():
    events = read_events(read_container(container(TUNE)))
    assert find_texts(events, PREFIX).dtype == np.int64
    assert len(find_texts(events, PREFIX)) == 0
