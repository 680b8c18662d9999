import gc
import json
import os
import shutil
from weakref import ref

import pytest

from meloformer.app.model_cache import ModelCache
from meloformer.app.session_store import SessionStore
from meloformer.app.state import AppState
from meloformer.checkpoint import add_known_runs, save
from meloformer.errors import CheckpointError, MeloFormerError
from meloformer.registry import DEFAULT, run_models
from tests.engine.constraints.copying import known_of, tune


@pytest.fixture
def workspace(tmp_path, model, card):
    """A run with a best and a last checkpoint, one with a last, and things that are no runs."""
    root = tmp_path / "runs"
    for run, names in (("Jigs", ("best", "last")), ("Reels", ("last",))):
        folder = root / run / "checkpoints"
        for step, name in enumerate(names):
            save(folder / f"step-{step}", model, card)
            (folder / f"{name}.json").write_text(json.dumps({"folder": f"step-{step}"}))
    (root / "empty" / "checkpoints").mkdir(parents=True)
    damaged = root / "damaged" / "checkpoints"
    damaged.mkdir(parents=True)
    (damaged / "last.json").write_text('{"folder": "../../Jigs/checkpoints/step-0"}')
    shutil.copytree(root / "Jigs", root / ".hidden")
    return root


def test_the_best_and_what_was_saved_after_it_are_listed(workspace):
    entries = run_models(workspace)
    assert [entry.name for entry in entries] == ["runs/Jigs", "runs/Jigs/last", "runs/Reels"]
    assert entries[0].path == workspace / "Jigs" / "checkpoints" / "step-0"
    assert run_models(workspace / "nowhere") == ()


@pytest.mark.parametrize("text", [None, "[" * 100_000, "[]", '{"folder": 5}', "{}"])
def test_a_run_that_names_its_best_by_what_is_no_document_is_listed_with_its_last(workspace, text):
    best = workspace / "Jigs" / "checkpoints" / "best.json"
    best.unlink()
    if text is None:
        os.mkfifo(best)  # which nothing ever comes out of
    else:
        best.write_text(text)
    entries = run_models(workspace)
    assert [entry.name for entry in entries] == ["runs/Jigs", "runs/Reels"]
    assert entries[0].path == workspace / "Jigs" / "checkpoints" / "step-1"


def test_a_model_is_loaded_once_and_forgotten_when_nobody_uses_it(workspace):
    model_cache = ModelCache(workspace)
    first = model_cache.load("runs/Jigs")
    assert model_cache.load("runs/Jigs") is first
    gone = ref(first)
    del first
    gc.collect()
    assert gone() is None


def test_a_model_is_loaded_with_the_index_of_its_training_music(workspace):
    assert ModelCache(workspace).load("runs/Jigs").known_runs is None
    path = workspace / "Jigs" / "checkpoints" / "step-0"
    add_known_runs(path, known_of([tune(range(60, 80))]))
    assert ModelCache(workspace).load("runs/Jigs").known_runs.num_notes == 20


def test_shipped_models_are_there_without_runs():
    names = [entry.name for entry in ModelCache().entries()]
    assert names == [DEFAULT]
    with pytest.raises(CheckpointError, match="no model named runs/Jigs"):
        ModelCache().load("runs/Jigs")


@pytest.fixture
def app_state(model, card, workspace, tmp_path):
    return AppState(model, card, None, "", SessionStore(tmp_path / "files"), ModelCache(workspace))


def test_another_model_is_chosen_for_one_session_only(app_state):
    one, other = app_state.sessions.open(), app_state.sessions.open()
    app_state.choose(one, "runs/Jigs")
    assert one.loaded.model is not app_state.model
    assert other.loaded is None
    app_state.choose(one, "")
    assert one.loaded is None


def test_choosing_waits_for_the_continuation_being_written(app_state):
    session = app_state.sessions.open()
    session.is_composing = True
    with pytest.raises(MeloFormerError, match="being written"):
        app_state.choose(session, "runs/Jigs")
    assert session.loaded is None
