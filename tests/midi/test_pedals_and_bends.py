from meloformer.midi import pedals_and_bends as module
from meloformer.midi.pedals_and_bends import pedals_and_bends
from meloformer.midi.read import read_file
from tests.midi.hostile import END, container, control, track
from tests.midi.test_instruments import notes


def bend(value: int, channel: int = 0) -> bytes:
    return bytes((0xE0 | channel, (value + 8192) & 0x7F, (value + 8192) >> 7))


def said(data: bytes) -> list[tuple[int, bool, float]]:
    return [(one.tick, one.pedal, one.value) for one in pedals_and_bends(read_file(data))]


def test_a_pedal_counts_where_it_goes_down_or_up():
    pedal = [(10, control(64, value)) for value in (20, 64, 127, 63, 0, 90)]
    assert said(container(track(*pedal, *notes(0), END))) == [
        (20, True, 1),
        (40, True, 0),
        (60, True, 1),
    ]


def test_bends_are_in_semitones_of_the_range_that_is_set():
    wide = [(0, control(101, 0)), (0, control(100, 0)), (0, control(6, 12))]
    bends = [(0, bend(-8192)), (10, bend(10)), (10, bend(0))]
    assert said(container(track(*bends, *notes(0), END))) == [(0, False, -2), (10, False, 0)]
    assert said(container(track(*wide, *bends, *notes(0), END)))[0] == (0, False, -12)


def test_drums_have_none_and_a_spread_part_has_no_bends():
    drums = [(0, control(64, 127, 9)), (0, bend(4096, 9)), *notes(9, 38)]
    assert said(container(track(*drums, END))) == []
    zone = [(0, control(101, 0)), (0, control(100, 6)), (0, control(6, 2)), (0, control(64, 127))]
    bent = [(0, bend(4096, 1)), *notes(1), (0, bend(0, 2)), *notes(2)]
    assert said(container(track(*zone, *bent, END))) == []


def test_of_too_many_the_bends_are_left_out_first(monkeypatch):
    monkeypatch.setattr(module, "MAX_MESSAGES", 3)
    moves = [(10, control(64, 127)), *((10, bend(1000 * step)) for step in range(1, 5))]
    assert said(container(track(*moves, *notes(0), END))) == [(10, True, 1)]
