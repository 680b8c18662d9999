import math

import numpy as np
import pytest
from hypothesis import given

from meloformer.evaluation.study.bars import bars_of
from meloformer.evaluation.study.similarity import (
    longest_loop,
    notes_by_bar,
    similarity,
    similarity_curve,
    similarity_error,
)
from meloformer.score import Score
from tests.evaluation.small_music import melody, score, scores, track

A, B = [60, 62, 64, 65], [67, 69, 71, 72]


def bars_with(*pitches: list[int]):
    notes = melody([pitch for bar in pitches for pitch in bar])
    return notes_by_bar(bars_of(score(track(notes), bars=len(pitches))))


def test_two_bars_are_as_alike_as_the_notes_they_share() -> None:
    one, other = bars_with(A, [60, 62, 71, 72])
    assert similarity(one, other) == pytest.approx(2 / 6)


def test_a_drum_is_not_a_pitched_note() -> None:
    music = score(track([(0, 3, 60)]), track([(48, 3, 60)], drums=True), bars=2)
    assert similarity(*notes_by_bar(bars_of(music))) == 0.0


def test_bars_in_turn_are_alike_at_even_distances() -> None:
    curve = similarity_curve(bars_with(A, B, A, B, A))
    assert curve[:4].tolist() == [0, 1, 0, 1]
    assert np.isnan(curve[4:]).all()


def test_only_pairs_that_end_in_the_continuation_count() -> None:
    prompt_repeats = bars_with(A, A, A, B)
    assert similarity_curve(prompt_repeats)[0] == pytest.approx(2 / 3)
    assert similarity_curve(prompt_repeats, first=3)[0] == 0.0


def test_a_loop_is_bars_in_a_row_that_repeat_at_one_distance() -> None:
    assert longest_loop(bars_with(A, A, A, B)) == 2
    assert longest_loop(bars_with(A, B, A, B, A)) == 3
    assert longest_loop(bars_with(A, B, A, B, A), first=4) == 1
    assert longest_loop(bars_with(A, B, B, A)) == 1
    assert longest_loop(bars_with(A, B)) == 0


def test_a_bar_is_the_same_again_with_most_of_its_notes_and_silence_never_is() -> None:
    most, some = [*A[:3], 80], [*A[:2], 80, 81]
    assert longest_loop(bars_with(A, most)) == 1
    assert longest_loop(bars_with(A, some)) == 0
    silence = score(track(melody(A)), bars=4)
    assert longest_loop(notes_by_bar(bars_of(silence))) == 0


def test_the_error_is_the_mean_difference_where_both_are_known() -> None:
    one = np.array([0.5, 0.1, math.nan])
    assert similarity_error(one, np.array([0.2, 0.2, 0.9])) == pytest.approx(0.2)
    assert math.isnan(similarity_error(one, np.full(3, math.nan)))


@given(scores())
def test_similarity_is_symmetric_and_complete_with_itself(music: Score) -> None:
    bars = notes_by_bar(bars_of(music))
    for one in bars:
        assert math.isnan(similarity(one, one)) if not one else similarity(one, one) == 1
        for other in bars:
            pair = similarity(one, other), similarity(other, one)
            assert pair[0] == pair[1] or all(map(math.isnan, pair))
    curve = similarity_curve(bars)
    assert np.isnan(curve).all() or similarity_error(curve, curve) == 0
