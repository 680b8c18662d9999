"""Pickups that notation programs write from tick 0 on, under the metre of the piece."""

import numpy as np
import pytest

from meloformer.app.compose.facts import facts
from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest, parse_bars
from meloformer.midi.blank import OPENING
from meloformer.midi.read import read_file
from meloformer.midi.text_events import with_text
from meloformer.score import read_midi
from tests.files.reading.builder import QUARTER, meta, metre, midi, note, track
from tests.files.reading.written import candidate_of, joined

LILYPOND = (0, meta(0x01, b"GNU LilyPond 2.24.3          "))
METRES = [(4, 4), (3, 4), (6, 8), (2, 2)]
PICKUPS = [QUARTER // 2, QUARTER]
EIGHTH = QUARTER // 2


def song(of: tuple[int, int], pickup: int, *, bars: int = 12, short_end: bool = False) -> bytes:
    """A tune over a bass: long notes begin bars, and the bass plays on every bar line."""
    length = of[0] * 4 * QUARTER // of[1]
    tune = [note(at, EIGHTH, 67) for at in range(0, pickup, EIGHTH)]
    low = []
    for bar in range(bars):
        at = pickup + bar * length
        end = at + length - (pickup if short_end and bar == bars - 1 else 0)
        tune.append(note(at, QUARTER, 72 + bar % 3))
        tune += [note(t, EIGHTH, 69 + t // EIGHTH % 4) for t in range(at + QUARTER, end, EIGHTH)]
        low.append(note(at, end - at, 48 - bar % 4))
    flat = [[message for one in part for message in one] for part in (tune, low)]
    return midi(track((0, metre(*of))), track(flat[0]), track(flat[1]))


@pytest.mark.parametrize("short_end", [False, True])
@pytest.mark.parametrize("pickup", PICKUPS)
@pytest.mark.parametrize("of", METRES)
def test_a_hidden_pickup_is_bar_0(of, pickup, short_end):
    piece = Piece.read("song", song(of, pickup, short_end=short_end))
    length = of[0] * 4 * QUARTER // of[1]
    lines = [0, *range(pickup, pickup + 12 * length + 1, length)]
    assert piece.grid.whole_starts.tolist() == lines
    assert (piece.first_number, piece.last_number, piece.num_bars) == (0, 12, 13)
    assert "12 bars and a pickup" in facts(piece)


@pytest.mark.parametrize("of", METRES)
def test_what_was_written_from_nothing_begins_with_a_whole_bar(of):
    piece = Piece.read("song", with_text(song(of, QUARTER), OPENING))
    assert (piece.first_number, int(piece.grid.whole_starts[0])) == (1, 0)
    assert piece.grid.whole_starts[1] == of[0] * 4 * QUARTER // of[1]


@pytest.mark.parametrize("of", METRES)
def test_without_a_pickup_nothing_moves(of):
    piece = Piece.read("song", song(of, 0))
    assert (piece.first_number, piece.num_bars) == (1, 12)


def test_a_plain_tune_of_a_program_that_hides_pickups_goes_by_its_length():
    def tune(pickup: int, *head) -> bytes:
        notes = [m for at in range(0, 8 * 1920 + pickup, EIGHTH) for m in note(at, EIGHTH, 60)]
        return midi(track([(0, metre(4, 4)), *head], notes))

    assert Piece.read("tune", tune(EIGHTH, LILYPOND)).first_number == 0
    assert Piece.read("tune", tune(0, LILYPOND)).first_number == 1
    assert Piece.read("tune", tune(EIGHTH)).first_number == 1  # nothing speaks for it


@pytest.mark.parametrize("of", METRES)
def test_it_goes_on_at_the_bar_line_with_the_last_note_whole(of):
    piece = Piece.read("song", song(of, EIGHTH))
    request = ContinueRequest(num_bars=2)
    length = of[0] * 4 * QUARTER // of[1]
    longer = joined(piece, request)
    old = np.concatenate([t.notes for t in piece.score.tracks])
    new = np.concatenate([t.notes for t in read_midi(longer).tracks])
    seam = EIGHTH + 12 * length
    assert sorted(map(tuple, new[new[:, 0] < seam].tolist())) == sorted(map(tuple, old.tolist()))
    again = read_file(longer, pickup_ticks=piece.file.pickup_ticks)
    assert again.grid.num_whole_bars == 15


def test_bars_are_counted_from_the_pickup_on():
    piece = Piece.read("song", song((4, 4), QUARTER))
    assert parse_bars("1-2", piece.first_number) == (1, 3)
    after_pickup = ContinueRequest(num_bars=1, from_bar=1)
    assert candidate_of(piece, after_pickup).score.end_tick == 48
    assert candidate_of(piece, ContinueRequest(num_bars=1)).score.end_tick == 48


def test_a_metre_after_the_pickup_says_where_its_bar_line_is():
    length = 4 * QUARTER
    notes = [m for bar in range(8) for m in note(QUARTER + bar * length, length, 60)]
    waltz = QUARTER + 8 * length
    notes += [m for bar in range(4) for m in note(waltz + bar * 1440, 1440, 60)]
    head = [(0, metre(4, 4)), (waltz, metre(3, 4))]
    piece = Piece.read("song", midi(track(head), track(note(0, QUARTER, 67), notes)))
    assert piece.grid.whole_starts[:3].tolist() == [0, QUARTER, QUARTER + length]
    assert piece.grid.whole_starts[9:11].tolist() == [waltz, waltz + 1440]


def hymn(pickup: int, *, shift: int = 0) -> bytes:
    """Four voices in quarters; every other bar begins with a half note, and the last is long."""
    moments = [(at, QUARTER) for at in range(0, pickup, QUARTER)]
    for bar in range(16):
        at = pickup + bar * 4 * QUARTER
        if bar == 15:
            moments.append((at, 4 * QUARTER - pickup))
        elif bar % 2:
            moments += [(at, 2 * QUARTER)] + [(at + i * QUARTER, QUARTER) for i in (2, 3)]
        else:
            moments += [(at + i * QUARTER, QUARTER) for i in range(4)]
    voices = [
        [m for at, length in moments for m in note(at + shift, length - shift, pitch)]
        for pitch in (48, 55, 64, 72)
    ]
    return midi(track((0, metre(4, 4))), *map(track, voices))


@pytest.mark.parametrize("shift", [0, 1])
@pytest.mark.parametrize("pickup", [0, QUARTER])
def test_the_last_chord_tells_where_bars_begin(pickup, shift):
    piece = Piece.read("hymn", hymn(pickup, shift=shift))
    assert piece.first_number == (0 if pickup else 1)
    assert piece.grid.whole_starts[1] == (pickup or 4 * QUARTER)
