import numpy as np

from meloformer.evaluation.study.gaps import PartPassage
from meloformer.evaluation.study.histograms import WIDEST_INTERVAL
from meloformer.evaluation.study.seams import line_counts, measure_gap, seam_gap, seam_study
from tests.evaluation.small_music import BAR, score, track
from tests.evaluation.study.gap_music import BASS, gap, passage


def two_bars(before: list, after: list, chords: tuple[int, int] = (0, 18)) -> PartPassage:
    return PartPassage(score(track([*before, *after], 32), bars=2), (BASS,), chords)


def test_a_step_is_from_the_last_upper_note_to_the_first_after_the_line() -> None:
    music = two_bars([(0, 48, 50), (36, 12, 60), (36, 12, 52)], [(54, 12, 65), (54, 12, 40)])
    counts = line_counts(music, 1)
    assert np.flatnonzero(counts["step"]).tolist() == [WIDEST_INTERVAL + 5]
    assert np.flatnonzero(counts["time"]).tolist() == [18]
    assert counts["on the line"].tolist() == [0, 1]
    assert counts["held over"].tolist() == [0, 1]
    assert counts["chord changes"].tolist() == [1, 0]


def test_a_note_that_sounds_on_is_held_over() -> None:
    counts = line_counts(two_bars([(36, 24, 60)], [(48, 12, 62)], (3, 3)), 1)
    assert counts["held over"].tolist() == [1, 0]
    assert counts["on the line"].tolist() == [1, 0]
    assert counts["chord changes"].tolist() == [0, 1]


def test_a_part_that_stops_at_the_line_takes_no_step() -> None:
    counts = line_counts(two_bars([(36, 12, 60)], []), 1)
    assert counts["step"].sum() == counts["time"].sum() == counts["on the line"].sum() == 0
    assert counts["held over"].sum() == 1


def test_the_songs_own_bars_have_its_seams_and_others_have_not() -> None:
    place = seam_gap(gap(8, 12))
    assert place is not None
    own = seam_study([measure_gap(place, [place.truth])]).comparisons
    assert own["step into the gap, Jensen-Shannon"].generated.value == 0
    assert own["time out of the gap, Jensen-Shannon"].generated.value == 0
    real = own["on the line into the gap"]
    assert real.truth is not None
    assert real.generated.value == real.truth.value == 1
    late = passage(BASS, [(at + 6, 6, 70) for at in range(0, 4 * BAR, 24)], bars=4)
    other = seam_study([measure_gap(place, [late])]).comparisons
    assert other["step into the gap, Jensen-Shannon"].generated.value > 0.5
    assert other["on the line into the gap"].generated.value == 0
    assert other["leaps beyond a fourth into the gap"].generated.value == 1
