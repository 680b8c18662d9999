import shutil
import time

import pytest

from meloformer.app.model_cache import ModelCache
from meloformer.app.training import plan as plan_module
from meloformer.app.training.actions import TrainingActions
from meloformer.app.training.datasets import DatasetStatus
from meloformer.app.training.settings import TrainingSettings
from meloformer.errors import ConfigError, DataError, MeloFormerError, RunError
from meloformer.runs.workspace import RunRequest, Status, list_runs
from tests.app.training.training_runs import living, make_run, save, songs, untrained


@pytest.fixture
def checkpoint_folder(app_state, tmp_path):
    return untrained(tmp_path / "untrained", app_state)


@pytest.fixture
def training(app_state, tmp_path, checkpoint_folder) -> TrainingActions:
    uploads = tmp_path / "files"
    uploads.mkdir(exist_ok=True)
    return TrainingActions(app_state, tmp_path / "runs", uploads, checkpoint_folder)


@pytest.fixture
def music(training):
    """The name of music that is ready."""
    paths = songs(training.uploads / "x", 3)
    dataset = training.bring([{"path": str(path), "name": f"Jigs/{path.name}"} for path in paths])
    wait(training, dataset)
    return dataset.name


def wait(training, dataset):
    while training.datasets.status(dataset) == DatasetStatus.READING:
        time.sleep(0.1)


def test_music_is_found_again_with_its_report(training, music):
    message = training.music("")
    assert message["chosen"] == music == "Jigs"
    report = message["report"]
    assert report.name == "report.html"
    assert report.is_relative_to(training.uploads)
    assert training.music("")["report"] == report
    assert training.music("nothing")["chosen"] == "Jigs"


def test_a_plan_says_what_the_run_takes(training, music):
    plan = training.plan(TrainingSettings(dataset=music, method="full", minutes=5))
    assert plan.can_start
    assert "all of them trained" in plan.words
    assert "of memory; " in plan.words
    assert "your music about" in plan.words
    assert "--minutes 5" in plan.command
    assert "more" in training.plan(TrainingSettings(dataset=music)).words


def test_a_new_model_of_too_little_music_is_warned_of(training, music):
    plan = training.plan(TrainingSettings(dataset=music, method="scratch"))
    assert plan.can_start
    assert not plan.is_advised
    assert "Too little music for a new model: 2 pieces, " in plan.words
    assert "pieces like these" in plan.words
    assert training.plan(TrainingSettings(dataset=music)).is_advised


def test_too_little_free_memory_is_said(training, music, monkeypatch):
    monkeypatch.setattr(plan_module, "free_memory_bytes", lambda device: 1)
    plan = training.plan(TrainingSettings(dataset=music))
    assert "class=wrong" in plan.words
    assert "Take fewer rows" in plan.words
    assert plan.can_start


def test_what_no_memory_of_this_machine_holds_is_not_started(training, music):
    settings = TrainingSettings(dataset=music, rows=1000, context_tokens=60_000)
    for ask in (training.plan, training.start):
        with pytest.raises(ConfigError, match="more than this machine has"):
            ask(settings)
    assert not list_runs(training.workspace)


def test_without_music_nothing_starts(training):
    for settings in (TrainingSettings(), TrainingSettings(dataset="../x")):
        with pytest.raises(DataError, match="Bring some music first"):
            training.start(settings)
    assert not training.workspace.exists()


def test_music_that_is_still_read_cannot_be_trained_on(training):
    path = songs(training.uploads / "x", 1)[0]
    dataset = training.bring([{"path": str(path), "name": path.name}])
    settings = TrainingSettings(dataset=dataset.name)
    with pytest.raises(DataError, match="still being read"):
        training.start(settings)
    plan = training.plan(settings)
    assert "still being read" in plan.words
    assert not plan.can_start
    wait(training, dataset)


@pytest.mark.parametrize(
    "files", [None, "x", [], [1], [{"path": 1, "name": "x"}], [{"path": "/etc/passwd"}], {"a": 1}]
)
def test_what_a_page_says_of_files_is_checked(training, files):
    with pytest.raises(DataError):
        training.bring(files)


def test_a_page_cannot_bring_what_was_not_uploaded(training):
    with pytest.raises(DataError, match="did not arrive"):
        training.bring([{"path": "/etc/hostname", "name": "a.mid"}])


@pytest.mark.parametrize("name", ["nobody", "../runs", "", None, 3, {"a": 1}, "a" * 1000])
def test_unknown_runs_are_refused(training, name):
    for act in (training.run, lambda run: training.ask(run, "stop")):
        with pytest.raises(RunError):
            act(name)


def test_requests_reach_the_run_while_it_lives(training):
    run = make_run(training.workspace, status=Status.RUNNING)
    with living(run):
        for what in RunRequest:
            training.ask(run.name, what.value)
    assert run.pending() == frozenset(RunRequest)
    with pytest.raises(RunError, match="not running any more"):
        training.ask(run.name, "save")


@pytest.mark.parametrize("what", ["", None, "rm -rf", 7])
def test_unknown_requests_are_refused(training, what):
    run = make_run(training.workspace)
    with pytest.raises(RunError, match="unknown"):
        training.ask(run.name, what)
    assert run.pending() == frozenset()


def test_a_model_from_scratch_has_none_before_it(training):
    run = make_run(training.workspace)
    with pytest.raises(RunError, match="from scratch"):
        training.ask(run.name, "compare")


def test_only_samples_of_the_run_are_heard(training):
    run = make_run(training.workspace)
    for sample in ("step-000001-band-1.mid", "../config.json", None):
        with pytest.raises(RunError, match="not there any more"):
            training.hear(run.name, sample)


def test_a_run_can_be_the_base_of_another(training, music, checkpoint_folder):
    run = make_run(training.workspace, "First")
    checkpoint = save(run, checkpoint_folder, 40, best=True)
    training.app_state.model_cache = ModelCache(training.workspace)
    config = training.config(TrainingSettings(dataset=music, base="runs/First"))
    assert config.base == checkpoint
    assert training.config(TrainingSettings(dataset=music)).base == checkpoint_folder
    shutil.rmtree(checkpoint)
    with pytest.raises(MeloFormerError, match="no model named"):
        training.config(TrainingSettings(dataset=music, base="runs/First"))
