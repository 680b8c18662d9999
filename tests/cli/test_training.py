import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from meloformer.cli import main
from meloformer.registry import default_checkpoint
from meloformer.runs.config import TrainConfig
from meloformer.runs.presets import fine_tune
from meloformer.runs.processes import processes_of, write_pid_file
from meloformer.runs.workspace import (
    TRAINER,
    Run,
    RunRequest,
    RunState,
    Status,
    create_run,
    write_state,
)
from tests.runs.stand_in_runs import runs_below, wait_for, wait_until

SMALL = ["--context-tokens", "64", "--rows", "1", "--evaluate-tokens", "0", "--log-steps", "1"]


@pytest.fixture(scope="module")
def shards(shards_folder: Path) -> Path:
    return shards_folder


@pytest.fixture(autouse=True)
def _can_be_interrupted() -> Iterator[None]:
    """What a shell starts in the background ignores SIGINT, and so would all that tests start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    with runs_below(tmp_path / "runs") as root:
        yield root


def wait_for_step(run: Run, step: int) -> None:
    wait_until(lambda: (run.folder / "state.json").exists() and run.state().step >= step)


def train_words(shards: Path, root: Path, steps: int) -> list[str]:
    words = ["train", "--shards", str(shards), "--run", str(root / "songs")]
    return [*words, "--steps", str(steps), *SMALL]


def begin(words: list[str]) -> subprocess.Popen[str]:
    """A command in a process of its own, as a shell would start it."""
    command = [sys.executable, "-m", "meloformer", *words]
    return subprocess.Popen(
        command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )


@pytest.mark.slow
def test_a_run_is_trained_in_the_foreground(shards: Path, root: Path) -> None:
    words = train_words(shards, root, 4)
    said, _ = (shell := begin(words)).communicate(timeout=120)
    assert shell.returncode == 0, said
    assert "step 4 of 4" in said
    assert said.splitlines()[-1].startswith("songs  finished  step 4 of 4")
    run = Run(root / "songs")
    assert (run.state().status, run.state().step) == (Status.FINISHED, 4)
    assert run.last() == run.folder / "checkpoints" / "step-000004"
    said, _ = (shell := begin(words)).communicate(timeout=180)
    assert shell.returncode == 1
    assert "has finished" in said


@pytest.mark.slow
def test_the_shipped_model_is_fine_tuned_as_the_app_would(shards: Path, root: Path) -> None:
    words = ["fine-tune", "--shards", str(shards), "--run", str(root / "songs")]
    said, _ = (shell := begin([*words, "--minutes", "0.02"])).communicate(timeout=120)
    assert shell.returncode == 0, said
    run = Run(root / "songs")
    assert run.state().status == Status.FINISHED
    assert run.config() == fine_tune(shards, run.folder, default_checkpoint(), minutes=0.02)


@pytest.mark.slow
def test_a_signal_saves_and_stops_and_the_same_command_goes_on(shards: Path, root: Path) -> None:
    """A batch system's signal, and then the one of Ctrl-C."""
    run = Run(root / "songs")
    done = 0
    for number in (signal.SIGTERM, signal.SIGINT):
        shell = begin(train_words(shards, root, 100_000))
        wait_for_step(run, done + 2)
        os.kill(shell.pid, number)
        said, _ = shell.communicate(timeout=180)
        assert shell.returncode == 0, said
        assert "saves and stops" in said
        stopped = run.state()
        assert stopped.status == Status.STOPPED
        assert stopped.step > done
        assert run.last() == run.folder / "checkpoints" / f"step-{stopped.step:06d}"
        done = stopped.step


@pytest.mark.slow
def test_a_run_is_started_watched_and_stopped_from_different_shells(
    shards: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*train_words(shards, root, 100_000), "--detach"])
    assert "meloformer runs stop 'songs'" in capsys.readouterr().out
    run = Run(root / "songs")
    wait_for(run, Status.RUNNING)
    watcher = begin(["runs", "watch", "songs", "--root", str(root)])
    wait_until(lambda: run.state().step >= 2)
    with pytest.raises(SystemExit):
        main(["runs", "resume", "songs", "--root", str(root)])
    assert "running already" in capsys.readouterr().err
    main(["runs", "save", "songs", "--root", str(root)])
    wait_until(lambda: run.last() is not None)
    main(["runs", "stop", "songs", "--root", str(root)])
    assert capsys.readouterr().out.splitlines()[-1].startswith("songs  stopping")
    said, _ = watcher.communicate(timeout=180)
    assert watcher.returncode == 0, said
    assert "step 2 of 100,000" in said
    assert run.state().status == Status.STOPPED


@pytest.mark.slow
def test_a_second_interrupt_ends_a_run_at_once(shards: Path, root: Path) -> None:
    run = Run(root / "songs")
    shell = begin(train_words(shards, root, 100_000))
    wait_until(lambda: run.is_alive())
    os.kill(shell.pid, signal.SIGINT)
    wait_until(lambda: RunRequest.STOP in run.pending())
    os.kill(shell.pid, signal.SIGINT)
    said, _ = shell.communicate(timeout=180)
    assert run.state().status == Status.STOPPED, said
    assert processes_of(run.folder) == []


def test_a_run_for_several_machines_is_only_made(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*train_words(tmp_path, root, 5), "--create"])
    assert f"meloformer.training.worker '{root / 'songs'}'" in capsys.readouterr().out
    assert Run(root / "songs").state().status == Status.STOPPED
    with pytest.raises(SystemExit):
        main([*train_words(tmp_path, root, 6), "--create"])
    assert "other settings: steps" in capsys.readouterr().err


def test_runs_are_listed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["runs", "--root", str(root)])
    assert capsys.readouterr().out == "there are no runs yet\n"
    run = create_run("songs", TrainConfig(shards=root, run=root, steps=2000), root)
    write_pid_file(run.folder, TRAINER)
    state = RunState(
        status=Status.RUNNING, step=500, steps=2000, bits_per_note=6.125, seconds_left=100
    )
    write_state(run.folder, state)
    main(["runs", "--root", str(root)])
    line = "songs  running  step 500 of 2,000  6.12 bits per note  1 min 40 s left\n"
    assert capsys.readouterr().out == line
    main(["runs", "list", "songs", "--root", str(root), "--json"])
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["name"], row["status"], row["bits_per_note"]) == ("songs", "running", 6.125)


@pytest.mark.parametrize("action", ["stop", "abandon", "save", "listen"])
def test_runs_are_asked_things(root: Path, action: str, capsys: pytest.CaptureFixture[str]) -> None:
    run = create_run("songs", TrainConfig(shards=root, run=root), root)
    with pytest.raises(SystemExit):
        main(["runs", action, "songs", "--root", str(root)])
    assert "does not run" in capsys.readouterr().err
    write_pid_file(run.folder, TRAINER)
    write_state(run.folder, RunState(status=Status.RUNNING))
    main(["runs", action, "songs", "--root", str(root)])
    assert run.pending() == {RunRequest(action)}


@pytest.mark.parametrize("words", [["watch"], ["stop", "nobody"], ["resume", "../songs"]])
def test_a_run_that_is_not_there_is_a_sentence(
    root: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["runs", *words, "--root", str(root)])
    assert caught.value.code == 1
    assert "hint" in (said := capsys.readouterr().err) or "no run named" in said


def test_watching_a_run_that_failed_tells_why(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = create_run("songs", TrainConfig(shards=root, run=root), root)
    (run.folder / "log.txt").write_text("one\ntwo\n")
    write_state(run.folder, RunState(status=Status.FAILED, reason="The disk is full."))
    with pytest.raises(SystemExit):
        main(["runs", "watch", "songs", "--root", str(root)])
    said = capsys.readouterr()
    assert said.out == "one\ntwo\n"
    assert said.err.startswith("songs has failed: The disk is full.")
