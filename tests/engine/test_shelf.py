import gc
import json
import shutil
from weakref import ref

import pytest

from meloformer.checkpoint import save
from meloformer.engine.desk import Desks
from meloformer.engine.shelf import Shelf
from meloformer.engine.studio import Studio
from meloformer.errors import CheckpointError, MeloFormerError
from meloformer.registry import DEFAULT, run_models


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


def test_a_model_is_loaded_once_and_forgotten_when_nobody_uses_it(workspace):
    shelf = Shelf(workspace)
    first = shelf.load("runs/Jigs")
    assert shelf.load("runs/Jigs") is first
    gone = ref(first)
    del first
    gc.collect()
    assert gone() is None


def test_shipped_models_are_there_without_runs():
    names = [entry.name for entry in Shelf().entries()]
    assert names == [DEFAULT]
    with pytest.raises(CheckpointError, match="no model named runs/Jigs"):
        Shelf().load("runs/Jigs")


@pytest.fixture
def studio(model, card, workspace, tmp_path):
    return Studio(model, card, None, "", Desks(tmp_path / "files"), Shelf(workspace))


def test_another_model_is_chosen_for_one_desk_only(studio):
    one, other = studio.desks.open(), studio.desks.open()
    studio.choose(one, "runs/Jigs")
    assert one.loaded.model is not studio.model
    assert other.loaded is None
    studio.choose(one, "")
    assert one.loaded is None


def test_choosing_waits_for_the_continuation_being_written(studio):
    desk = studio.desks.open()
    desk.is_composing = True
    with pytest.raises(MeloFormerError, match="being written"):
        studio.choose(desk, "runs/Jigs")
    assert desk.loaded is None
