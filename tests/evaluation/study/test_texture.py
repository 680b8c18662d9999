import math

import pytest
from hypothesis import given

from meloformer.evaluation.study.bars import bars_of
from meloformer.evaluation.study.texture import (
    activity,
    activity_distance,
    density,
    empty_share,
    groove_consistency,
    polyphony,
)
from meloformer.score import Score, Tempo, TimeSignature
from tests.evaluation.small_music import BAR, melody, score, scores, track


def test_a_repeated_bar_has_perfect_groove() -> None:
    music = score(track(melody([60, 62, 64, 65] * 3)), bars=3)
    assert groove_consistency(bars_of(music)) == 1.0


def test_groove_falls_by_each_place_where_one_of_two_bars_begins_a_note() -> None:
    music = score(track([(0, 3, 60), (12, 3, 60), (BAR, 3, 60), (BAR + 24, 3, 60)]), bars=2)
    assert groove_consistency(bars_of(music)) == pytest.approx(1 - 2 / 48)


def test_bars_of_different_length_are_not_compared() -> None:
    signatures = (TimeSignature(0, 4, 4), TimeSignature(BAR, 3, 4))
    music = Score(12, (track([(0, 3, 60)]),), (Tempo(0, 120.0),), signatures, BAR + 36)
    assert math.isnan(groove_consistency(bars_of(music)))


def test_density_is_notes_a_quarter() -> None:
    music = score(track(melody([60, 62])), track([(0, 3, 38), (6, 3, 38)], drums=True), bars=2)
    assert density(bars_of(music)) == 4 / 8


def test_polyphony_is_counted_while_something_sounds() -> None:
    music = score(track([(0, 12, 60), (0, 6, 64)]), track([(0, 12, 60)], 40), bars=2)
    assert polyphony(bars_of(music)) == pytest.approx(1.5)
    assert math.isnan(polyphony(bars_of(score(track([(0, 3, 38)], drums=True)))))


def test_a_bar_through_which_a_note_is_held_is_not_empty() -> None:
    assert empty_share(bars_of(score(track([(0, 2 * BAR, 60)]), bars=4))) == 0.5


def test_activity_adds_up_the_parts_of_an_instrument() -> None:
    music = score(
        track([(0, 3, 60), (BAR, 3, 60)], 40),
        track([(0, 3, 67)], 40),
        track([(0, 3, 38)], drums=True),
        bars=2,
    )
    shares = activity(music, bars_of(music))
    assert shares == {40: 1.5, 128: 0.5}
    assert activity_distance(shares, {40: 1.5, 0: 1.0}) == pytest.approx(1.5 / 3.0)
    assert activity_distance(shares, shares) == 0.0
    assert activity_distance(shares, {0: 1.0}) == 1.0


@given(scores(), scores())
def test_measures_keep_within_their_bounds(one: Score, other: Score) -> None:
    bars = bars_of(one)
    assert 0 <= groove_consistency(bars) <= 1
    assert 0 <= empty_share(bars) <= 1
    assert math.isnan(polyphony(bars)) or polyphony(bars) >= 1
    shares = activity(one, bars), activity(other, bars_of(other))
    distance = activity_distance(*shares)
    assert math.isnan(distance) or 0 <= distance <= 1
    assert math.isnan(distance) or distance == activity_distance(*shares[::-1])
