"""Metres written a few ticks beside the bar line, and bars that would be slivers."""

import pytest

from meloformer.engine.piece import Piece
from meloformer.score import TimeSignature, read_midi
from tests.files.reading.builder import QUARTER, metre, midi, notes, track

BAR = 4 * QUARTER


def piece(*metres: tuple[int, bytes]) -> Piece:
    """Eight bars' worth of quarters."""
    tune = track(notes(range(0, 8 * BAR, QUARTER), QUARTER, [60, 62, 64]))
    return Piece.read("late", midi(track(*metres), tune))


@pytest.mark.parametrize("late", [-30, -1, 1, 3, 30, 59])
def test_a_metre_a_few_ticks_beside_the_bar_line_is_on_it(late):
    read = piece((0, metre(4, 4)), (2 * BAR + late, metre(3, 4)))
    assert read.score.time_signatures == (TimeSignature(0, 4, 4), TimeSignature(2 * BAR, 3, 4))
    lengths = (read.grid.whole_starts[1:] - read.grid.whole_starts[:-1]).tolist()
    assert lengths == [BAR] * 2 + [3 * QUARTER] * 8


@pytest.mark.parametrize("late", [1, 5])
def test_the_same_metre_said_twice_is_one(late):
    read = piece((0, metre(4, 4)), (late, metre(4, 4)), (BAR + late, metre(4, 4)))
    assert read.score.time_signatures == (TimeSignature(0, 4, 4),)
    assert read.num_bars == 8


@pytest.mark.parametrize("late", [1, 5])
def test_a_late_first_metre_is_that_of_the_first_bar(late):
    read = piece((late, metre(3, 4)))
    assert read.score.time_signatures == (TimeSignature(0, 3, 4),)
    assert piece((0, metre(4, 4)), (late, metre(3, 4))).score.time_signatures == (
        TimeSignature(0, 3, 4),
    )


def test_lateness_does_not_add_up():
    late = [(bar * BAR + bar, metre(4, 4) if bar % 2 else metre(2, 2)) for bar in range(8)]
    read = piece(*late)
    assert read.grid.whole_starts.tolist() == [bar * BAR for bar in range(9)]


def test_a_short_bar_that_is_meant_stays():
    data = midi(
        track((0, metre(4, 4)), (BAR, metre(1, 8)), (BAR + QUARTER // 2, metre(4, 4))),
        track(notes(range(0, 8 * BAR, QUARTER), QUARTER, [60])),
    )
    assert TimeSignature(BAR, 1, 8) in read_midi(data).time_signatures
