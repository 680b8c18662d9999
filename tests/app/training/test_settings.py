import shutil
from pathlib import Path

import pytest

from meloformer.app.training.datasets import Dataset
from meloformer.app.training.settings import EXPLAINED, LENGTHS, METHODS, Method, TrainingSettings
from meloformer.errors import ConfigError, RunError
from meloformer.registry import default_checkpoint


@pytest.fixture
def config(tmp_path, shards_folder):
    dataset = Dataset(tmp_path / "runs" / ".datasets" / "Jigs")
    shutil.copytree(shards_folder, dataset.shards)

    def make(**settings):
        settings = TrainingSettings(dataset="Jigs", **settings)
        return settings.config(dataset, default_checkpoint(), tmp_path / "runs")

    return make


def test_an_empty_form_is_a_light_fine_tuning_of_ten_minutes(config, tmp_path):
    made = config()
    assert made.base == default_checkpoint()
    assert made.lora_rank > 0
    assert made.minutes == 10
    assert made.run == tmp_path / "runs" / made.name
    assert made.shards == tmp_path / "runs" / ".datasets" / "Jigs" / "shards"
    assert made.name == "Jigs light"


def test_methods_differ_in_what_is_trained(config):
    assert config(method="full").lora_rank == 0
    assert config(method="full").base == default_checkpoint()
    scratch = config(method="scratch", size="base")
    assert (scratch.base, scratch.lora_rank, scratch.size) == (None, 0, "base")
    assert set(METHODS) == set(EXPLAINED) == set(Method)


@pytest.mark.parametrize(("label", "minutes"), LENGTHS.items())
def test_lengths_are_minutes_unless_they_are_given_by_hand(config, label, minutes):
    assert config(length=label).minutes == minutes
    assert config(length=label, minutes=0).minutes == minutes
    assert config(length=label, minutes=0.2).minutes == 0.2


def test_details_by_hand_win(config):
    made = config(
        name=" My jigs ",
        context_tokens=256,
        rows=3,
        muon_lr=0.001,
        adam_lr=0.002,
        seed=7,
        precision="bf16",
        devices=2,
    )
    assert (made.name, made.run.name) == ("My jigs", "My jigs")
    assert (made.context_tokens, made.rows, made.seed, made.devices) == (256, 3, 7, 2)
    assert (made.muon_lr, made.adam_lr, made.precision) == (0.001, 0.002, "bf16")


def test_a_name_that_is_taken_gets_a_number(config):
    config().run.mkdir(parents=True)
    assert config().name == "Jigs light 2"


@pytest.mark.parametrize("name", ["../x", "/etc", "a/b", ".hidden", "con", "x" * 61, "a\nb"])
def test_names_stay_in_the_workspace(config, name):
    with pytest.raises(RunError):
        config(name=name)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("minutes", -1),
        ("minutes", 1e9),
        ("minutes", float("nan")),
        ("rows", 1.5),
        ("rows", 1e9),
        ("rows", float("nan")),
        ("rows", float("inf")),
        ("context_tokens", 3),
        ("muon_lr", -0.1),
        ("adam_lr", 2),
        ("adam_lr", float("nan")),
        ("precision", "int4"),
        ("devices", 1000),
    ],
)
def test_what_is_out_of_range_is_said(config, field, value):
    with pytest.raises(ConfigError):
        config(**{field: value})


def test_an_unknown_size_or_method_is_refused(config):
    with pytest.raises(ConfigError):
        config(method="magic")


def test_the_name_is_no_path(config, tmp_path):
    assert config(name="a b").run == Path(tmp_path / "runs" / "a b")
