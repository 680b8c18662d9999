from pathlib import Path

import pytest

import meloformer as mf
from meloformer.errors import RunError
from meloformer.registry import default_checkpoint
from meloformer.runs import presets
from meloformer.runs.processes import TRAINER, write_pid_file
from meloformer.runs.workspace import Run, RunRequest, RunState, Status, write_state


@pytest.fixture
def run(tmp_path: Path) -> mf.TrainingRun:
    return mf.fine_tune(tmp_path / "shards", tmp_path / "runs" / "mine", start=False)


def test_a_run_has_the_settings_that_the_app_offers(run: mf.TrainingRun, tmp_path: Path) -> None:
    config = presets.fine_tune(tmp_path / "shards", run.folder, default_checkpoint())
    assert Run(run.folder).config() == config
    assert repr(run) == "<TrainingRun 'mine': stopped, step 0, 0%>"


def test_the_same_run_is_gone_on_with_and_another_refused(run: mf.TrainingRun) -> None:
    shards = Run(run.folder).config().shards
    assert mf.fine_tune(shards, run.folder, start=False) == run
    with pytest.raises(RunError, match="other settings"):
        mf.fine_tune(shards, run.folder, minutes=5, start=False)


def test_a_run_is_watched_until_it_is_over(run: mf.TrainingRun) -> None:
    write_pid_file(run.folder, TRAINER)
    write_state(run.folder, RunState(status=Status.RUNNING, step=1))
    states = run.watch(every_s=0.01)
    assert next(states).step == 1
    write_state(run.folder, RunState(status=Status.RUNNING, step=2, bits_per_note=6.0))
    assert next(states).step == 2
    assert repr(run) == "<TrainingRun 'mine': running, step 2, 0%, 6.00 bits per note>"
    write_state(run.folder, RunState(status=Status.FINISHED, step=3))
    assert [state.step for state in states] == [3]
    told: list[RunState] = []
    assert run.wait(told.append) is run
    assert [state.status for state in told] == [Status.FINISHED]


def test_watching_a_run_that_failed_tells_why(run: mf.TrainingRun) -> None:
    write_state(run.folder, RunState(status=Status.FAILED, reason="The disk is full."))
    with pytest.raises(RunError, match=r"mine failed: The disk is full\."):
        run.wait()


def test_a_run_is_asked_to_stop(run: mf.TrainingRun) -> None:
    run.stop()
    assert Run(run.folder).pending() == {RunRequest.STOP}


def test_a_run_without_a_checkpoint_has_no_model_yet(run: mf.TrainingRun) -> None:
    with pytest.raises(RunError, match="has not saved a model yet"):
        run.model()
