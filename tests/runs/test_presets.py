import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from meloformer import checkpoint
from meloformer.checkpoint import read_card
from meloformer.corpus.config import PrepareConfig
from meloformer.corpus.prepare import prepare
from meloformer.data.config import LoaderConfig
from meloformer.data.loader import Loader
from meloformer.data.shards import open_shards
from meloformer.errors import CheckpointError
from meloformer.registry import default_checkpoint
from meloformer.runs.config import TrainConfig
from meloformer.runs.estimate import estimate_resources
from meloformer.runs.presets import fine_tune, from_scratch
from meloformer.score import write_midi
from meloformer.training.worker import train
from tests.corpus.small_corpus import small_score


@pytest.fixture(scope="module")
def three_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("three")
    for seed in range(3):
        (folder / f"{seed}.mid").write_bytes(write_midi(small_score(seed)))
    prepare(PrepareConfig(inputs=(folder,), out=folder / "shards", workers=1))
    return folder / "shards"


def presets(shards: Path, run: Path) -> dict[str, TrainConfig]:
    base = default_checkpoint()
    return {
        "lora": fine_tune(shards, run, base),
        "full": fine_tune(shards, run, base, method="full"),
        "scratch": from_scratch(shards, run),
    }


@pytest.mark.parametrize("name", ["lora", "full", "scratch"])
def test_own_music_is_heard_by_its_tokens(name, three_files, tmp_path):
    assert presets(three_files, tmp_path / "run")[name].shares == {}


def test_lora_is_what_the_method_says(three_files, tmp_path):
    configs = presets(three_files, tmp_path / "run")
    assert configs["lora"].lora_rank > 0
    assert configs["full"].lora_rank == configs["scratch"].lora_rank == 0
    assert configs["scratch"].base is None


@pytest.mark.parametrize("minutes", [2.0, 10.0, 60.0, 600.0])
def test_fine_tuning_is_measured_within_a_minute_and_not_too_often(minutes, three_files, tmp_path):
    config = fine_tune(three_files, tmp_path / "run", default_checkpoint(), minutes=minutes)
    times = [config.evaluate_minutes]
    while times[-1] < minutes:
        times.append(times[-1] * (1 + config.evaluate_growth) + config.evaluate_minutes)
    assert times[0] < 1
    assert 7 <= len(times) <= 36


def test_a_training_from_scratch_is_measured_ten_times_or_so(three_files, tmp_path):
    for minutes in (2.0, 600.0):
        config = from_scratch(three_files, tmp_path / "run", minutes=minutes)
        assert 8 <= config.minutes / config.evaluate_minutes <= 20


@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("context_tokens", [512, 4096])
def test_rows_of_fine_tuning_are_never_longer_than_those_of_the_base(
    context_tokens, device, three_files, tmp_path
):
    model, card = checkpoint.load(default_checkpoint())
    base = tmp_path / "base"
    checkpoint.save(base, model, replace(card, context_tokens=context_tokens))
    config = fine_tune(three_files, tmp_path / "run", base, device=device)
    assert config.context_tokens <= context_tokens
    assert config.rows * config.context_tokens == (2048 if device == "cpu" else 16384)


def test_a_model_that_fills_in_does_not_forget_it(three_files, tmp_path):
    base = default_checkpoint()
    model, card = checkpoint.load(base)
    for infill in (True, False):
        own = tmp_path / str(infill)
        checkpoint.save(own, model, replace(card, infill=infill))
        assert (fine_tune(three_files, tmp_path / "run", own).fill > 0) is infill
    assert from_scratch(three_files, tmp_path / "run").fill > 0


def test_gpus_take_larger_batches_in_bf16(three_files, tmp_path):
    on_cpu, on_gpu = (
        estimate_resources(from_scratch(three_files, tmp_path, device=device), device=device)
        for device in ("cpu", "cuda")
    )
    assert on_gpu.tokens_per_step > on_cpu.tokens_per_step
    assert from_scratch(three_files, tmp_path, device="cuda").precision == "bf16"
    assert from_scratch(three_files, tmp_path, device="cpu").precision == "fp32"


def test_a_missing_base_is_an_error(three_files, tmp_path):
    with pytest.raises(CheckpointError, match="no checkpoint"):
        fine_tune(three_files, tmp_path / "run", tmp_path / "nothing")


@pytest.mark.parametrize("name", ["lora", "full", "scratch"])
def test_three_files_make_whole_batches(name, three_files, tmp_path):
    config = presets(three_files, tmp_path / "run")[name]
    loader_config = LoaderConfig(
        context_tokens=config.context_tokens, rows=config.rows, shares=config.shares
    )
    docs = Loader(open_shards(three_files / "train"), loader_config).batch(0).doc.numpy()
    assert docs.shape == (config.rows, config.context_tokens)
    assert np.all((docs >= 0).any(axis=1))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lora", "full"])
def test_three_files_are_enough_to_fine_tune(name, three_files, tmp_path):
    config = presets(three_files, tmp_path / "run")[name]
    path = train(replace(config, steps=2, evaluate_minutes=0.0))
    model, card = checkpoint.load(path)
    assert card.steps == read_card(default_checkpoint()).steps + 2
    assert model.config == read_card(default_checkpoint()).model


def test_choosing_settings_does_not_load_torch():
    code = "import sys, meloformer.runs.presets; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
