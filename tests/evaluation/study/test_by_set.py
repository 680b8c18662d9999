import numpy as np
import pytest

from meloformer.evaluation.study.acceptance import acceptance
from meloformer.evaluation.study.by_set import figures_by_set
from meloformer.evaluation.study.results import StudyResults


def test_the_songs_of_all_sets_are_those_of_the_study(one_note: StudyResults) -> None:
    sets = figures_by_set(one_note)
    assert sets.keys() == {"band", "tune"}
    sizes = [one.prompts for one in sets.values()]
    assert sum(sizes) == one_note.num_prompts
    assert sizes == sorted(sizes, reverse=True)
    together = np.average([one.density_ratio for one in sets.values()], weights=sizes)
    assert together == pytest.approx(one_note.comparisons["density ratio"].generated.value)


def test_a_set_has_the_goals_of_a_study_of_its_songs_alone(one_note: StudyResults) -> None:
    for name, figures in figures_by_set(one_note).items():
        rows = [i for i, one in enumerate(one_note.excerpts) if one.excerpt.document_set == name]
        alone = StudyResults(tuple(one_note.excerpts[row] for row in rows), one_note.runs[rows])
        assert figures.goals == acceptance(alone)
