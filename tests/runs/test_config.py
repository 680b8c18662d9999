import json
from pathlib import Path

import pytest

from meloformer.errors import ConfigError
from meloformer.runs.config import TrainConfig


def some_config(**settings: object) -> TrainConfig:
    return TrainConfig(shards=Path("shards"), run=Path("run"), base=Path("base"), **settings)


def test_settings_survive_json() -> None:
    config = some_config(shares={"a": 1.0}, lora_rank=2)
    assert TrainConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_settings_of_older_runs_are_read() -> None:
    config = some_config()
    new = {"transpose", "part_dropout", "near_gaps", "late_part", "teacher"}
    older = {name: value for name, value in config.to_json().items() if name not in new}
    assert TrainConfig.from_json(older) == config


@pytest.mark.parametrize(
    "settings",
    [
        {"minutes": 0.0},
        {"minutes": float("nan")},
        {"steps": -1},
        {"decay": 2.0},
        {"ema": 1.0},
        {"fill": -0.1},
        {"part_dropout": 1.1},
        {"gap_bars": 0},
        {"near_gaps": 2.0},
        {"open_part": -1.0},
        {"late_part": 1.5},
        {"teacher_share": 1.1},
        {"workers": -1},
        {"accumulate": 0},
        {"keep": 0},
        {"precision": "fp8"},
        {"lora_rank": 4},  # without a base
        {"fsdp": True, "precision": "fp16"},
    ],
)
def test_settings_out_of_range_are_refused(tmp_path: Path, settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        TrainConfig(shards=tmp_path, run=tmp_path, **settings)


@pytest.mark.parametrize(
    "values",
    [
        [],
        {"shards": "a"},
        {"shards": 1, "run": "b"},
        {"shards": "a", "run": "b", "colour": 1},
        {"shards": "a", "run": "b", "steps": True},
        {"shards": "a", "run": "b", "steps": 1.5},
        {"shards": "a", "run": "b", "shares": {"x": "y"}},
    ],
)
def test_settings_that_are_no_settings_are_refused(values: object) -> None:
    with pytest.raises(ConfigError):
        TrainConfig.from_json(values)
