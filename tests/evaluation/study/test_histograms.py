import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.evaluation.study.bars import bars_of
from meloformer.evaluation.study.histograms import (
    HISTOGRAMS,
    durations,
    intervals,
    jensen_shannon,
    onsets,
    overlap,
    pitch_classes,
)
from meloformer.score import Score
from tests.evaluation.small_music import melody, score, scores, track

COUNTS = st.lists(st.integers(0, 50), min_size=4, max_size=4).map(np.array)


def test_pitch_classes_are_counted_without_drums() -> None:
    music = score(track(melody([60, 72, 67])), track([(0, 3, 38)], drums=True))
    assert np.flatnonzero(pitch_classes(bars_of(music))).tolist() == [0, 7]
    assert pitch_classes(bars_of(music)).tolist()[0] == 2


def test_intervals_follow_the_upper_line_of_each_part() -> None:
    chords = [(0, 12, 48), (0, 12, 64), (12, 12, 47), (12, 12, 62), (24, 12, 90)]
    music = score(track(chords), track([(0, 12, 30)], 33))
    counts = intervals(bars_of(music))
    assert {int(at) - 24: int(counts[at]) for at in np.flatnonzero(counts)} == {-2: 1, 24: 1}


def test_durations_are_counted_by_step() -> None:
    counts = durations(bars_of(score(track([(0, 1, 60), (0, 12, 62), (12, 12, 64)]))))
    assert np.flatnonzero(counts).tolist() == [0, 11]


def test_onsets_are_counted_in_the_bar_with_drums() -> None:
    music = score(track([(0, 3, 60), (54, 3, 60)]), track([(48, 3, 38)], drums=True), bars=2)
    counts = onsets(bars_of(music))
    assert (counts[0], counts[6], counts.sum()) == (2, 1, 3)


def test_half_of_the_notes_in_common_are_half_of_the_area() -> None:
    one, other = np.array([2, 2, 0]), np.array([0, 5, 5])
    assert overlap(one, other) == pytest.approx(0.5)
    assert jensen_shannon(one, other) == pytest.approx(0.5)


def test_nothing_counted_is_like_nothing() -> None:
    nothing = np.zeros(4, dtype=np.int64)
    assert math.isnan(overlap(nothing, nothing))
    assert math.isnan(jensen_shannon(nothing, np.ones(4, dtype=np.int64)))


@given(COUNTS, COUNTS)
def test_likeness_is_symmetric_and_bounded(one: np.ndarray, other: np.ndarray) -> None:
    if one.sum() and other.sum():
        assert overlap(one, other) == pytest.approx(overlap(other, one))
        assert jensen_shannon(one, other) == pytest.approx(jensen_shannon(other, one), abs=1e-12)
        assert -1e-12 <= overlap(one, other) <= 1 + 1e-12
        assert -1e-12 <= jensen_shannon(one, other) <= 1 + 1e-12
        assert overlap(one, one) == pytest.approx(1)
        assert jensen_shannon(one, 3 * one) == pytest.approx(0, abs=1e-12)


@given(scores())
def test_any_music_can_be_counted(music: Score) -> None:
    bars = bars_of(music)
    counts = {name: histogram(bars) for name, histogram in HISTOGRAMS.items()}
    assert counts["pitch classes"].sum() == counts["durations"].sum() == len(music.tracks[0].notes)
    assert counts["onsets"].sum() == music.num_notes
    assert counts["intervals"].sum() <= max(len(music.tracks[0].notes) - 1, 0)
