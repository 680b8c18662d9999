import math

import pytest

from meloformer.evaluation.study.drums import (
    bar_hits,
    drum_gap,
    drum_measures,
    measure_prompt,
    phrase_changes,
    phrase_end,
)
from tests.evaluation.small_music import score, track
from tests.evaluation.study.gap_music import DRUMS, beat, gap


def drums(bars: int, *, fills: bool):
    return score(track(beat(bars, fills=fills), drums=True), bars=bars)


def test_a_fill_is_a_last_bar_that_is_like_none_before_it() -> None:
    filled = bar_hits(drums(16, fills=True))
    assert phrase_end(filled[:8]) == 3
    assert phrase_end(filled[1:9]) == 2  # a song that begins elsewhere in the phrase
    found = phrase_changes(filled[8:], filled[:8])
    assert found["new in the others"] == 0
    assert found["new at the end, more"] == pytest.approx(16 / 20)  # of 8 + 4 + 8 hits 4 stay
    assert found["toms at the end, more"] == pytest.approx(8 / 12)
    steady = phrase_changes(bar_hits(drums(8, fills=False)), filled[:8])
    assert steady["new at the end, more"] == steady["toms at the end, more"] == 0


def test_a_beat_that_stays_is_as_in_the_bar_before() -> None:
    steady = drums(4, fills=False)
    found = drum_measures(steady, bar_hits(steady))
    for name in ("kick", "snare", "hi-hat and ride"):
        assert found[f"{name} as in the bar before"] == 1
    assert found["groove consistency"] == 1
    assert found["most alike bar before the seam"] == 1
    kick_moved = score(track([(at, 6, 36) for at in (6, 54, 102, 150)], drums=True), bars=4)
    moved = drum_measures(kick_moved, bar_hits(steady))
    assert moved["kick as in the bar before"] == pytest.approx(3 / 4)
    assert moved["most alike bar before the seam"] == 0
    assert math.isfinite(moved["snare as in the bar before"])


def test_drums_are_taken_alone_where_they_play_all_the_time() -> None:
    alone = drum_gap(gap())
    assert alone is not None
    assert alone.truth.parts == (DRUMS,)
    assert alone.encoding.num_bars == 24


def test_the_songs_own_drums_are_as_the_song() -> None:
    alone = drum_gap(gap())
    assert alone is not None
    measured = measure_prompt(alone, [alone.truth.score])
    assert measured.written[0] == measured.truth == measured.following
    assert measured.truth["density ratio"] == 1
