import json

import pytest

from meloformer.app.training.compare import Comparisons
from meloformer.app.training.sounds import Sounds
from meloformer.app.training.view import about, actions, page_message
from meloformer.runs.workspace import RunRequest, RunState, Status, list_runs
from tests.app.training.training_runs import living, log_steps, make_run, save


@pytest.fixture
def root(tmp_path):
    return tmp_path / "runs"


@pytest.fixture
def look(root, tmp_path):
    def message(chosen="", turn=""):
        sounds = Sounds(None, "No sound.", tmp_path / "files")
        return page_message(list_runs(root), chosen, sounds, Comparisons(), turn=turn)

    return message


def labels(message):
    return [action["label"] for action in message["run"]["actions"]]


def test_without_runs_there_is_nothing_to_see(look):
    assert look() == {"chosen": "", "turn": "", "runs": [], "run": None}


def test_a_message_is_json(root, look):
    log_steps(make_run(root), 40, evaluate=10)
    assert json.loads(json.dumps(look()))["run"]["curves"]["held"]["bits"] == [7.75, 7.5, 7.25, 7.0]


def test_a_dead_run_is_interrupted_and_can_be_resumed(root, look, tmp_path):
    run = make_run(root, status=Status.RUNNING, fraction=0.4, step=40)
    assert labels(look()) == ["Start again"]
    (tmp_path / "model").mkdir()
    for name in ("card.json", "model.safetensors"):
        (tmp_path / "model" / name).touch()
    save(run, tmp_path / "model", 40)
    shown = look()["run"]
    assert shown["title"] == "Interrupted"
    assert "from step 40" in shown["sentence"]
    assert labels(look()) == ["Use this model in Compose", "Resume"]


def test_a_living_run_can_be_saved_heard_and_stopped(root, look):
    run = make_run(root, status=Status.RUNNING, seconds_left=60.0)
    with living(run):
        assert labels(look()) == ["Listen now", "Save now", "Stop and save", "Stop without saving"]
        run.request(RunRequest.SAVE)
        assert labels(look())[1] == "Saving…"
        run.request(RunRequest.STOP)
        assert look()["run"]["title"] == "Stopping"
        assert labels(look()) == ["Stopping…", "End it now"]


def test_what_runs_is_looked_at_before_what_waits_or_is_over(root, look):
    busy = make_run(root, "busy", status=Status.RUNNING)
    with living(busy):
        make_run(root, "old", status=Status.FINISHED)
        assert look()["chosen"] == "busy"
        assert look("old")["chosen"] == "old"
        assert look("deleted", "to")["chosen"] == "busy"
    assert look()["chosen"] == "old"


def test_a_run_with_damaged_settings_is_shown_as_damaged(root, look):
    run = make_run(root)
    (run.folder / "config.json").write_text('{"rows": "many"}')
    shown = look()["run"]
    assert shown["title"] == "Damaged"
    assert shown["sentence"]
    assert shown["actions"] == []


def test_a_failure_says_why_and_long_log_lines_are_cut(root, look):
    run = make_run(root, status=Status.FAILED, reason="The disk is full.")
    (run.folder / "log.txt").write_text("x" * 5000 + "\nlast words\n")
    shown = look()["run"]
    assert shown["reason"] == "The disk is full."
    assert len(shown["log"]) < 500
    assert shown["log"].endswith("last words")


def test_a_finished_run_is_used_and_not_resumed():
    said = actions(RunState(status=Status.FINISHED), frozenset(), has_saved=True)
    assert [one["what"] for one in said] == ["use"]
    assert said[0]["first"]


def test_the_best_is_told_where_it_is_not_the_last(root, look, tmp_path):
    run = make_run(root, status=Status.FINISHED)
    (tmp_path / "model").mkdir()
    for name in ("card.json", "model.safetensors"):
        (tmp_path / "model" / name).touch()
    save(run, tmp_path / "model", 40, best=True)
    assert "best" not in look()["run"]["sentence"]
    save(run, tmp_path / "model", 80)
    assert "best at step 40, which is what Compose takes" in look()["run"]["sentence"]


def test_a_run_says_what_it_is(root, tmp_path):
    from dataclasses import replace

    config = make_run(root).config()
    assert about(config) == ["from scratch, tiny", "10 min"]
    music = root / ".datasets" / "Jigs" / "shards"
    tuned = replace(config, base=tmp_path / "small", lora_rank=8, steps=1200, shards=music)
    assert about(tuned) == ["“Jigs”", "small fine-tuned, light (LoRA)", "1,200 steps"]


def test_the_command_begins_watches_stops_and_resumes(root, look):
    make_run(root, "My waltzes")
    lines = look()["run"]["command"].splitlines()
    assert [line.split()[3] for line in lines] == ["train", "runs", "runs", "runs"]
    assert all("'My waltzes'" in line for line in lines[1:])
