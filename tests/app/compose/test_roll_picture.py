import io
from itertools import pairwise

import pytest
from matplotlib.image import imread

from meloformer.app.compose.roll_picture import (
    MAX_ROWS,
    PicturePart,
    bar_number_step,
    draw_png,
    rows_of_bars,
)
from meloformer.score.general_midi import DRUM_NAMES, drum_name
from meloformer.score.piano_roll import NoteBox

PIANO, DRUMS = PicturePart(0, "Piano", "#0072B2"), PicturePart(1024, "Drums", "ink", True)


def bars(number, quarters=4.0):
    return [bar * quarters for bar in range(number + 1)]


def size(png):
    height, width = imread(io.BytesIO(png)).shape[:2]
    return width, height


def drawn(number, *, parts=(PIANO, DRUMS), drums=(36, 38, 42)):
    notes = [NoteBox(0, 4.0 * bar, 2.0, 60 + bar % 12, 90) for bar in range(number)]
    notes += [NoteBox(1024, 4.0 * bar, 0.1, key, 90) for bar in range(number) for key in drums]
    return draw_png(notes, [], list(parts), bars(number), stretch=None, title="A $piece$")


@pytest.mark.parametrize("number", [1, 3, 12, 13, 100, 3000])
def test_rows_hold_all_bars_in_order_and_are_few(number):
    rows = rows_of_bars(bars(number))
    assert rows[0][0] == 0
    assert rows[-1][1] == number
    assert all(before[1] == after[0] for before, after in pairwise(rows))
    assert len(rows) <= MAX_ROWS


def test_rows_begin_with_phrases():
    assert [first for first, _ in rows_of_bars(bars(30))] == [0, 12, 24]


@pytest.mark.parametrize("num_bars", [1, 12, 42, 125, 400])
def test_numbers_of_bars_do_not_touch(num_bars):
    shown = num_bars / bar_number_step(num_bars)
    assert shown * 0.4 <= 14


def test_long_pieces_grow_down_and_not_across():
    (short, low), (long, high) = size(drawn(8)), size(drawn(200))
    assert short == long
    assert high > 3 * low


def test_drums_have_a_line_each_and_no_pitches():
    few, many = size(drawn(8, drums=(36,))), size(drawn(8, drums=range(36, 52)))
    assert many[1] > few[1] + 150


def test_a_piece_of_nothing_but_drums_and_an_empty_one_are_drawn():
    assert drawn(4, parts=[DRUMS])
    assert draw_png([], [], [], bars(4), stretch=(4.0, 8.0), title="")


def test_drums_have_their_names():
    assert (drum_name(36), drum_name(38), drum_name(46)) == ("Kick", "Snare", "Open hi-hat")
    assert drum_name(3) == "Drum 3"
    assert drum_name(27 + len(DRUM_NAMES)) == "Drum 88"
    assert len(set(DRUM_NAMES)) == len(DRUM_NAMES)
