import dataclasses
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from meloformer.files import write_json
from meloformer.runs.workspace import Run, Status, read_state
from tests.runs.forked_ranks import SLOWEST_S, forked
from tests.runs.real_runs import (
    kill_rank,
    losses,
    metrics,
    new_run,
    same_weights,
    small_config,
    started,
    torchrun_of,
    train_in_processes,
    wait_for_step,
    weights,
)

pytestmark = pytest.mark.slow
NewRun = Callable[..., Run]


@pytest.fixture
def make(shards_folder: Path, small_base: Path, tmp_path: Path) -> NewRun:
    def make(name: str, **settings) -> Run:
        return new_run(small_config(shards_folder, tmp_path / name, small_base, **settings))

    return make


def train(run: Run, processes: int = 1) -> Run:
    assert train_in_processes(run, processes) == 0, run.log_tail()
    assert read_state(run.folder).status == Status.FINISHED
    return run


def test_two_processes_equal_one_with_the_double_batch(make: NewRun) -> None:
    """Muon makes more of the last bits of a sum than AdamW does."""
    one = train(make("one", rows=4))
    two = train(make("two", rows=2), processes=2)
    accumulated = train(make("accumulated", rows=1, accumulate=2), processes=2)
    expected = losses(one)
    assert len(expected) == 10
    assert losses(two) == pytest.approx(expected, rel=1e-4)
    assert losses(accumulated) == pytest.approx(expected, rel=1e-4)
    assert [line["tokens"] for line in metrics(two)] == [line["tokens"] for line in metrics(one)]


AGAIN = {"checkpoint_attention": True, "checkpoint_ffn": True}


@pytest.mark.parametrize(
    "settings", [{"lora_rank": 4}, {"fsdp": True, **AGAIN}], ids=["lora", "fsdp"]
)
def test_with_adamw_two_processes_equal_one_to_the_last_digits(
    make: NewRun, settings: dict[str, object]
) -> None:
    one = train(make("one", rows=4, **settings))
    two = train(make("two", rows=2, **settings), processes=2)
    accumulated = train(make("accumulated", rows=1, accumulate=2, **settings), processes=2)
    assert losses(two) == pytest.approx(losses(one), abs=1e-5)
    assert losses(accumulated) == pytest.approx(losses(one), abs=1e-5)
    assert metrics(two)[-2]["bits_per_note"] == pytest.approx(
        metrics(one)[-2]["bits_per_note"], abs=1e-4
    )


def test_muon_keeps_the_weights_of_all_processes_the_same_bits(make: NewRun) -> None:
    run = make("hashes")
    assert train_in_processes(run, 2, "tests.training.rank_hashes") == 0, run.log_tail()
    first, second = ((run.folder / f"rank-{rank}.txt").read_text() for rank in (0, 1))
    assert first == second


def test_processes_end_that_still_hold_their_model(make: NewRun) -> None:
    run = make("held")
    assert train_in_processes(run, 2, "tests.training.rank_keeps_model") == 0, run.log_tail()


def test_a_signal_to_one_process_stops_all(make: NewRun) -> None:
    run = make("stopped", steps=100_000, save_minutes=60)
    with forked(run, 2) as ranks:
        wait_for_step(run, 3)
        ranks.send_signal(signal.SIGTERM, rank=1)
        assert ranks.wait(180) == [0, 0], run.log_tail()
    state = read_state(run.folder)
    assert state.status == Status.STOPPED
    assert run.last() == run.folder / "checkpoints" / f"step-{state.step:06d}"
    assert metrics(run)[-1] == metrics(run)[-1] | {"event": "saved", "step": state.step}


def test_a_run_survives_killed_processes(make: NewRun) -> None:
    """The first one, which writes, and the other: torchrun starts both again where they were."""
    settings = {"steps": 40, "save_minutes": 0.001, "evaluate_minutes": 0.05}
    whole = train(make("whole", **settings), processes=2)
    run = make("killed", **settings)
    with started(torchrun_of(run, 2), run.folder / "log.txt") as process:
        for rank, step in ((0, 5), (1, 25)):
            wait_for_step(run, step)
            kill_rank(process, rank)
        assert process.wait(SLOWEST_S) == 0, run.log_tail()
    assert read_state(run.folder).status == Status.FINISHED
    assert losses(run) == losses(whole)
    assert same_weights(run, whole)


def test_a_split_model_goes_on_with_fewer_processes(make: NewRun) -> None:
    run = make("fewer", fsdp=True, rows=2, steps=100_000)
    with forked(run, 2) as ranks:
        wait_for_step(run, 3)
        ranks.send_signal(signal.SIGTERM)
        assert ranks.wait(180) == [0, 0], run.log_tail()
    done = read_state(run.folder).step
    path = run.folder / "checkpoints" / f"step-{done:06d}"
    state = torch.load(path / "training_state.pt", weights_only=True)["learner"]
    assert state["model"].keys() == weights(run).keys()
    set_config(run, steps=done + 3, rows=4)
    train(run)
    curve = losses(run)
    assert len(curve) == done + 3
    assert curve[-1] < curve[0]


def set_config(run: Run, **settings) -> None:
    config = dataclasses.replace(run.config(), **settings)
    write_json(run.folder / "config.json", config.to_json())


def test_a_failure_is_said_and_not_tried_again(make: NewRun) -> None:
    run = make("failed", adam_lr=1e30, warmup_steps=0)
    assert train_in_processes(run, 2) == 1
    state = read_state(run.folder)
    assert state.status == Status.FAILED
    assert "no longer a number" in state.reason
    said = run.log_tail()
    assert said.count("no longer a number") <= 4
    assert train_in_processes(run, 2, TORCHELASTIC_RESTART_COUNT="1") == 1
    assert run.log_tail() == said
    assert read_state(run.folder) == state
