import json

import numpy as np
import pytest

from meloformer.data.shards import Shards
from meloformer.evaluation.study.results import TRAINING_RUN, StudyResults, run_study
from tests.evaluation.study.small_studies import excerpts_of


def test_who_writes_the_truth_is_no_distance_from_it(clairvoyant: StudyResults) -> None:
    study = clairvoyant
    for name, one in study.comparisons.items():
        if one.truth is not None:
            assert one.generated == one.truth, name
    assert study.comparisons["density ratio"].generated.value == 1.0
    assert study.comparisons["onsets, Jensen-Shannon"].generated.high == pytest.approx(0, abs=1e-12)
    assert study.similarity_errors[0] == 0.0 < study.similarity_errors[1]
    np.testing.assert_array_equal(study.agreement["forced"], study.agreement["real"])
    assert study.forced["pitch classes, overlap"] == pytest.approx(1)
    assert study.forced["polyphony"] == study.comparisons["polyphony"].generated.value


def test_what_is_copied_from_the_training_set_is_found(clairvoyant: StudyResults) -> None:
    study = clairvoyant
    assert study.runs.shape == (4, 4)
    for one, runs in zip(study.excerpts, study.runs, strict=True):
        longest = max(len(t.notes) for t in one.excerpt.truth.score.tracks if not t.is_drum)
        assert runs[0] == runs[2] >= longest
    assert study.comparisons[TRAINING_RUN].generated.value == study.runs[:, 0].mean()


def test_a_single_note_is_far_from_any_song(one_note: StudyResults) -> None:
    study = one_note
    found = study.comparisons
    assert found["scale consistency"].generated.value == 1.0
    assert found["empty bars"].generated.value == pytest.approx(3 / 4)
    assert found["as full as the song"].generated.value == 0.0
    assert found["onsets, overlap"].generated.value < found["onsets, overlap"].following.value


def test_every_prompt_has_seeds_of_its_own_and_progress_is_told(shards: Shards) -> None:
    asked, told = [], []
    excerpts = excerpts_of(shards)

    def compose(prompt, num_bars, seeds, chords):
        asked.append((num_bars, list(seeds), chords))
        return [excerpts[0].truth] * len(seeds)

    run_study(excerpts, compose, shards, num_seeds=3, on_progress=lambda *done: told.append(done))
    assert [seeds for _, seeds, chords in asked if not chords] == [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
        [10, 11, 12],
    ]
    assert [(seeds, chords) for _, seeds, chords in asked if chords] == [
        ([1 + 3 * index], one.truth.chords) for index, one in enumerate(excerpts)
    ]
    assert {bars for bars, *_ in asked} == {4}
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_study_is_json_without_nan(one_note: StudyResults) -> None:
    text = json.dumps(one_note.to_json(), allow_nan=False)
    assert json.loads(text)["prompts"] == 4
    assert len(json.loads(text)["similarity"]["generated"]) == 40
