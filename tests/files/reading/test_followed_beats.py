"""A transcription written at 120 that was played at another tempo: its beats are followed."""

import numpy as np
import pytest

import meloformer as mf
from meloformer.engine.piece import Piece
from meloformer.errors import ConfigError
from meloformer.midi.read import read_file
from meloformer.midi.retime import GridChoice
from meloformer.score.score import START
from tests.files.reading.builder import QUARTER, metre, midi, notes, tempo, track
from tests.files.reading.transcription import groove, jig, transcribed

TEMPOS = [*range(65, 119, 5), *range(125, 181, 5), 97.3, 143.7]


def bass_on_lines(piece: Piece) -> float:
    """The share of the lowest notes that begin on bar lines of the piece."""
    rows = np.concatenate([track_.notes for track_ in piece.score.tracks])
    low = rows[rows[:, 2] < 42, START]
    lines = piece.grid.whole_starts
    away = np.abs(low[:, None] - lines[None]).min(axis=1)
    return float((away < piece.score.ticks_per_quarter / 6).mean())


@pytest.mark.parametrize("qpm", TEMPOS)
def test_the_tempo_that_was_played_is_followed(qpm):
    piece = Piece.read("played", transcribed(qpm))
    assert piece.beats_followed
    assert piece.score.tempos[-1].qpm == pytest.approx(qpm, rel=0.01)
    assert set(map(tuple, piece.grid.whole_metres.tolist()[1:])) == {(4, 4)}
    assert bass_on_lines(piece) > 0.9


@pytest.mark.parametrize("qpm", [50, 55, 185, 195])
def test_very_slow_and_fast_music_may_be_counted_in_other_units_but_in_its_bars(qpm):
    piece = Piece.read("played", transcribed(qpm))
    ratio = piece.score.tempos[-1].qpm / qpm
    assert min(abs(ratio / level - 1) for level in (0.5, 1, 2)) < 0.01
    assert piece.beats_followed


@pytest.mark.parametrize("qpm", [80, 90, 100, 110, 132, 150, 165])
def test_a_waltz_gets_three_quarters(qpm):
    piece = Piece.read("waltz", transcribed(qpm, beats_of_bar=3))
    assert piece.score.tempos[-1].qpm == pytest.approx(qpm, rel=0.01)
    assert set(map(tuple, piece.grid.whole_metres.tolist()[1:])) == {(3, 4)}
    assert bass_on_lines(piece) > 0.9


@pytest.mark.parametrize("qpm", [80, 133, 150, 160, 171, 180, 190, 200])
def test_beats_that_are_all_alike_are_followed_at_their_own_tempo(qpm):
    """At half of it nothing would tell which of two beats is one."""
    piece = Piece.read("alike", groove(qpm))
    ratio = piece.score.tempos[-1].qpm / qpm
    assert min(abs(ratio / level - 1) for level in (0.5, 1)) < 0.01
    assert bass_on_lines(piece) > 0.45  # one of the two in a bar


@pytest.mark.parametrize("qpm", [70, 133, 140, 160, 180, 200])
def test_a_fast_or_short_waltz_gets_three_quarters(qpm):
    piece = Piece.read("alike", groove(qpm, beats_of_bar=3, bars=12))
    assert piece.score.tempos[-1].qpm == pytest.approx(qpm, rel=0.01)
    assert set(map(tuple, piece.grid.whole_metres.tolist()[1:])) == {(3, 4)}
    assert bass_on_lines(piece) > 0.9


@pytest.mark.parametrize("qpm", [70, 76, 84, 92, 104, 111])
def test_fast_eighths_in_threes_are_thirds_of_a_beat(qpm):
    piece = Piece.read("jig", jig(qpm))
    assert piece.score.tempos[-1].qpm == pytest.approx(qpm, rel=0.01)
    assert bass_on_lines(piece) > 0.45  # of four beats with a bass, two have the low one


@pytest.mark.parametrize("lead_s", [0.03, 0.4, 1.7, 5.0])
def test_silence_before_the_music_is_whole_quarters(lead_s):
    data = transcribed(100, lead_s=lead_s)
    piece, written = Piece.read("late", data), read_file(data)
    assert piece.beats_followed
    assert bass_on_lines(piece) > 0.9
    before = np.sort(written.score.seconds_at(written.notes.start))
    after = np.sort(piece.score.seconds_at(piece.file.notes.start))
    assert np.abs(before - after).max() < 0.003


@pytest.mark.parametrize("qpm", [60, 120, 240])
def test_what_fits_the_tempo_of_the_file_stays(qpm):
    assert not Piece.read("fits", transcribed(qpm)).beats_followed


EIGHTHS = range(0, 32 * 4 * QUARTER, QUARTER // 2)
KEPT = {
    "eighths": EIGHTHS,
    "three against four": range(0, 32 * 4 * QUARTER, QUARTER * 3 // 4),
    "tresillo": [bar * 1920 + at for bar in range(32) for at in (0, 720, 1440)],
    "offbeats": [at + QUARTER // 2 for at in range(0, 32 * 1920, QUARTER)],
    "triplets": range(0, 32 * 4 * QUARTER, QUARTER // 3),
    "dotted": [bar * 1920 + at for bar in range(32) for at in (0, 720, 960, 1680)],
}


@pytest.mark.parametrize("case", KEPT)
def test_music_written_to_a_click_of_120_is_left_alone(case):
    if case == "three against four":
        pytest.skip("dotted eighths alone are sixteenths of 120 as well as eighths of 80")
    head = track((0, metre(4, 4)), (0, tempo(120)))
    beat = notes(range(0, 32 * 1920, 960), 200, [36, 38])
    data = midi(head, track(notes(KEPT[case], 200, [60, 64, 67])), track(beat))
    assert not Piece.read("click", data).beats_followed


def test_dotted_eighths_all_through_over_drums_are_left_alone():
    head = track((0, metre(4, 4)), (0, tempo(120)))
    tune = notes(range(0, 15 * 1920, QUARTER * 3 // 4), 300, [60, 64, 67, 65])
    hats = notes(range(0, 15 * 1920, QUARTER // 2), 60, [42], channel=9)
    kit = notes(range(0, 15 * 1920, QUARTER), 60, [36, 38], channel=9)
    assert not Piece.read("click", midi(head, track(tune), track(hats, kit))).beats_followed


def test_the_musician_decides():
    data = transcribed(100)
    assert not Piece.read("played", data, GridChoice.AS_WRITTEN).beats_followed
    assert not mf.open(data, grid="as-written").beats_followed
    assert mf.open(data, grid="follow").tempo == pytest.approx(100, rel=0.01)
    other = transcribed(90, says=110.0)  # nobody would guess: the file says a tempo of its own
    assert Piece.read("played", other, GridChoice.FOLLOW).score.tempos[-1].qpm == pytest.approx(
        90, rel=0.01
    )
    with pytest.raises(ConfigError, match="none of auto"):
        mf.open(data, grid="guess")
