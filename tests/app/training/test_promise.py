from dataclasses import replace

import pytest

from meloformer.app.training.promise import expected_steps, pace_words
from meloformer.runs.estimate import estimate_resources
from meloformer.runs.workspace import RunState, Status
from tests.app.training.training_runs import make_run

RUNNING = RunState(status=Status.RUNNING, step=20, tokens=20_000, seconds=40.0, seconds_left=560.0)


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path / "runs")


def test_the_steps_of_a_run_by_time_follow_from_the_measured_pace(run):
    config = run.config()
    assert expected_steps(RUNNING, config) is None
    assert expected_steps(replace(RUNNING, seconds_per_step=2.0), config) == 300
    assert expected_steps(RUNNING, replace(config, steps=50)) == 50
    over = replace(RUNNING, status=Status.STOPPED, seconds_per_step=2.0)
    assert expected_steps(over, config) is None


def test_the_guess_is_corrected_by_what_was_measured(run):
    config = run.config()
    assert "is being measured" in pace_words(run, RUNNING, config, 10_000)
    said = pace_words(run, replace(RUNNING, seconds_per_step=2.0), config, 100_000)
    assert said.startswith(
        "Measured here: 2.0 s a step, about 300 steps in all, your music about 3 times over. "
        "The guess before the start was "
    )
    guessed = estimate_resources(config).seconds_per_step
    near = replace(RUNNING, seconds_per_step=guessed * 1.1)
    assert pace_words(run, near, config, 0).endswith("The guess before the start was right.")


def test_a_run_by_steps_is_guessed_in_time(run):
    config = replace(run.config(), steps=50)
    said = pace_words(run, replace(RUNNING, seconds_per_step=200.0), config, 0)
    assert said.startswith("Measured here: 200 s a step. The guess before the start was ")
    assert said.endswith("in all.")


@pytest.mark.parametrize("status", [one for one in Status if one != Status.RUNNING])
def test_only_what_runs_has_a_pace(run, status):
    state = replace(RUNNING, status=status, seconds_per_step=2.0)
    assert pace_words(run, state, run.config(), 1000) == ""


def test_a_base_that_is_gone_costs_the_guess_and_no_more(run, tmp_path):
    config = replace(run.config(), base=tmp_path / "gone")
    said = pace_words(run, replace(RUNNING, seconds_per_step=2.0), config, 0)
    assert said == "Measured here: 2.0 s a step, about 300 steps in all."
