"""Metres of more than eight quarters: bars are those of the file, wherever they are counted."""

import io

import mido
import numpy as np
import pytest

from meloformer.app.compose.facts import facts
from meloformer.engine.export import continuation_alone
from meloformer.engine.instrumentation import as_there
from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest, RewriteRequest
from meloformer.score import quantise, read_midi
from meloformer.tokens import decode
from tests.files.reading.builder import QUARTER, metre, midi, notes, track
from tests.files.reading.written import bars_of, candidate_of, joined

METRES = [(9, 4), (10, 4), (12, 4), (5, 2), (7, 2), (24, 8), (4, 1), (2, 1), (4, 4)]


def ticks(numerator: int, denominator: int) -> int:
    return numerator * 4 * QUARTER // denominator


def six_bars(numerator: int, denominator: int) -> bytes:
    """Quarters all through six bars, with the metre said at the start."""
    starts = range(0, 6 * ticks(numerator, denominator), QUARTER)
    head = track((0, metre(numerator, denominator)))
    return midi(head, track(notes(starts, QUARTER, [60, 64, 67])))


@pytest.mark.parametrize("of", METRES)
def test_six_bars_are_six_in_the_metre_of_the_file(of):
    piece = Piece.read("long", six_bars(*of))
    assert piece.num_bars == piece.encoding.num_bars == 6
    assert np.diff(piece.grid.whole_starts).tolist() == [ticks(*of)] * 6
    assert set(map(tuple, piece.grid.whole_metres.tolist())) == {of}
    said = facts(piece)
    assert f"{of[0]}/{of[1]}" in said
    assert "6 bars" in said
    assert piece.bar_quarters(2) == 2 * ticks(*of) / QUARTER


@pytest.mark.parametrize("of", METRES)
def test_tokens_may_split_bars_and_lose_nothing(of):
    score = read_midi(six_bars(*of))
    piece = Piece.read("long", six_bars(*of))
    assert decode(piece.encoding.ids) == quantise(score)
    assert piece.grid.bar_ticks.max() <= 96


@pytest.mark.parametrize("of", METRES)
def test_bars_asked_for_are_bars_of_the_file_and_no_other_metre_is_written(of):
    data = six_bars(*of)
    piece, request = Piece.read("long", data), ContinueRequest(num_bars=3, chords=(0, 40))
    made = bars_of(piece, request)
    assert [bar.bar for bar in made] == [1, 2, 3]
    assert {bar.num_bars for bar in made} == {3}
    assert len(made[-1].so_far.chords) == 3
    assert made[-1].so_far.chords[0] == made[-1].so_far.chords[2] == "C"
    longer = joined(piece, request)
    again = Piece.read("longer", longer)
    assert again.grid.whole_metres.tolist() == [list(of)] * again.num_bars
    assert read_midi(longer).time_signatures == piece.score.time_signatures
    messages = [m for t in mido.MidiFile(file=io.BytesIO(longer)).tracks for m in t]
    assert len([m for m in messages if m.type == "time_signature"]) == 1
    alone = read_midi(continuation_alone(piece, request, made[-1].so_far))
    assert [(s.numerator, s.denominator) for s in alone.time_signatures] == [of]
    assert made[-1].so_far.score.end_tick == 3 * ticks(*of) * 12 // QUARTER
    end = max(sum(m.time for m in t) for t in mido.MidiFile(file=io.BytesIO(longer)).tracks)
    assert end == 9 * ticks(*of)


@pytest.mark.parametrize("of", METRES)
def test_it_goes_on_after_any_bar(of):
    piece = Piece.read("long", six_bars(*of))
    request = ContinueRequest(num_bars=1, from_bar=2)
    new = candidate_of(piece, request).score
    assert new.end_tick == ticks(*of) * 12 // QUARTER
    kept = read_midi(joined(piece, request)).tracks[0].notes
    before = piece.score.tracks[0].notes
    before = before[before[:, 0] < 2 * ticks(*of)]
    assert np.array_equal(kept[: len(before), 0], before[:, 0])


@pytest.mark.parametrize("of", METRES)
def test_bars_written_again_are_bars_of_the_file(of):
    piece = Piece.read("long", six_bars(*of))
    request = RewriteRequest(first_bar=2, last_bar=4)
    made = bars_of(piece, request)
    assert [bar.bar for bar in made] == [1, 2]
    notes_ = read_midi(joined(piece, request)).tracks[0].notes
    outside = piece.score.tracks[0].notes
    outside = outside[(outside[:, 0] < 2 * ticks(*of)) | (outside[:, 0] >= 4 * ticks(*of))]
    stay = notes_[(notes_[:, 0] < 2 * ticks(*of)) | (notes_[:, 0] >= 4 * ticks(*of))]
    assert np.array_equal(outside, stay)
    assert [request.part for request in as_there(piece.encoding, 2, 4)] == list(piece.parts)
    alone = read_midi(continuation_alone(piece, request, made[-1].so_far))
    assert [(s.numerator, s.denominator) for s in alone.time_signatures] == [of]


def test_a_change_of_metre_cuts_a_long_bar_and_names_what_is_left():
    head = track((0, metre(9, 4)), (16 * QUARTER, metre(4, 4)))
    data = midi(head, track(notes(range(0, 24 * QUARTER, QUARTER), QUARTER, [60])))
    grid = Piece.read("cut", data).grid
    assert grid.whole_metres.tolist() == [[9, 4], [7, 4], [4, 4], [4, 4]]
    assert (grid.whole_starts // QUARTER).tolist() == [0, 9, 16, 20, 24]


def test_a_metre_said_after_the_end_changes_nothing():
    head = track((0, metre(3, 4)), (100 * QUARTER, metre(4, 4)))
    data = midi(head, track(notes(range(0, 10 * QUARTER, QUARTER), QUARTER, [60])))
    assert Piece.read("waltz", data).grid.whole_metres.tolist() == [[3, 4]] * 4
