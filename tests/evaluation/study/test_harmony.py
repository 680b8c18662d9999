import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.evaluation.study.bars import bars_of
from meloformer.evaluation.study.harmony import chord_agreement, scale_consistency
from meloformer.score import Score
from meloformer.score.chords import NO_CHORD, parse_chord
from tests.evaluation.small_music import BAR, melody, score, scores, track

C_MAJOR = [60, 62, 64, 65, 67, 69, 71]


@pytest.mark.parametrize("key", range(12))
def test_a_scale_keeps_to_itself_in_every_key(key: int) -> None:
    music = score(track(melody([pitch + key for pitch in C_MAJOR])), bars=2)
    assert scale_consistency(bars_of(music)) == 1.0


def test_one_note_in_eight_outside_the_scale() -> None:
    music = score(track(melody([*C_MAJOR, 61])), track([(0, 3, 61)], drums=True), bars=2)
    assert scale_consistency(bars_of(music)) == pytest.approx(7 / 8)


def test_agreement_counts_sounding_time_in_the_chord_of_each_bar() -> None:
    notes = [(0, 36, 60), (36, 12, 61), (BAR, BAR, 60)]
    bars = bars_of(score(track(notes), bars=2))
    assert chord_agreement(bars, [parse_chord("C"), parse_chord("C")]) == pytest.approx(84 / 96)
    assert chord_agreement(bars, [parse_chord("C"), parse_chord("G")]) == pytest.approx(36 / 96)


def test_a_held_note_is_judged_by_the_chord_of_each_bar_it_sounds_in() -> None:
    bars = bars_of(score(track([(24, 24 + 12, 64)]), bars=2))
    assert chord_agreement(bars, [parse_chord("C"), parse_chord("F")]) == pytest.approx(24 / 36)


def test_bars_without_a_chord_and_drums_are_left_out() -> None:
    music = score(track([(0, BAR, 61)]), track([(0, BAR, 61)], drums=True))
    assert math.isnan(chord_agreement(bars_of(music), [NO_CHORD]))
    assert math.isnan(scale_consistency(bars_of(score(track([(0, 3, 61)], drums=True)))))


@given(scores(), st.lists(st.integers(0, NO_CHORD), min_size=4, max_size=4))
def test_shares_are_shares(music: Score, chords: list[int]) -> None:
    bars = bars_of(music)
    consistency, agreement = scale_consistency(bars), chord_agreement(bars, chords)
    assert math.isnan(consistency) or 7 / 12 <= consistency <= 1
    assert math.isnan(agreement) or 0 <= agreement <= 1
