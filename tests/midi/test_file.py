from pathlib import Path

import pytest

from meloformer.midi.read import read_file, read_midi
from meloformer.score import bar_grid, parts_of

BAND = (Path("assets/examples") / "band.mid").read_bytes()


def test_bars_and_parts_are_those_of_the_score_and_found_once():
    file = read_file(BAND)
    assert file.score == read_midi(BAND)
    assert file.data is BAND
    assert file.grid.starts.tolist() == bar_grid(file.score).starts.tolist()
    assert file.grid is file.grid
    assert file.part_of_track == parts_of(file.score)
    assert file.part_of_track is file.part_of_track
    assert len(file.notes.voices) == len(file.score.tracks) == len(file.part_of_track)
    assert set(file.parts) == set(file.part_of_track)


def test_rests_after_the_last_note_are_bars_and_no_sound():
    plain = read_file(BAND)
    bar_ticks = int(plain.grid.starts[-1] - plain.grid.starts[-2])
    longer = read_file(BAND, end_tick=int(plain.grid.starts[-1]) + 2 * bar_ticks)
    assert longer.grid.num_bars == plain.grid.num_bars + 2
    assert longer.last_note_s == plain.last_note_s == pytest.approx(plain.score.duration_s)
    assert longer.score.duration_s > longer.last_note_s
    assert read_file(BAND, end_tick=1).score == plain.score
