import os
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from meloformer import checkpoint
from meloformer.checkpoint import Card
from meloformer.data.bloom_filter import BloomFilter
from meloformer.data.known_runs import KnownRuns
from meloformer.errors import CheckpointError, RunError
from meloformer.model import MeloFormer
from meloformer.runs.config import TrainConfig
from meloformer.runs.workspace import Run
from meloformer.training.checkpoints import STATE, Checkpoints
from meloformer.training.failures import reason_of
from tests.runs.forked_ranks import fork


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    (tmp_path / "checkpoints").mkdir()
    return Checkpoints(tmp_path, keep=2)


@pytest.fixture
def model(small_base: Path) -> MeloFormer:
    return checkpoint.load(small_base)[0]


@pytest.fixture
def card(small_base: Path) -> Card:
    return checkpoint.read_card(small_base)


def save(
    checkpoints: Checkpoints, model: MeloFormer, card: Card, step: int, bits: float | None = None
) -> Path:
    return checkpoints.save(model, card, {"step": step, "value": torch.tensor(step)}, bits)


def names(checkpoints: Checkpoints) -> list[str]:
    return sorted(path.name for path in checkpoints.folder.iterdir() if path.is_dir())


def test_the_last_and_the_best_are_kept(
    checkpoints: Checkpoints, model: MeloFormer, card: Card, tmp_path: Path
) -> None:
    for step, bits in ((10, 7.0), (20, 6.0), (30, None), (40, 6.5), (50, None)):
        save(checkpoints, model, card, step, bits)
    assert names(checkpoints) == ["step-000020", "step-000040", "step-000050"]
    run = Run(tmp_path)
    assert run.last() == checkpoints.path(50)
    assert run.best() == checkpoints.path(20)
    state = checkpoints.newest_state()
    assert state is not None
    assert state["step"] == 50
    checkpoint.load(checkpoints.path(50))


def test_the_index_of_the_music_of_the_base_goes_on_with_what_is_made_of_it(
    model: MeloFormer, card: Card, small_base: Path, tmp_path: Path
) -> None:
    checkpoint.copy(small_base, tmp_path / "base")
    made = Checkpoints(tmp_path / "run", keep=2, base=tmp_path / "base")
    assert checkpoint.load_known_runs(save(made, model, card, 10)) is None
    known = KnownRuns(8, 567, 1, BloomFilter.of(np.array([7], dtype=np.uint64), 9))
    checkpoint.add_known_runs(tmp_path / "base", known)
    found = checkpoint.load_known_runs(save(made, model, card, 20))
    assert found is not None
    assert found.num_notes == 567


def test_a_new_run_has_nothing_to_go_on_from(checkpoints: Checkpoints) -> None:
    assert checkpoints.newest_state() is None
    assert checkpoints.best_bits_per_note() == float("inf")


@pytest.mark.parametrize("damage", ["cut", "gone", "zeros", "renamed"])
def test_a_damaged_checkpoint_is_left_out_with_a_word(
    checkpoints: Checkpoints,
    model: MeloFormer,
    card: Card,
    damage: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    save(checkpoints, model, card, 10)
    state = save(checkpoints, model, card, 20) / STATE
    if damage == "cut":
        os.truncate(state, state.stat().st_size // 2)
    elif damage == "gone":
        state.unlink()
    elif damage == "zeros":
        state.write_bytes(bytes(state.stat().st_size))
    else:
        state.parent.rename(checkpoints.path(21))
    found = checkpoints.newest_state()
    assert found is not None
    assert found["step"] == 10
    assert "damaged" in caplog.text
    assert len(Run(checkpoints.folder.parent).checkpoints()) == 1
    # What has taken its place is not pruned away for it.
    save(checkpoints, model, card, 15)
    assert [one for one in names(checkpoints) if one.startswith("step")] == [
        "step-000010",
        "step-000015",
    ]


@pytest.mark.parametrize("name", [STATE, checkpoint.WEIGHTS])
def test_a_bit_that_has_changed_is_found(
    checkpoints: Checkpoints, model: MeloFormer, card: Card, name: str
) -> None:
    save(checkpoints, model, card, 10)
    damaged = save(checkpoints, model, card, 20)
    content = bytearray((damaged / name).read_bytes())
    content[len(content) // 2] ^= 1
    (damaged / name).write_bytes(content)
    if name == checkpoint.WEIGHTS:
        with pytest.raises(CheckpointError, match="damaged"):
            checkpoint.load(damaged)
        with pytest.raises(CheckpointError, match="damaged"):
            checkpoint.copy(damaged, checkpoints.folder / "copy")
        return
    found = checkpoints.newest_state()
    assert found is not None
    assert found["step"] == 10


def test_a_run_with_damaged_checkpoints_only_does_not_begin_again(
    checkpoints: Checkpoints, model: MeloFormer, card: Card
) -> None:
    (save(checkpoints, model, card, 10) / STATE).write_bytes(b"no state")
    for _ in range(2):
        with pytest.raises(RunError, match="all checkpoints of this run are damaged"):
            checkpoints.newest_state()
    assert names(checkpoints) == ["damaged-step-000010"]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_neither_saved_nor_gone_on_from(
    checkpoints: Checkpoints, model: MeloFormer, card: Card, value: float
) -> None:
    save(checkpoints, model, card, 10)
    state = {"step": 20, "optimiser": [{"average": torch.tensor([1.0, value])}]}
    checkpoints.save(model, card, state, None)
    found = checkpoints.newest_state()
    assert found is not None
    assert found["step"] == 10
    with torch.no_grad():
        next(iter(model.parameters())).view(-1)[0] = value
    with pytest.raises(CheckpointError, match="not numbers"):
        save(checkpoints, model, card, 30)
    assert not checkpoints.path(30).exists()


def test_what_a_killed_process_has_left_is_removed(
    checkpoints: Checkpoints, model: MeloFormer, card: Card
) -> None:
    save(checkpoints, model, card, 10)
    (checkpoints.folder / ".new-step-000020").mkdir()
    (checkpoints.folder / ".new-step-000020" / STATE).write_bytes(b"half")
    checkpoints.newest_state()
    assert names(checkpoints) == ["step-000010"]


def test_a_failed_save_leaves_everything_as_it_was(
    checkpoints: Checkpoints, model: MeloFormer, card: Card
) -> None:
    save(checkpoints, model, card, 10, 5.0)
    with pytest.raises(Exception, match="pickle"):
        checkpoints.save(model, card, {"step": 20, "value": lambda: 1}, 4.0)
    assert names(checkpoints) == ["step-000010"]
    assert list(checkpoints.folder.glob(".*")) == []
    assert checkpoints.best_bits_per_note() == 5.0


@pytest.fixture
def small_disk(tmp_path: Path):
    """A file system of two megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_costs_no_checkpoint(small_disk: Path, model: MeloFormer, card: Card) -> None:
    run = small_disk / "run"
    (run / "checkpoints").mkdir(parents=True)
    checkpoints = Checkpoints(run, keep=100)

    def fill() -> None:
        for step in range(1, 100):
            save(checkpoints, model, card, step)

    with pytest.raises(Exception) as caught:  # noqa: PT011  # many writers, many kinds
        fill()
    reason = reason_of(caught.value, TrainConfig(shards=run, run=run))
    assert reason.startswith("The disk is full")
    last = Run(run).last()
    state = checkpoints.newest_state()
    assert last is not None
    assert state is not None
    assert last == Run(run).checkpoints()[-1] == checkpoints.path(state["step"])
    checkpoint.load(last)
    assert list(checkpoints.folder.glob(".*")) == []


def save_forever(run: Path, base: Path) -> None:
    model, card = checkpoint.load(base)
    checkpoints = Checkpoints(run, keep=2)
    for step in range(1, 100_000):
        state = {"step": step, "value": torch.full((1000,), step)}
        checkpoints.save(model, card, state, 1 / step)


def test_kill_9_while_saving_leaves_a_whole_checkpoint(
    checkpoints: Checkpoints, small_base: Path
) -> None:
    run = Run(checkpoints.folder.parent)
    for tenth in range(5):
        before = run.last()
        process = fork(save_forever, run.folder, small_base)
        while run.last() == before:
            assert process.is_alive()
            time.sleep(0.01)
        time.sleep(0.037 * tenth)  # any moment of a save is as good as another
        process.kill()
        process.join()
        state = checkpoints.newest_state()
        assert state is not None
        assert (state["value"] == state["step"]).all()
        checkpoint.load(checkpoints.path(state["step"]))
        last = run.last()
        assert last is not None
        checkpoint.load(last)


def test_a_state_of_another_step_is_not_taken(
    checkpoints: Checkpoints, model: MeloFormer, card: Card
) -> None:
    save(checkpoints, model, card, 10).rename(checkpoints.path(12))
    with pytest.raises(RunError, match="is of step 10"):
        checkpoints.state(12)
