import dataclasses
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import torch

from meloformer import checkpoint
from meloformer.corpus.config import PrepareConfig
from meloformer.corpus.prepare import prepare
from meloformer.data.config import LoaderConfig
from meloformer.data.loader import Loader
from meloformer.data.shards import Shards
from meloformer.errors import CheckpointError, ConfigError, RunError
from meloformer.model import Inputs, MeloFormer, ModelConfig
from meloformer.model.attention.paths import AttentionPath
from meloformer.model.attention.plain import BiasMask
from meloformer.runs.config import TrainConfig
from meloformer.runs.workspace import Run, RunRequest, Status, read_state, step_of
from meloformer.score import write_midi
from meloformer.training import trainer as trainer_module
from meloformer.training.parallel.distributed import DistributedContext
from meloformer.training.start import STAGES
from meloformer.training.trainer import Trainer
from meloformer.training.validation import Validation
from meloformer.training.worker import train
from tests.corpus.small_corpus import small_score
from tests.runs.real_runs import losses, metrics, new_run, same_weights, small_config

Configure = Callable[..., TrainConfig]
ALONE = DistributedContext(0, 1, torch.device("cpu"))


@pytest.fixture
def configure(shards_folder: Path, small_base: Path, tmp_path: Path) -> Configure:
    def configure(name: str = "run", **settings) -> TrainConfig:
        usual = {"shards": shards_folder, "run": tmp_path / name, "base": small_base}
        return small_config(**(usual | settings))

    return configure


def run_of(config: TrainConfig) -> Run:
    return Run(config.run)


def at_step(trainer: Trainer, step: int, do: Callable[[], None]) -> None:
    """Do something while the trainer learns from so many steps on."""
    learn = trainer.learner.train_step

    def learn_and_do(*arguments: object) -> torch.Tensor:
        if trainer.step == step:
            do()
        return learn(*arguments)

    trainer.learner.train_step = learn_and_do


def sigterm() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def test_the_loss_falls(configure: Configure) -> None:
    config = configure(steps=30)
    train(config)
    curve = losses(run_of(config))
    assert len(curve) == 30
    assert curve[-1] < 0.8 * curve[0]


def test_a_run_from_scratch_has_the_size_it_asks_for(configure: Configure) -> None:
    path = train(configure(steps=1, base=None, size="tiny"))
    assert checkpoint.read_card(path).model.num_layers == 4


def test_an_unknown_size_is_refused_and_the_run_says_so(configure: Configure) -> None:
    config = configure(base=None, size="huge")
    with pytest.raises(ConfigError, match="no size huge"):
        train(config)
    state = read_state(config.run)
    assert state.status == Status.FAILED
    assert state.reason.startswith("There is no size huge")


def test_a_run_leaves_a_checkpoint_with_a_card(configure: Configure) -> None:
    config = configure(steps=6)
    path = train(config)
    model, card = checkpoint.load(path)
    assert path == config.run / "checkpoints" / "step-000006"
    assert path == run_of(config).last() == run_of(config).best()
    # The base has taken 10 steps and seen 1,000 tokens.
    assert card.steps == 16
    assert 1000 < card.tokens_seen <= 1000 + 6 * 2 * 128
    assert "bits_per_note_quick" in card.metrics
    assert model.config.num_layers == 2
    # What the base has learned from stays in the model, and on its card.
    assert [source.name for source in card.data] == ["band", "tune", "old"]
    assert sum(source.share for source in card.data) == pytest.approx(1.0, abs=1e-3)


def test_a_run_tells_its_state_and_its_curves(configure: Configure) -> None:
    config = configure(steps=6)
    train(config)
    state = read_state(config.run)
    assert (state.status, state.step, state.fraction) == (Status.FINISHED, 6, 1.0)
    assert state.loss == pytest.approx(losses(run_of(config))[-1])
    step, evaluation, saved = metrics(run_of(config))[-3:]
    assert {"loss", "rate", "norm", "tokens_per_s", "seconds_left", "waited"} <= step.keys()
    assert evaluation["event"] == "evaluation"
    assert evaluation["bits_pitch"] > 0
    assert evaluation["bits_per_note"] == state.bits_per_note
    assert (saved["event"], saved["step"]) == ("saved", 6)


def test_a_run_by_steps_is_measured_at_the_same_steps_whenever_they_are(
    configure: Configure,
) -> None:
    config = configure(steps=7, evaluate_steps=3)
    train(config)
    measured = [line["step"] for line in metrics(run_of(config)) if line["event"] == "evaluation"]
    assert measured == [0, 3, 6, 7]


@pytest.mark.parametrize("lora_rank", [0, 2])
def test_what_is_fine_tuned_is_measured_before_it_learns(
    configure: Configure, small_base: Path, lora_rank: int
) -> None:
    config = configure(steps=4, lora_rank=lora_rank)
    train(config)
    first = metrics(run_of(config))[0]
    assert (first["event"], first["step"], first["seconds"]) == ("evaluation", 0, 0.0)
    base, _ = checkpoint.load(small_base)
    expected = Validation(config, ALONE, 128).measure(base).bits_per_note
    assert first["bits_per_note"] == pytest.approx(expected, rel=1e-5)


def test_a_new_model_has_nothing_to_be_compared_with(configure: Configure) -> None:
    config = configure(steps=1, base=None, size="tiny")
    train(config)
    measured = [line["step"] for line in metrics(run_of(config)) if line["event"] == "evaluation"]
    assert measured == [1]


def test_a_run_tells_how_long_each_stage_of_its_start_took(configure: Configure) -> None:
    began = time.time() - psutil.Process().create_time()
    config = configure(steps=2, workers=1)
    train(config)
    (start,) = run_of(config).metrics("start")
    assert start["step"] == 1
    seconds = {name: start[f"{name}_s"] for name in STAGES}
    assert all(one >= 0 for one in seconds.values())
    whole = time.time() - psutil.Process().create_time()
    assert began < sum(seconds.values()) < whole + 0.1  # the system counts in hundredths


def test_the_pace_of_the_machine_is_known_after_a_few_steps(configure: Configure) -> None:
    config = configure(steps=8)
    train(config)
    state = read_state(config.run)
    assert state.seconds_per_step is not None
    assert 0 < state.seconds_per_step <= state.seconds
    short = configure("short", steps=3)
    train(short)
    assert read_state(short.run).seconds_per_step is None


@pytest.mark.parametrize("log_steps", [1, 4])
def test_a_run_that_goes_on_equals_an_uninterrupted_one_bit_for_bit(
    configure: Configure, log_steps: int
) -> None:
    whole = configure("whole", steps=8, log_steps=log_steps)
    train(whole)
    config = configure(steps=8, log_steps=log_steps)
    new_run(config)
    interrupted = Trainer(config, ALONE)
    at_step(interrupted, 2, sigterm)
    interrupted.run()
    assert read_state(config.run).step == 3
    train(config)
    steps = [line for line in metrics(run_of(config)) if line["event"] == "step"]
    expected = [line for line in metrics(run_of(whole)) if line["event"] == "step"]
    assert [(one["step"], one["loss"]) for one in steps] == [
        (one["step"], one["loss"]) for one in expected
    ]
    assert same_weights(run_of(config), run_of(whole))


def test_dropout_goes_on_exactly_too(configure: Configure, small_base: Path) -> None:
    model, card = checkpoint.load(small_base)
    card = dataclasses.replace(card, model=dataclasses.replace(model.config, dropout=0.3))
    base = configure().run.parent / "dropping"
    checkpoint.save(base, MeloFormer(card.model), card)
    whole, config = (configure(name, base=base, steps=6) for name in ("whole", "run"))
    train(whole)
    new_run(config)
    interrupted = Trainer(config, ALONE)
    at_step(interrupted, 2, sigterm)
    interrupted.run()
    train(config)
    assert losses(run_of(config)) == losses(run_of(whole))
    assert same_weights(run_of(config), run_of(whole))


def test_batches_made_ahead_and_with_gaps_train_as_well(configure: Configure) -> None:
    config = configure(steps=3, fill=0.5, evaluate_tokens=0)
    ahead = configure("ahead", steps=3, fill=0.5, evaluate_tokens=0, workers=1)
    train(config)
    train(ahead)
    assert losses(run_of(ahead)) == losses(run_of(config))


@pytest.mark.parametrize("varied", [True, False])
def test_music_is_varied_as_the_run_says(
    configure: Configure, monkeypatch: pytest.MonkeyPatch, *, varied: bool
) -> None:
    made: list[LoaderConfig] = []

    class Spy(Loader):
        def __init__(self, shards: Shards, config: LoaderConfig, **place: int) -> None:
            made.append(config)
            super().__init__(shards, config, **place)

    monkeypatch.setattr(trainer_module, "Loader", Spy)
    train(configure(steps=1, transpose=varied, part_dropout=0.5 if varied else 0.0))
    expected = ((-5, 6), 0.5) if varied else ((0, 0), 0.0)
    assert [(one.transpose, one.part_dropout) for one in made] == [expected]


def test_rows_laid_out_teach_the_same(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a GPU long rows are; here, any order does. Only sums are rounded differently."""
    config, moved = configure(steps=3), configure("moved", steps=3)
    train(config)
    for module in ("model.transformer", "training.learner"):
        sparse = lambda *_, **__: AttentionPath.SPARSE  # noqa: E731
        monkeypatch.setattr(f"meloformer.{module}.choose_path", sparse)
    monkeypatch.setattr("meloformer.model.attention.paths.SparseMask", PlainMask)
    monkeypatch.setattr("meloformer.data.rows.places", lambda rows, _: rows.order[:, ::-1])
    train(moved)
    assert losses(run_of(moved)) == pytest.approx(losses(run_of(config)), rel=1e-4)


class PlainMask:
    """For the kernel that skips blocks, which an interpreter would run for minutes."""

    @classmethod
    def of(cls, inputs: Inputs, config: ModelConfig) -> BiasMask:
        return BiasMask.of(inputs, config, torch.float32)


def test_gradients_that_add_up_equal_a_larger_batch(configure: Configure) -> None:
    """Muon makes more of the last bits of a sum than AdamW does."""
    large, added = configure("large", rows=4), configure("added", rows=2, accumulate=2)
    train(large)
    train(added)
    assert losses(run_of(added)) == pytest.approx(losses(run_of(large)), rel=1e-4)


def test_sigterm_saves_and_stops(configure: Configure) -> None:
    config = configure()
    new_run(config)
    trainer = Trainer(config, ALONE)
    at_step(trainer, 1, sigterm)
    path = trainer.run()
    assert step_of(path) == 2
    assert read_state(config.run).status == Status.STOPPED
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.mark.parametrize("what", [RunRequest.STOP, RunRequest.ABANDON])
def test_a_run_ends_when_its_owner_asks(configure: Configure, what: RunRequest) -> None:
    config = configure(steps=100_000)
    run = new_run(config)
    trainer = Trainer(config, ALONE)
    at_step(trainer, 2, lambda: run.request(what))
    path = trainer.run()
    state = read_state(config.run)
    assert state.status == Status.STOPPED
    assert state.step < 1000
    assert run.pending() == frozenset()
    saved = config.run / "checkpoints" / f"step-{state.step:06d}"
    assert path == (saved if what == RunRequest.STOP else config.run)
    assert saved.exists() == (what == RunRequest.STOP)


@pytest.mark.parametrize("what", [RunRequest.SAVE, RunRequest.LISTEN])
def test_a_run_saves_once_when_its_owner_asks(configure: Configure, what: RunRequest) -> None:
    config = configure(steps=100_000)
    run = new_run(config)
    trainer = Trainer(config, ALONE)
    at_step(trainer, 2, lambda: run.request(what))
    trainer.checkpoints.save = after(trainer.checkpoints.save, lambda: at_seconds(trainer, 1.2))
    trainer.run()
    assert [line["event"] for line in metrics(run)].count("saved") == 2  # at the end too
    assert (what in run.pending()) == (what == RunRequest.LISTEN)  # who renders it removes it


def after(function: Callable[..., Path], do: Callable[[], None]) -> Callable[..., Path]:
    def both(*arguments: object) -> Path:
        result = function(*arguments)
        do()
        return result

    return both


def at_seconds(trainer: Trainer, more: float) -> None:
    """Stop so many seconds of training later."""
    until = trainer._clock() + more
    learn = trainer.learner.train_step

    def learn_and_stop(*arguments: object) -> torch.Tensor:
        if trainer._clock() > until:
            sigterm()
        return learn(*arguments)

    trainer.learner.train_step = learn_and_stop


def test_a_run_by_minutes_ends_with_them(configure: Configure) -> None:
    config = configure(steps=0, minutes=0.02, evaluate_tokens=0)
    train(config)
    state = read_state(config.run)
    assert state.seconds >= 1.2
    assert state.status == Status.FINISHED
    assert metrics(run_of(config))[-2]["rate"] < 0.5


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_a_run_in_half_precision_learns_and_goes_on(configure: Configure, precision: str) -> None:
    config, whole = configure(precision=precision), configure("whole", precision=precision)
    new_run(config)
    interrupted = Trainer(config, ALONE)
    at_step(interrupted, 4, sigterm)
    interrupted.run()
    train(config)
    train(whole)
    curve = losses(run_of(config))
    assert curve[-1] < 0.95 * curve[0]
    assert curve == losses(run_of(whole))


@pytest.mark.parametrize("switch", ["checkpoint_attention", "checkpoint_ffn"])
def test_computing_activations_again_changes_nothing(configure: Configure, switch: str) -> None:
    plain, again = configure("plain"), configure("again", **{switch: True})
    train(plain)
    train(again)
    assert losses(run_of(again)) == losses(run_of(plain))
    assert same_weights(run_of(again), run_of(plain))


def test_lora_trains_its_matrices_alone_and_leaves_a_plain_checkpoint(
    configure: Configure, small_base: Path
) -> None:
    config = configure(steps=12, lora_rank=4)
    path = train(config)
    before, _ = checkpoint.load(small_base)
    after, _ = checkpoint.load(path)
    old, new = before.state_dict(), after.state_dict()
    changed = {name for name in old if not torch.equal(old[name], new[name])}
    assert {name.split(".")[-2] for name in changed} == {"qkv", "out", "gate_up", "down"}
    state = torch.load(path / "training_state.pt", weights_only=True)["learner"]["model"]
    assert all(name.endswith(("lora_a", "lora_b")) for name in state)
    whole = configure("whole", steps=12, lora_rank=4)
    new_run(whole)
    interrupted = Trainer(whole, ALONE)
    at_step(interrupted, 4, sigterm)
    interrupted.run()
    train(whole)
    assert same_weights(run_of(whole), run_of(config))


def test_a_run_goes_on_when_its_base_is_gone(configure: Configure, small_base: Path) -> None:
    base = configure().run.parent / "base"
    checkpoint.save(base, *checkpoint.load(small_base))
    config = configure(base=base, steps=6, lora_rank=4)
    new_run(config)
    train(dataclasses.replace(config, steps=6))
    for path in base.iterdir():
        path.unlink()
    assert train(config).name == "step-000006"


def test_a_base_that_is_missing_is_said(configure: Configure, tmp_path: Path) -> None:
    config = configure(base=tmp_path / "nowhere")
    with pytest.raises(CheckpointError, match="no checkpoint"):
        train(config)
    assert "no checkpoint" in read_state(config.run).reason


def test_a_loss_that_is_no_number_stops_the_run_with_what_was_good(configure: Configure) -> None:
    config = configure(save_minutes=0)
    run = new_run(config)
    trainer = Trainer(config, ALONE)

    def spoil() -> None:
        with torch.no_grad():
            trainer.learner.model.norm.weight[0] = torch.nan

    at_step(trainer, 4, spoil)
    with pytest.raises(RunError, match="no longer a number at step 5"):
        trainer.run()
    last = run.last()
    assert last is not None
    assert last.name == "step-000004"
    checkpoint.load(last)


def test_a_loss_that_is_no_number_is_the_reason_of_the_failure(configure: Configure) -> None:
    config = configure(adam_lr=1e30, warmup_steps=0)
    with pytest.raises(RunError, match="no longer a number"):
        train(config)
    state = read_state(config.run)
    assert state.status == Status.FAILED
    assert state.reason.startswith("The loss is no longer a number")
    assert run_of(config).last() is None


def test_a_run_with_other_settings_is_not_gone_on_with(configure: Configure) -> None:
    config = configure(steps=2)
    train(config)
    with pytest.raises(RunError, match=r"other settings: steps, rows|other settings: rows, steps"):
        train(dataclasses.replace(config, rows=3, steps=9))


def test_a_finished_run_stays_as_it_is(configure: Configure) -> None:
    config = configure(steps=2)
    path = train(config)
    before = (path / "model.safetensors").stat().st_mtime_ns, metrics(run_of(config))
    assert train(config) == path
    assert ((path / "model.safetensors").stat().st_mtime_ns, metrics(run_of(config))) == before
    assert read_state(config.run).status == Status.FINISHED


def test_what_was_written_after_the_checkpoint_is_cut(configure: Configure) -> None:
    config = configure(steps=4)
    new_run(config)
    interrupted = Trainer(config, ALONE)
    at_step(interrupted, 1, sigterm)
    interrupted.run()
    path = config.run / "metrics.jsonl"
    lines = path.read_text()
    path.write_text(lines + '{"event": "step", "step": 3, "loss": 9.0}\n{"event": "st')
    train(config)
    assert len(losses(run_of(config))) == 4
    assert path.read_text().startswith(lines)


def test_three_files_are_enough(configure: Configure, tmp_path: Path) -> None:
    songs = tmp_path / "songs"
    songs.mkdir()
    for index in range(3):
        (songs / f"{index}.mid").write_bytes(write_midi(small_score(index, 8)))
    shards = tmp_path / "three"
    prepare(PrepareConfig(inputs=(songs,), out=shards, workers=1))
    config = configure(shards=shards, steps=20, context_tokens=512, evaluate_tokens=4096)
    train(config)
    curve = losses(run_of(config))
    assert curve[-1] < curve[0]
    assert any(line["event"] == "evaluation" for line in metrics(run_of(config)))


def test_without_held_out_music_nothing_is_measured(configure: Configure, tmp_path: Path) -> None:
    config = configure(steps=2)
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "train").symlink_to(config.shards / "train")
    train(dataclasses.replace(config, shards=tmp_path / "bare"))
    assert {line["event"] for line in metrics(run_of(config))} == {"start", "step", "saved"}
