"""Silent bars at the end: they count where the file says so, and new music begins after them."""

import pytest

from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest
from meloformer.score import read_midi
from tests.files.reading.builder import QUARTER, metre, midi, notes, track
from tests.files.reading.written import joined

BAR = 4 * QUARTER


def loop(sounding: int, end: int) -> bytes:
    """Bars of quarters, and the end of the track."""
    starts = range(0, sounding * BAR, QUARTER)
    return midi(track((0, metre(4, 4))), track(notes(starts, QUARTER // 2, [48, 55]), end=end))


@pytest.mark.parametrize("beside", [-1, 0, 1])
@pytest.mark.parametrize(("sounding", "bars"), [(3, 4), (1, 8), (4, 4), (2, 16)])
def test_a_loop_is_as_long_as_its_file_says(sounding, bars, beside):
    piece = Piece.read("loop", loop(sounding, bars * BAR + beside))
    assert piece.num_bars == bars
    assert piece.score.end_tick == bars * BAR


def test_new_music_begins_after_the_bar_of_rests():
    piece = Piece.read("loop", loop(3, 4 * BAR))
    longer = read_midi(joined(piece, ContinueRequest(num_bars=2)))
    starts = [int(t) for track_ in longer.tracks for t in track_.notes[:, 0]]
    assert not [t for t in starts if 3 * BAR <= t < 4 * BAR]
    assert [t for t in starts if t >= 4 * BAR]
    assert Piece.read("longer", joined(piece, ContinueRequest(num_bars=2))).num_bars == 6


@pytest.mark.parametrize("end", [4 * BAR + QUARTER, 400 * BAR, 1 << 27])
def test_an_end_between_bar_lines_or_far_away_says_nothing(end):
    assert Piece.read("loop", loop(3, end)).num_bars == 3
