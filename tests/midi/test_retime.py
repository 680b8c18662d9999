import numpy as np

from meloformer.midi.read import read_file
from meloformer.midi.retime import follow_beats, retime
from meloformer.score import (
    Score,
    Tempo,
    TimeSignature,
    bar_grid,
    read_midi,
    write_midi,
)
from meloformer.score.beat_grid import is_free
from meloformer.score.score import START
from tests.corpus.small_corpus import small_score
from tests.midi.free_recording import played_freely


def test_a_free_recording_sounds_the_same_on_its_grid() -> None:
    score = played_freely()
    data = write_midi(score)
    assert is_free(score)
    file = read_file(data)
    followed = follow_beats(file)
    assert followed is not file
    assert followed.data != data
    on_grid = followed.score
    assert not is_free(on_grid)
    assert len(on_grid.tempos) > 1
    before, after = (
        np.sort(one.seconds_at(one.tracks[0].notes[:, START])) for one in (score, on_grid)
    )
    assert np.abs(before - after).max() < 0.002
    assert on_grid.tracks[0].name == "keys"
    onset = on_grid.tracks[0].notes[:, START] / on_grid.ticks_per_quarter * 2
    assert (np.abs(onset - np.round(onset)) < 0.15).mean() > 0.9
    assert bar_grid(on_grid).num_bars in (24, 25)


def test_music_that_keeps_time_stays_as_it_is() -> None:
    file = read_file(write_midi(small_score(1, 20)))
    assert follow_beats(file) is file


def test_every_message_moves_with_its_second() -> None:
    score = small_score(2, 12)
    file = read_file(write_midi(score))
    read = file.score
    faster = Score(96, (), (Tempo(0, 90.0), Tempo(96 * 8, 140.0)), (TimeSignature(0, 3, 4),), 0)
    moved = read_midi(retime(file, faster))
    assert [round(tempo.qpm, 3) for tempo in moved.tempos] == [90.0, 140.0]
    assert moved.time_signatures == faster.time_signatures
    for old, new in zip(read.tracks, moved.tracks, strict=True):
        assert (old.name, old.program, old.is_drum) == (new.name, new.program, new.is_drum)
        old_s, new_s = read.seconds_at(old.notes[:, START]), moved.seconds_at(new.notes[:, START])
        assert np.abs(np.sort(old_s) - np.sort(new_s)).max() < 0.01


def test_seconds_and_ticks_are_inverse() -> None:
    score = Score(480, (), (Tempo(0, 60.0), Tempo(960, 133.0)), (TimeSignature(0, 4, 4),), 4000)
    ticks = np.arange(0, 4000, 7)
    assert np.array_equal(score.ticks_at(score.seconds_at(ticks)), ticks)
