from types import SimpleNamespace

import pytest

from meloformer.app.model_cache import ModelCache
from meloformer.app.training.actions import TrainingActions
from meloformer.runs.workspace import RunRequest, Status
from tests.app.training.training_runs import event, living, make_run, save, untrained
from ui.blocks import build
from ui.training.tab import TrainingHandlers

VISITOR = SimpleNamespace(username=None, cookies={})
"""What a request tells of who has sent it."""
pytestmark = pytest.mark.usefixtures("one_event_loop")


@pytest.fixture
def training(app_state, tmp_path) -> TrainingActions:
    uploads = tmp_path / "files"
    uploads.mkdir(exist_ok=True)
    base = untrained(tmp_path / "base", app_state)
    app_state.model_cache = ModelCache(tmp_path / "runs")
    return TrainingActions(app_state, tmp_path / "runs", uploads, base)


@pytest.fixture
def blocks(app_state, training, tmp_path, examples):
    return build(app_state, uploads=tmp_path / "files", examples=examples, training=training)


@pytest.fixture
def on(blocks) -> TrainingHandlers:
    """The handlers, as they are connected to the page."""
    found = (getattr(fn.fn, "__self__", None) for fn in blocks.fns.values())
    return next(one for one in found if isinstance(one, TrainingHandlers))


def labels(blocks):
    return {getattr(block, "label", None) for block in blocks.blocks.values()}


def test_the_tab_is_there_and_offers_nothing_to_programs(blocks):
    assert {"Compose", "Training"} <= labels(blocks)
    assert all(fn.api_visibility == "private" for fn in blocks.fns.values())


def test_without_leave_to_train_there_is_no_tab_and_nothing_behind_it(
    app_state, tmp_path, examples
):
    blocks = build(app_state, uploads=tmp_path, examples=examples)
    assert "Training" not in labels(blocks)
    assert "Start training" not in [getattr(one, "value", "") for one in blocks.blocks.values()]
    assert not any(
        isinstance(getattr(fn.fn, "__self__", None), TrainingHandlers) for fn in blocks.fns.values()
    )


def test_a_page_shows_the_run_it_knows_or_another(on, training):
    make_run(training.workspace, "Jigs")
    make_run(training.workspace, "Reels")
    for known, shown in (("Jigs", "Jigs"), ("gone", "Reels"), ("", "Reels"), (7, "Reels")):
        updates = on.attach(event(run=known))
        assert updates[on.page.chosen] == shown
        assert updates[on.page.runs]["run"]["name"] == shown
    updates = on.look({on.page.chosen: "Jigs", on.page.dataset: ""})
    assert updates[on.page.runs]["run"]["name"] == "Jigs"
    assert updates[on.page.runs]["turn"] == ""
    assert updates[on.page.music]["status"] == "none"


def test_a_button_reaches_the_run(on, training):
    run = make_run(training.workspace, status=Status.RUNNING)
    with living(run):
        updates = on.ask("", event(run=run.name, what="stop"), VISITOR)
    assert run.pending() == {RunRequest.STOP}
    assert updates[on.page.runs]["run"]["name"] == run.name


def test_a_trained_model_goes_to_the_compose_tab(on, training, app_state, tmp_path):
    run = make_run(training.workspace, "Jigs", status=Status.FINISHED)
    save(run, tmp_path / "base", 40)
    session = app_state.sessions.open()
    updates = on.ask(session.name, event(run="Jigs", what="use"), VISITOR)
    assert updates[on.tabs].selected == "compose"
    assert updates[on.compose.page.model]["value"] == "runs/Jigs"
    assert session.loaded.name == "runs/Jigs"
    assert ("Jigs, trained here", "runs/Jigs") in on.start_watching()[on.page.base]["choices"]


def test_a_training_is_renamed_and_deleted_by_its_buttons(on, training):
    make_run(training.workspace, "Jigs", status=Status.FINISHED)
    renamed = on.ask("", event(run="Jigs", what="rename", value="Reels"), VISITOR)
    assert renamed[on.page.chosen] == "Reels"
    deleted = on.ask("", event(run="Reels", what="delete"), VISITOR)
    assert deleted[on.page.chosen] == ""
    (item,) = deleted[on.page.runs]["deleted"]
    back = on.restore(event(key=item["key"], run=""))
    assert back[on.page.chosen] == "Reels"


def test_an_imported_model_is_offered_and_used(on, training, app_state, tmp_path):
    run = make_run(training.workspace, "Jigs", status=Status.FINISHED)
    save(run, tmp_path / "base", 40)
    path = on.ask("", event(run="Jigs", what="export"), VISITOR)[on.page.runs]["run"]["export"]
    updates = on.bring_model(event(path=str(path), run="Jigs"))
    assert "“Jigs” is imported" in updates[on.page.runs]["said"]
    assert ("Jigs, imported", "imported/Jigs") in updates[on.page.base]["choices"]
    session = app_state.sessions.open()
    left = on.leave(session.name)
    assert ("Jigs, imported", "imported/Jigs") in left[on.compose.page.model]["choices"]
    used = on.ask_model(session.name, event(model="imported/Jigs", what="use", run=""))
    assert used[on.tabs].selected == "compose"
    assert session.loaded.name == "imported/Jigs"
    gone = on.ask_model("", event(model="imported/Jigs", what="delete", run=""))
    assert gone[on.page.runs]["models"] == []
    assert on.leave("gone")[on.compose.page.model]["choices"]


def test_a_plan_without_music_or_with_a_mistake_cannot_start(on):
    components = on.page.form.components
    empty = dict.fromkeys(components.values())
    nothing = on.plan(empty)
    assert "Bring some music first" in nothing[on.page.plan]
    mistake = on.plan({**empty, components["dataset"]: "none", components["name"]: "<b>"})
    assert "class='wrong'" in mistake[on.page.plan]
    for updates in (nothing, mistake):
        assert updates[on.page.go]["interactive"] is False


def test_methods_are_explained_and_ask_for_what_they_need(on):
    updates = on.explain("scratch")
    assert "heard nothing but your music" in updates[on.page.explained]
    assert updates[on.page.size]["visible"]
    assert not updates[on.page.base]["visible"]


def test_what_is_begun_is_watched_though_watching_had_stopped(blocks, on):
    begin = [
        fn
        for fn in blocks.fns.values()
        if getattr(fn.fn, "__self__", None) is on and fn.name in ("bring", "start")
    ]
    assert len(begin) == 2
    assert all(on.page.timer in fn.outputs for fn in begin)
