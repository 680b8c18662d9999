import math

import pytest

from meloformer.evaluation.study.added_part import (
    coincidence,
    dissonance,
    doubling,
    measure_prompt,
    part_gap,
    part_measures,
)
from meloformer.evaluation.study.bars import bars_of
from meloformer.evaluation.study.gaps import PartPassage
from meloformer.evaluation.study.passage_study import passage_study
from tests.evaluation.small_music import melody, score, track
from tests.evaluation.study.gap_music import BASS, PIANO, gap, passage

CHORD = track([(0, 48, 60), (0, 48, 64), (0, 48, 67)])


def test_dissonance_is_the_time_spent_in_seconds_sevenths_and_tritones() -> None:
    # C has none against C, E and G; F sharp has a tritone and two seconds.
    part = bars_of(score(track([(0, 24, 72), (24, 24, 66)])))
    assert dissonance(part, bars_of(score(CHORD))) == pytest.approx(0.5)
    assert math.isnan(dissonance(part, bars_of(score(track([(0, 48, 36)], drums=True)))))


def test_rhythm_is_together_where_another_part_begins() -> None:
    part = bars_of(score(track(melody([60, 62, 64, 65]))))
    assert coincidence(part, bars_of(score(CHORD))) == 0.25
    assert coincidence(part, bars_of(score(track(melody([36] * 4), drums=True)))) == 1.0


def test_unisons_and_octaves_that_begin_together_double() -> None:
    part = bars_of(score(track([(0, 12, 48), (12, 12, 60), (24, 12, 62)])))
    assert doubling(part, bars_of(score(CHORD))) == pytest.approx(1 / 3)


def test_a_part_without_notes_has_a_density_and_nothing_else() -> None:
    empty = bars_of(score(track([])))
    measures = part_measures(empty, bars_of(score(CHORD)), (0,))
    known = {name for name, value in measures.items() if not math.isnan(value)}
    assert known == {"notes a quarter"}


def test_a_pitched_part_that_plays_all_the_time_beside_others_is_left_out() -> None:
    place = part_gap(gap())
    assert place is not None
    assert place.part in (BASS, PIANO)
    assert part_gap(gap()) == part_gap(gap()) or place.part == part_gap(gap()).part


def test_the_songs_own_part_is_as_the_song_and_another_is_not() -> None:
    place = part_gap(gap())
    assert place is not None
    own = place.gap.truth
    real = PartPassage(own.of([place.part]), (place.part,), own.chords)
    other = passage(place.part, [(at, 6, 73) for at in range(3, 384, 12)])
    study = passage_study([measure_prompt(place, [real, other])], ("density ratio",))
    of_real = passage_study([measure_prompt(place, [real])], ("density ratio",))
    same = of_real.comparisons["onsets in the bar, Jensen-Shannon"]
    assert same.generated.value == 0
    agreement = of_real.comparisons["agreement with chords"]
    assert agreement.truth is not None
    assert agreement.generated.value == agreement.truth.value == 1
    assert study.comparisons["agreement with chords"].generated.value < 1
    assert of_real.comparisons["density ratio"].truth is None
    assert of_real.per_set["small"][0] == 1
