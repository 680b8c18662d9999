import dataclasses
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from experiments import ablation, experiment, recipe
from experiments.ablation import BASE, REFERENCES, VARIANTS
from experiments.experiment import Result, Variant, measure, save_fresh
from meloformer import checkpoint
from meloformer.model.config import SIZES, ModelConfig
from meloformer.runs.config import TrainConfig
from meloformer.training.learner import Learner
from meloformer.training.worker import train
from tests.runs.real_runs import small_config


@pytest.fixture(scope="module")
def shards(shards_folder: Path) -> Path:
    return shards_folder


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def small(config: ModelConfig) -> ModelConfig:
    """A model with the same attention and a hundredth of the weights."""
    return dataclasses.replace(
        config, num_layers=2, dim=64, num_heads=1, num_kv_heads=1, ffn_dim=128
    )


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiment, "CONTEXT_TOKENS", 128)
    monkeypatch.setattr(experiment, "ROWS", 2)


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that train; experiments look their models up by name."""
    monkeypatch.setitem(SIZES, "tiny", small(SIZES["tiny"]))
    for name, variant in list(VARIANTS.items()):
        monkeypatch.setitem(VARIANTS, name, Variant(model=small(variant.model)))


def run_main(monkeypatch: pytest.MonkeyPatch, *words: object) -> None:
    monkeypatch.setattr("sys.argv", ["ablation", *map(str, words)])
    ablation.main()


def same_weights(one: Path, other: Path) -> bool:
    first, second = (load_file(folder / checkpoint.WEIGHTS) for folder in (one, other))
    return all(torch.equal(first[name], second[name]) for name in first | second)


def test_variants_differ_in_what_is_seen_and_in_nothing_else() -> None:
    models = [variant.model for variant in VARIANTS.values()]
    assert VARIANTS["target_ll"].model == BASE
    assert len(set(models)) == len(models)
    assert not any(variant.settings for variant in VARIANTS.values())
    seen = {"type_rule", "cross_offsets", "summaries", "dense"}
    for config in models:
        unlike = [
            field.name
            for field in dataclasses.fields(ModelConfig)
            if getattr(config, field.name) != getattr(BASE, field.name)
        ]
        assert set(unlike) <= seen
        assert len(unlike) <= 1


def test_variants_of_the_recipe_differ_in_one_thing_and_read_as_much(tmp_path: Path) -> None:
    usual = {"shards": tmp_path, "run": tmp_path, "context_tokens": 1024, "rows": 4}
    shipped = TrainConfig(**usual)
    models = {variant.model for variant in recipe.VARIANTS.values()}
    assert models == {experiment.MODEL, dataclasses.replace(experiment.MODEL, dropout=0.1)}
    for name, variant in recipe.VARIANTS.items():
        config = TrainConfig(**(usual | dict(variant.settings)))
        unlike = {one for one in variant.settings if getattr(config, one) != getattr(shipped, one)}
        assert unlike == variant.settings.keys()
        assert unlike <= {"context_tokens", "rows"} or len(unlike) == 1
        assert (name == "own_type") == (not unlike and variant.model == experiment.MODEL)
        assert config.context_tokens * config.rows == 4096


def test_both_experiments_mean_the_same_by_a_name() -> None:
    """Their results may lie in one folder."""
    for name in recipe.VARIANTS.keys() & VARIANTS.keys():
        assert recipe.VARIANTS[name] == VARIANTS[name]


def test_all_variants_begin_with_the_same_weights(tmp_path: Path) -> None:
    for name in ("dense", "no_summaries"):
        save_fresh(tmp_path / name, VARIANTS[name].model, seed=3)
    save_fresh(tmp_path / "other", VARIANTS["dense"].model, seed=4)
    assert same_weights(tmp_path / "dense", tmp_path / "no_summaries")
    assert not same_weights(tmp_path / "dense", tmp_path / "other")


@pytest.mark.slow
@pytest.mark.usefixtures("_small")
def test_a_fresh_base_trains_as_a_run_from_scratch(shards: Path, tmp_path: Path) -> None:
    save_fresh(tmp_path / "fresh", SIZES["tiny"], seed=5)
    settings = {"steps": 3, "seed": 5, "evaluate_tokens": 0}
    from_base = train(small_config(shards, tmp_path / "one", tmp_path / "fresh", **settings))
    from_scratch = train(small_config(shards, tmp_path / "other", size="tiny", **settings))
    assert same_weights(from_base, from_scratch)
    cards = [checkpoint.read_card(folder) for folder in (from_base, from_scratch)]
    assert cards[0].data == cards[1].data


@pytest.mark.slow
@pytest.mark.usefixtures("_small")
def test_every_variant_is_measured_once_and_compared(
    shards: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = (shards, "--out", tmp_path, "--steps", 2, "--seeds", 0, "--only")
    run_main(monkeypatch, *command, "dense")
    run_main(monkeypatch, *command, "dense", "target_ll")
    lines = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert [line["variant"] for line in lines] == list(REFERENCES)
    assert lines[0]["notes"] == lines[1]["notes"]
    assert lines[0]["tokens"] == lines[1]["tokens"]
    for line in lines:
        assert sum(line["share"].values()) == pytest.approx(line["bits_per_note"])
        assert sum(line["piece_bits"]) / line["notes"] == pytest.approx(line["bits_per_note"])

    monkeypatch.setattr(experiment, "measure", lambda *_: pytest.fail("measured again"))
    capsys.readouterr()
    run_main(monkeypatch, *command, *REFERENCES)
    told = {
        one["name"]: one["value"]
        for one in map(json.loads, capsys.readouterr().out.split("\n")[:-1])
    }
    expected = 100 * (lines[1]["bits_per_note"] / lines[0]["bits_per_note"] - 1)
    assert told["ablation/target_ll/vs_dense/value"] == pytest.approx(expected, abs=1e-3)
    assert told["ablation/dense/vs_target_ll/low"] <= told["ablation/dense/vs_target_ll/high"]


@pytest.mark.slow
@pytest.mark.usefixtures("_small")
def test_a_run_that_was_stopped_is_not_measured_and_goes_on(
    shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measured(out: Path) -> Result:
        return measure("target_ll", VARIANTS["target_ll"], 0, 3, shards, out)

    whole = measured(tmp_path / "whole")
    learn = Learner.train_step

    def learn_and_be_stopped(self: Learner, *arguments: object) -> torch.Tensor:
        os.kill(os.getpid(), signal.SIGTERM)
        return learn(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Learner, "train_step", learn_and_be_stopped)
        with pytest.raises(SystemExit, match="stopped at step 1"):
            measured(tmp_path / "cut")
    assert measured(tmp_path / "cut") == whole
