import subprocess
import sys

import numpy as np
import pytest
from hypothesis import example, given

from experiments.beats import by_pitch, distances_kept, f_measure, f_measure_any_level, perform
from meloformer.errors import MidiError
from meloformer.score import (
    Score,
    Tempo,
    TimeSignature,
    Track,
    bar_grid,
    note_array,
    quantise,
    read_midi,
    write_midi,
)
from meloformer.score.beat_grid import is_free, on_beat_grid
from tests.score.performances import QUARTER, STRAIGHT, SWUNG, TRIPLETS, band, noise
from tests.strategies import scores


def note_seconds(score: Score) -> np.ndarray:
    """Start and end of each note, in an order that no change of ticks changes. (N, 2)"""
    rows = []
    for number, track in enumerate(score.tracks):
        start, duration, pitch, _ = track.notes.T.astype(np.int64)
        begin, end = score.seconds_at(start), score.seconds_at(start + duration)
        rows.append(np.stack([np.full(len(start), number), pitch, begin, end], axis=1))
    table = np.concatenate(rows)
    # Ends are ordered apart: notes that begin at one tick may have begun a hair apart.
    begins = table[np.lexsort((table[:, 2], table[:, 1], table[:, 0])), 2]
    ends = table[np.lexsort((table[:, 3], table[:, 1], table[:, 0])), 3]
    return np.stack([begins, ends], axis=1)


def assert_same_seconds(one: Score, other: Score) -> None:
    """Half a tick of a quarter as long as 1.5 seconds is 1.6 ms; a note lasts at least one."""
    np.testing.assert_allclose(note_seconds(one), note_seconds(other), rtol=0, atol=4e-3)


def quarters_s(score: Score) -> np.ndarray:
    return score.seconds_at(np.arange(0, score.end_tick, score.ticks_per_quarter))


@pytest.mark.parametrize("drift", [0.03, 0.08, 0.15])
@pytest.mark.parametrize("places", [STRAIGHT, SWUNG, TRIPLETS])
def test_a_performance_without_a_click_is_told_and_its_beats_found(places, drift):
    for seed in range(3):
        played = perform(band(seed, places=places), drift, np.random.default_rng(seed))
        assert is_free(played.score)
        assert f_measure(quarters_s(on_beat_grid(played.score)), played.beats) > 0.95


@pytest.mark.parametrize("qpm", [70.0, 120.0, 150.0])
def test_at_slow_and_fast_tempos_beats_are_found_at_some_level(qpm):
    played = perform(band(4, qpm=qpm), 0.08, np.random.default_rng(5))
    assert f_measure_any_level(quarters_s(on_beat_grid(played.score)), played.beats) > 0.95


@pytest.mark.parametrize(
    "score",
    [
        band(places=STRAIGHT),
        band(places=SWUNG),
        band(places=TRIPLETS),
        band(places=(0, 96, 192, 288, 384)),
        band(qpm=120, jitter_s=0.015),
        band(qpm=160, places=(0, 120, 240, 360), jitter_s=0.015),
        band(places=SWUNG, jitter_s=0.015),
        band(metre=(6, 8)),
    ],
    ids=["straight", "swung", "triplets", "quintuplets", "human", "human, fast", "loose", "6/8"],
)
def test_music_made_with_a_click_is_left_alone(score):
    assert not is_free(score)


def test_a_click_that_comes_late_is_a_click():
    score = band()
    late = tuple(
        Track(t.name, t.program, t.is_drum, note_array(t.notes + np.array([67, 0, 0, 0])))
        for t in score.tracks
    )
    assert not is_free(score.with_tracks(late))


def test_a_file_that_sets_its_tempo_or_metre_along_the_way_knows_its_beats():
    free = perform(band(), 0.08, np.random.default_rng(0)).score
    assert is_free(free)
    tempos = (*free.tempos, Tempo(4800, 96.0))
    metres = (*free.time_signatures, TimeSignature(4800, 3, 4))
    assert not is_free(Score(QUARTER, free.tracks, tempos, free.time_signatures, free.end_tick))
    assert not is_free(Score(QUARTER, free.tracks, free.tempos, metres, free.end_tick))


@pytest.mark.parametrize("num_notes", [0, 1, 20])
def test_too_few_notes_tell_nothing_and_have_no_pulse(num_notes):
    rows = np.random.default_rng(1).integers(1, 120, (num_notes, 4)) * [37, 1, 1, 1]
    track = Track("", 0, False, note_array(rows))
    score = Score(QUARTER, (track,), (Tempo(0, 120.0),), (TimeSignature(0, 4, 4),), 4800)
    assert not is_free(score)
    assert not is_free(score.with_tracks(()))
    with pytest.raises(MidiError, match="no usable bar grid"):
        on_beat_grid(score)


def test_seconds_programs_and_names_are_kept():
    played = perform(band(7), 0.15, np.random.default_rng(7)).score
    grid = on_beat_grid(played)
    assert_same_seconds(grid, played)
    assert [(t.name, t.program, t.is_drum) for t in grid.tracks] == [
        (t.name, t.program, t.is_drum) for t in played.tracks
    ]
    assert grid.duration_s == pytest.approx(played.duration_s, abs=4e-3)


@pytest.mark.parametrize("places", [STRAIGHT, SWUNG, TRIPLETS])
def test_most_notes_land_where_they_are_written(places):
    played = perform(band(9, places=places, qpm=80), 0.08, np.random.default_rng(9))
    placed = [ticks / (QUARTER / 12) for ticks in by_pitch(on_beat_grid(played.score))]
    assert distances_kept(placed, played.written) > 0.8


def test_the_first_beat_of_the_music_begins_a_bar():
    played = perform(band(3), 0.03, np.random.default_rng(3))
    grid = on_beat_grid(played.score)
    first = min(track.notes[0, 0] for track in grid.tracks)
    bars = bar_grid(grid)
    nearest = bars.starts[np.abs(bars.starts - first).argmin()]
    assert abs(first - nearest) < QUARTER / 8
    assert set(np.diff(bars.starts)[1:].tolist()) == {4 * QUARTER}


def test_tempos_say_how_the_performance_drifts():
    played = perform(band(6), 0.15, np.random.default_rng(6))
    grid = on_beat_grid(played.score)
    tempos = grid.tempos
    assert tempos[0].tick == 0
    assert all(tempo.tick % QUARTER == 0 for tempo in tempos)
    spread = np.ptp(np.log([tempo.qpm for tempo in tempos[1:]]))
    assert spread > 0.15


def test_a_steady_performance_at_another_tempo_needs_few_tempos():
    score = band(qpm=87.0)
    file = Score(QUARTER, score.tracks, (Tempo(0, 120.0),), score.time_signatures, score.end_tick)
    ratio = 120 / 87.0
    tracks = tuple(
        Track(
            "", t.program, False, note_array(np.round(t.notes * [ratio, ratio, 1, 1]).astype(int))
        )
        for t in file.tracks
    )
    steady = Score(QUARTER, tracks, file.tempos, file.time_signatures, round(file.end_tick * ratio))
    assert is_free(steady)
    tempos = on_beat_grid(steady).tempos
    assert len(tempos) == 1
    assert tempos[-1].qpm == pytest.approx(87.0, rel=0.01)


@pytest.mark.parametrize("seed", range(5))
def test_noise_has_no_pulse(seed):
    assert is_free(noise(seed))
    with pytest.raises(MidiError, match="hint: Record it with a click"):
        on_beat_grid(noise(seed))


@given(scores())
@example(band(num_beats=40))
@example(noise(0, seconds=20))
@example(noise(1, seconds=60, notes_per_s=1))
def test_any_score_is_refused_or_keeps_its_seconds_on_a_grid(score):
    assert is_free(score) in (True, False)
    try:
        grid = on_beat_grid(score)
    except MidiError:
        return
    assert_same_seconds(grid, score)
    assert grid.tempos[0].tick == grid.time_signatures[0].tick == 0
    assert all(4 <= tempo.qpm <= 1000 for tempo in grid.tempos)
    assert quantise(grid).num_notes > 0
    assert read_midi(write_midi(grid)).num_notes > 0


def test_pretty_midi_is_loaded_for_free_recordings_only():
    program = "import sys; from meloformer.score.beat_grid import is_free; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "pretty_midi" not in loaded.stdout.split()
