import time
import zipfile

import pytest

from meloformer.app.model_cache import ModelCache
from meloformer.app.training.actions import TrainingActions
from meloformer.app.training.datasets import Dataset, DatasetStatus
from meloformer.app.training.settings import TrainingSettings
from meloformer.app.training.trash import BelongingKind, Trash
from meloformer.errors import CheckpointError, DataError, MeloFormerError, RunError
from meloformer.runs.workspace import Status, list_runs
from tests.app.training.training_runs import living, make_run, save, songs, untrained


@pytest.fixture
def base(app_state, tmp_path):
    return untrained(tmp_path / "untrained", app_state)


@pytest.fixture
def training(app_state, tmp_path, base) -> TrainingActions:
    uploads = tmp_path / "files"
    uploads.mkdir(exist_ok=True)
    app_state.model_cache = ModelCache(tmp_path / "runs")
    return TrainingActions(app_state, tmp_path / "runs", uploads, base)


@pytest.fixture
def music(training) -> Dataset:
    paths = songs(training.uploads / "x", 3)
    dataset = training.bring([{"path": str(path), "name": f"Jigs/{path.name}"} for path in paths])
    while training.datasets.status(dataset) == DatasetStatus.READING:
        time.sleep(0.1)
    return dataset


def names(tools):
    return [tool["what"] for tool in tools]


def test_a_run_is_renamed_and_keeps_its_model(training, base):
    run = make_run(training.workspace, "Jigs", status=Status.FINISHED)
    save(run, base, 40, best=True)
    message = training.ask("Jigs", "rename", " Reels ")
    assert message["chosen"] == message["run"]["name"] == "Reels"
    assert message["turn"] == "to"
    assert [one.name for one in list_runs(training.workspace)] == ["Reels"]
    assert training.run("Reels").config().run == training.workspace / "Reels"
    assert "runs/Reels" in [one.name for one in training.app_state.model_cache.entries()]


@pytest.mark.parametrize("name", ["", "../Reels", "a/b", "Reels", ".hidden", "x" * 61])
def test_a_name_that_will_not_do_is_refused(training, name):
    make_run(training.workspace, "Reels")
    make_run(training.workspace, "Jigs")
    with pytest.raises(RunError):
        training.ask("Jigs", "rename", name)
    assert {one.name for one in list_runs(training.workspace)} == {"Reels", "Jigs"}


def test_what_goes_on_is_neither_renamed_nor_deleted(training):
    run = make_run(training.workspace, "Jigs", status=Status.RUNNING)
    with living(run):
        for what in ("rename", "delete"):
            with pytest.raises(RunError, match="stop it first"):
                training.ask("Jigs", what, "Reels")
        assert names(training.look("Jigs")["run"]["tools"]) == []
    assert names(training.look("Jigs")["run"]["tools"]) == ["rename", "delete"]


def test_a_deleted_run_comes_back_under_a_name_that_is_free(training):
    make_run(training.workspace, "Jigs")
    message = training.ask("Jigs", "delete")
    assert message["said"] == "“Jigs” is deleted."
    assert message["runs"] == []
    (item,) = message["deleted"]
    assert item["words"] == "“Jigs”, a training"
    make_run(training.workspace, "Jigs")
    assert training.upkeep.bring_back(item["key"]).name == "Jigs 2"
    assert {one.name for one in list_runs(training.workspace)} == {"Jigs", "Jigs 2"}
    with pytest.raises(RunError, match="gone for good"):
        training.upkeep.bring_back(item["key"])


@pytest.mark.parametrize("key", [None, "", "../Jigs", "1-run", 7])
def test_only_what_is_in_the_trash_is_brought_back(training, key):
    make_run(training.workspace, "Jigs")
    with pytest.raises(RunError):
        training.upkeep.bring_back(key)


def test_what_was_deleted_is_gone_after_a_week(tmp_path, monkeypatch):
    (tmp_path / "Jigs").mkdir()
    trash = Trash(tmp_path)
    item = trash.put(BelongingKind.RUN, tmp_path / "Jigs")
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 6 * 86_400 * 1_000_000_000)
    trash.forget_old()
    assert [one.key for one in trash.items()] == [item.key]
    monkeypatch.setattr(time, "time_ns", lambda: now + 8 * 86_400 * 1_000_000_000)
    trash.forget_old()
    assert trash.items() == []
    assert not item.folder.exists()


def test_music_is_renamed_exported_and_deleted(training, music):
    message = training.ask_music("Jigs", "rename", "Old tunes")
    assert message["datasets"] == [{"name": "Jigs", "title": "Old tunes"}]
    assert message["title"].startswith("“Old tunes”: 3 of 3 files")
    assert training.config(TrainingSettings(dataset="Jigs")).run.name == "Old tunes light"
    path = training.ask_music("Jigs", "export")["export"]
    assert path.name == "Old tunes.zip"
    assert path.is_relative_to(training.uploads)
    with zipfile.ZipFile(path) as archive:
        assert [name.rpartition("/")[2] for name in archive.namelist()] == [
            f"song {index}.mid" for index in range(3)
        ]
    assert training.ask_music("Jigs", "delete")["datasets"] == []
    (item,) = training.look("")["deleted"]
    assert item["words"] == "“Old tunes”, music"
    training.upkeep.bring_back(item["key"])
    assert training.music("")["name"] == "Old tunes"


def test_music_that_is_trained_on_is_not_deleted(training, music):
    config = training.config(TrainingSettings(dataset="Jigs"))
    from meloformer.runs.workspace import RunState, create_run, write_state

    run = create_run("Six", config, training.workspace)
    write_state(run.folder, RunState(status=Status.RUNNING))
    with living(run), pytest.raises(DataError, match="is being trained on"):
        training.ask_music("Jigs", "delete")
    training.ask_music("Jigs", "delete")


@pytest.mark.parametrize("what", ["", None, "use", 7])
def test_unknown_wishes_about_music_are_refused(training, music, what):
    with pytest.raises(RunError, match="unknown"):
        training.ask_music("Jigs", what)


def test_a_model_travels_from_one_workspace_to_another(training, base, tmp_path, app_state):
    run = make_run(training.workspace, "Jigs", status=Status.FINISHED)
    save(run, base, 40, best=True)
    assert names(training.look("Jigs")["run"]["tools"]) == ["rename", "export", "delete"]
    path = training.ask("Jigs", "export")["run"]["export"]
    assert path.name == "Jigs.zip"
    app_state.model_cache = ModelCache(tmp_path / "elsewhere")
    there = TrainingActions(app_state, tmp_path / "elsewhere", training.uploads, base)
    entry = there.upkeep.import_model(str(path))
    assert entry.name == "imported/Jigs"
    (shown,) = there.look("")["models"]
    assert shown["label"] == "Jigs"
    assert there.app_state.model_cache.load("imported/Jigs").card.name == "untrained"
    there.upkeep.delete_model("imported/Jigs")
    assert there.look("")["models"] == []
    (item,) = there.look("")["deleted"]
    there.upkeep.bring_back(item["key"])
    assert [one.name for one in there.upkeep.models()] == ["imported/Jigs"]


@pytest.mark.parametrize("file", [None, "", 7, "/etc/hostname", "nothing.zip"])
def test_only_what_was_uploaded_is_imported(training, file):
    with pytest.raises(CheckpointError, match="did not arrive"):
        training.upkeep.import_model(file)


def test_a_run_without_a_checkpoint_has_nothing_to_export(training):
    make_run(training.workspace, "Jigs")
    with pytest.raises(MeloFormerError, match="saved nothing"):
        training.ask("Jigs", "export")
    with pytest.raises(CheckpointError, match="not there any more"):
        training.upkeep.delete_model("imported/Jigs")
