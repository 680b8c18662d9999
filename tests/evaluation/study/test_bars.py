import numpy as np

from meloformer.evaluation.study.bars import bars_of
from tests.evaluation.small_music import BAR, score, track


def test_notes_know_their_bar_and_their_place_in_it() -> None:
    bars = bars_of(score(track([(0, 12, 60), (50, 12, 62)]), bars=2))
    assert bars.lines.tolist() == [0, 48, 96]
    assert bars.bar.tolist() == [0, 1]
    assert bars.onset.tolist() == [0, 2]


def test_a_held_note_sounds_in_every_bar_it_is_held_over() -> None:
    bars = bars_of(score(track([(36, 12 + BAR + 6, 60)]), bars=3))
    assert bars.sounding.tolist() == [[12], [48], [6]]


def test_bars_of_silence_at_the_end_count() -> None:
    bars = bars_of(score(track([(0, 12, 60)]), bars=8))
    assert bars.num_bars == 8


def test_metres_give_bars_their_length() -> None:
    bars = bars_of(score(track([(36, 6, 60)]), bars=2, metre=(3, 4)))
    assert bars.lines.tolist() == [0, 36, 72]


def test_tracks_stay_apart() -> None:
    bars = bars_of(score(track([(0, 12, 60)]), track([(0, 3, 36), (12, 3, 38)], drums=True)))
    np.testing.assert_array_equal(bars.track, [0, 1, 1])
    np.testing.assert_array_equal(bars.is_drum, [False, True, True])
