import pytest

from meloformer.evaluation.study.excerpts import Excerpt, Passage
from meloformer.evaluation.study.measured import MeasuredExcerpt, MeasuredPassage, distances
from meloformer.score.chords import parse_chord
from tests.evaluation.small_music import melody, score, track

C, G = parse_chord("C"), parse_chord("G")
PROMPT = Passage(score(track(melody([60, 64, 67, 64]))), (C,))
TRUTH = Passage(score(track(melody([62, 67, 71, 67]))), (G,))
HALF = Passage(score(track(melody([62, 67], step=24))), (C,))


def test_a_passage_is_no_distance_from_itself() -> None:
    truth = MeasuredPassage.of(TRUTH, PROMPT)
    found = distances(truth, truth)
    assert {name for name, value in found.items() if value == pytest.approx(1)} == {
        "pitch classes, overlap",
        "intervals, overlap",
        "durations, overlap",
        "onsets, overlap",
        "density ratio",
        "polyphony ratio",
        "as full as the song",
    }
    assert sum(found.values()) == pytest.approx(7)


def test_half_the_notes_are_not_as_full_as_the_song() -> None:
    found = distances(MeasuredPassage.of(HALF, PROMPT), MeasuredPassage.of(TRUTH, PROMPT))
    assert found["density ratio"] == 0.5
    assert found["as full as the song"] == 0.0
    assert found["pitch classes, overlap"] == pytest.approx(0.75)
    assert found["durations, overlap"] == 0.0


def test_a_prompt_played_again_is_copied_and_similar() -> None:
    again = MeasuredPassage.of(PROMPT, PROMPT)
    assert again.levels["longest run copied from the bars before"] == 4
    assert again.levels["longest loop, bars"] == 1
    assert again.curve[0] == 1.0
    assert MeasuredPassage.of(TRUTH, PROMPT).curve[0] == 0.0


def test_agreement_is_with_the_chords_of_the_truth() -> None:
    excerpt = Excerpt(0, "set", 0, PROMPT, TRUTH, PROMPT)
    agreement = MeasuredExcerpt.of(excerpt, [HALF, PROMPT], TRUTH).agreement
    assert agreement == {"forced": 1.0, "free": pytest.approx((1.0 + 0.25) / 2), "real": 1.0}
    assert MeasuredPassage.of(HALF, PROMPT).levels["agreement with own chords"] == 0.5
