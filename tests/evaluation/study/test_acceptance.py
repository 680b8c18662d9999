import math

import pytest

from meloformer.evaluation.bootstrap import ConfidenceInterval
from meloformer.evaluation.study.acceptance import Goal, acceptance
from meloformer.evaluation.study.results import StudyResults


def test_who_writes_the_truth_reaches_everything(clairvoyant: StudyResults) -> None:
    goals = acceptance(clairvoyant)
    assert [goal.name for goal in goals if not goal.is_reached] == []
    assert len(goals) == 7
    assert [goal.measured.value for goal in goals[:6]] == pytest.approx([0, 0, 1, 0, 0, 1])


def test_a_single_note_is_as_good_as_silence(one_note: StudyResults) -> None:
    goals = {goal.name: goal for goal in acceptance(one_note)}
    assert not goals["share with density ratio 0.7 to 1.4"].is_reached
    assert not goals["empty bars, more than real"].is_reached
    assert goals["empty bars, more than real"].measured.value == pytest.approx(0.75)
    copied = goals["notes of the longest run shared with training, 95th percentile"]
    assert copied.is_reached
    assert copied.measured.value == 1.0


def test_a_goal_says_in_a_line_whether_it_is_reached() -> None:
    goal = Goal("gap", ConfidenceInterval(0.02, 0.01, 0.04), 0.03, is_at_least=False, real=0.005)
    assert str(goal).strip() == (
        "reached  gap: 0.020 (0.010 to 0.040), at most 0.030; real music 0.005"
    )
    other = Goal("share", ConfidenceInterval(0.7, 0.6, 0.8), 0.8, is_at_least=True, real=0.9)
    assert str(other).startswith("not reached  share: 0.700")
    unknown = Goal("gap", ConfidenceInterval(math.nan, 0, 0), 0.03, is_at_least=False, real=0.0)
    assert not unknown.is_reached
    assert goal.to_json()["is_reached"] is True
