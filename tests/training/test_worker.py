import fcntl
import random
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from meloformer import checkpoint
from meloformer.errors import RunError
from meloformer.runs.state import change_state
from meloformer.runs.workspace import Run, RunRequest, Status, read_state
from meloformer.training import trainer as trainer_module
from meloformer.training.worker import train
from tests.runs.forked_ranks import forked
from tests.runs.real_runs import (
    losses,
    metrics,
    new_run,
    same_weights,
    small_config,
    train_in_processes,
    wait_for_step,
)

NewRun = Callable[..., Run]


@pytest.fixture
def make(shards_folder: Path, small_base: Path, tmp_path: Path) -> NewRun:
    def make(name: str = "run", **settings) -> Run:
        return new_run(small_config(shards_folder, tmp_path / name, small_base, **settings))

    return make


@pytest.mark.slow
def test_a_run_killed_at_any_step_goes_on_as_if_nothing_had_happened(make: NewRun) -> None:
    settings = {"steps": 24, "save_minutes": 0.002, "evaluate_minutes": 0.02, "log_steps": 1}
    whole, run = make("whole", **settings), make(**settings)
    assert train_in_processes(whole) == 0, whole.log_tail()
    drawn = random.Random(0)
    for kill_at in (1, drawn.randrange(3, 21), 22):
        with forked(run) as ranks:
            wait_for_step(run, kill_at)
            time.sleep(drawn.random() * 0.02)
            ranks.send_signal(signal.SIGKILL)
            assert ranks.wait(10) == [-signal.SIGKILL]
    assert run.state().status == Status.INTERRUPTED
    assert train_in_processes(run) == 0, run.log_tail()
    assert read_state(run.folder).status == Status.FINISHED
    assert losses(run) == losses(whole)
    assert same_weights(run, whole)


@pytest.mark.slow
def test_requests_are_served_and_a_line_says_how_far_it_is(make: NewRun) -> None:
    run = make(steps=100_000)
    with forked(run) as ranks:
        wait_for_step(run, 2)
        assert run.state().status in (Status.STARTING, Status.RUNNING)
        assert run.is_alive()
        run.request(RunRequest.SAVE)
        until = time.monotonic() + 60
        while RunRequest.SAVE in run.pending() and time.monotonic() < until:
            time.sleep(0.05)
        assert run.last() is not None
        run.request(RunRequest.STOP)
        assert ranks.wait(180) == [0]
    assert run.state().status == Status.STOPPED
    assert not run.is_alive()
    assert re.search(r"step \d+ of 100,000  loss \d\.\d+  [\d,]+ tokens/s  .* left", run.log_tail())
    assert metrics(run)[-1]["event"] == "saved"


@pytest.mark.slow
def test_what_has_failed_for_good_is_not_tried_by_a_restart(make: NewRun) -> None:
    run = make()
    change_state(run.folder, Status.FAILED, "The disk is full.")
    assert train_in_processes(run, TORCHELASTIC_RESTART_COUNT="1") == 1
    assert read_state(run.folder).reason == "The disk is full."
    assert train_in_processes(run, TORCHELASTIC_RESTART_COUNT="0") == 0


def test_a_run_is_not_trained_twice_at_once(make: NewRun) -> None:
    run = make()
    before = read_state(run.folder)
    with (run.folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(RunError, match="another process"):
            train(run.config())
    assert read_state(run.folder) == before


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "The memory is too small: take fewer rows at once (now 2)"),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 TB"),
            "The memory is too small",
        ),
        (OSError(28, "No space left on device"), "The disk is full"),
        (ValueError("seven"), "An unexpected error ended the run, see its log: ValueError: s"),
    ],
)
def test_the_state_says_in_a_sentence_why_a_run_failed(
    make: NewRun, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def fail(*arguments: object) -> None:
        raise error

    run = make()
    monkeypatch.setattr(trainer_module.Trainer, "_train_step", fail)
    with pytest.raises(RunError, match=re.escape(reason)):
        train(run.config())
    state = read_state(run.folder)
    assert state.status == Status.FAILED
    assert state.reason.startswith(reason)


def test_paths_need_not_be_absolute_nor_the_run_stay_where_it_is(
    make: NewRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = make("elsewhere", steps=2).config()
    small = small_config(config.shards, Path("runs/new"), config.base, steps=2)
    assert train(small) == tmp_path / "runs" / "new" / "checkpoints" / "step-000002"
    (tmp_path / "runs" / "new").rename(tmp_path / "moved")
    assert train_in_processes(Run(tmp_path / "moved")) == 0
    checkpoint.load(tmp_path / "moved" / "checkpoints" / "step-000002")
