import dataclasses
import fcntl
import json
import os
import signal
from pathlib import Path

import pytest
import torch

from meloformer import checkpoint
from meloformer.errors import ConfigError, RunError
from meloformer.model import SIZES
from meloformer.training import trainer as trainer_module
from meloformer.training.config import TrainConfig
from meloformer.training.trainer import Trainer, train


@pytest.fixture
def config(shards_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrainConfig:
    small = dataclasses.replace(
        SIZES["tiny"], num_layers=2, dim=64, num_heads=1, num_kv_heads=1, ffn_dim=128
    )
    monkeypatch.setitem(trainer_module.SIZES, "tiny", small)
    return TrainConfig(
        shards=shards_folder,
        run=tmp_path / "run",
        steps=6,
        context_tokens=128,
        rows=2,
        warmup_steps=2,
        log_steps=1,
        evaluate_tokens=256,
    )


def read_metrics(run: Path) -> list[dict[str, float]]:
    lines = (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def losses(run: Path) -> list[float]:
    return [line["loss"] for line in read_metrics(run) if line["event"] == "step"]


def test_the_loss_falls(config: TrainConfig) -> None:
    train(dataclasses.replace(config, steps=30))
    curve = losses(config.run)
    assert len(curve) == 30
    assert curve[-1] < 0.8 * curve[0]


def test_a_run_leaves_a_checkpoint_with_a_card(config: TrainConfig) -> None:
    path = train(config)
    model, card = checkpoint.load(path)
    assert path == config.run / "checkpoints" / "last"
    assert card.steps == 6
    assert 0 < card.tokens_seen <= 6 * 2 * 128
    assert [source.name for source in card.data] == ["band", "tune"]
    assert sum(source.share for source in card.data) == pytest.approx(1.0, abs=1e-3)
    assert "bits_per_note_quick" in card.metrics
    assert model.config.num_layers == 2


def test_a_run_tells_its_state_in_its_folder(config: TrainConfig) -> None:
    train(config)
    state = json.loads((config.run / "state.json").read_text(encoding="utf-8"))
    assert (state["status"], state["step"], state["fraction"]) == ("finished", 6, 1.0)
    assert json.loads((config.run / "config.json").read_text(encoding="utf-8"))["steps"] == 6
    assert read_metrics(config.run)[-1]["bits_per_note"] > 0


def test_a_resumed_run_equals_an_uninterrupted_one_bit_for_bit(
    config: TrainConfig, tmp_path: Path
) -> None:
    whole = dataclasses.replace(config, run=tmp_path / "whole")
    train(whole)
    interrupted = Trainer(config)
    stop_after(interrupted, 3)
    interrupted.run()
    train(dataclasses.replace(config, resume=True))
    assert losses(config.run) == losses(whole.run)
    weights = [checkpoint.load(c.run / "checkpoints" / "last")[0] for c in (config, whole)]
    first, second = (model.state_dict() for model in weights)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_batches_made_ahead_and_with_gaps_train_as_well(
    config: TrainConfig, tmp_path: Path
) -> None:
    config = dataclasses.replace(config, steps=3, fill=0.5, evaluate_tokens=0)
    ahead = dataclasses.replace(config, run=tmp_path / "ahead", workers=1)
    train(config)
    train(ahead)
    assert losses(ahead.run) == losses(config.run)


def stop_after(trainer: Trainer, step: int) -> None:
    """Send the process SIGTERM once so many steps are done, as an operator would."""
    batch_loss = trainer._loss

    def loss(batch: object) -> tuple[torch.Tensor, int]:
        if trainer.step == step - 1:
            os.kill(os.getpid(), signal.SIGTERM)
        return batch_loss(batch)

    trainer._loss = loss


def test_sigterm_saves_and_stops(config: TrainConfig) -> None:
    trainer = Trainer(config)
    stop_after(trainer, 2)
    path = trainer.run()
    assert checkpoint.read_card(path).steps == 2
    state = json.loads((config.run / "state.json").read_text(encoding="utf-8"))
    assert state["status"] == "stopped"
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_run_by_minutes_ends_with_them(config: TrainConfig) -> None:
    train(dataclasses.replace(config, steps=0, minutes=0.02, evaluate_tokens=0))
    state = json.loads((config.run / "state.json").read_text(encoding="utf-8"))
    assert state["seconds"] >= 1.2
    assert state["status"] == "finished"
    assert read_metrics(config.run)[-1]["rate"] < 0.5


def test_a_run_in_bfloat16_learns_too(config: TrainConfig) -> None:
    train(dataclasses.replace(config, steps=20, bf16=True))
    curve = losses(config.run)
    assert curve[-1] < 0.9 * curve[0]


def test_a_loss_that_is_no_number_stops_the_run(config: TrainConfig) -> None:
    trainer = Trainer(config)
    with torch.no_grad():
        trainer.model.norm.weight[0] = torch.nan
    with pytest.raises(RunError, match="no longer a number"):
        trainer.run()


def test_an_existing_run_is_not_overwritten(config: TrainConfig) -> None:
    train(config)
    with pytest.raises(RunError, match="already"):
        train(config)


def test_a_run_is_not_trained_twice_at_once(config: TrainConfig) -> None:
    config.run.mkdir()
    with (config.run / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(RunError, match="another process"):
            train(config)


def test_resuming_nothing_is_an_error(config: TrainConfig) -> None:
    with pytest.raises(RunError, match="nothing to resume"):
        train(dataclasses.replace(config, resume=True))


def test_settings_out_of_range_are_refused(tmp_path: Path) -> None:
    for settings in (
        {"minutes": 0.0},
        {"steps": -1},
        {"decay": 2.0},
        {"ema": 1.0},
        {"fill": -0.1},
        {"workers": -1},
    ):
        with pytest.raises(ConfigError):
            TrainConfig(shards=tmp_path, run=tmp_path, **settings)
