from pathlib import Path

import numpy as np
import pytest

from meloformer.data.shards import Shards, open_shards
from meloformer.evaluation.study.acceptance import acceptance
from meloformer.evaluation.study.by_set import figures_by_set
from meloformer.evaluation.study.results import StudyResults
from tests.evaluation.study.small_studies import one_note_study


@pytest.fixture(scope="module")
def study(shards_folder: Path) -> StudyResults:
    shards: Shards = open_shards(shards_folder / "train")
    return one_note_study(shards)


def test_the_songs_of_all_sets_are_those_of_the_study(study: StudyResults) -> None:
    sets = figures_by_set(study)
    assert sets.keys() == {"band", "tune"}
    sizes = [one.prompts for one in sets.values()]
    assert sum(sizes) == study.num_prompts
    assert sizes == sorted(sizes, reverse=True)
    together = np.average([one.density_ratio for one in sets.values()], weights=sizes)
    assert together == pytest.approx(study.comparisons["density ratio"].generated.value)


def test_a_set_has_the_goals_of_a_study_of_its_songs_alone(study: StudyResults) -> None:
    for name, figures in figures_by_set(study).items():
        rows = [i for i, one in enumerate(study.excerpts) if one.excerpt.document_set == name]
        alone = StudyResults(tuple(study.excerpts[row] for row in rows), study.runs[rows])
        assert figures.goals == acceptance(alone)
