import json
import subprocess
import sys
from dataclasses import replace

import pytest

from meloformer.errors import ConfigError
from meloformer.model.config import SIZES, TYPE_RULES, ModelConfig, TokenType
from meloformer.tokens import vocabulary
from meloformer.tokens.annotate import TokenRole
from tests.model.conftest import CONFIG


def test_the_model_and_the_tokens_number_types_alike() -> None:
    assert {kind.name: kind.value for kind in TokenType} == {
        kind.name: kind.value for kind in TokenRole
    }


@pytest.mark.parametrize("size", SIZES)
def test_named_sizes_fit_the_vocabulary(size: str) -> None:
    assert SIZES[size].vocab_size == vocabulary().size


def test_a_config_survives_json(config: ModelConfig) -> None:
    assert ModelConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_a_type_rule_may_be_given_by_name() -> None:
    config = ModelConfig.from_json({**CONFIG.to_json(), "type_rule": "spec"})
    assert config.type_rule == TYPE_RULES["spec"]


def test_a_card_from_before_the_switch_of_summaries_still_loads() -> None:
    values = CONFIG.to_json()
    del values["summaries"]
    assert ModelConfig.from_json(values) == CONFIG


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("colour", "red", "Unknown model setting: colour"),
        ("type_rule", "best", "Unknown type_rule `best`"),
        ("type_rule", [[4]], "needs 4 rows"),
        ("dim", 33, "does not split"),
        ("num_kv_heads", 3, "cannot share 3"),
        ("cross_offsets", [0, 40], "must lie in 0..30"),
    ],
)
def test_a_wrong_setting_is_named(key: str, value: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ModelConfig.from_json({**CONFIG.to_json(), key: value})


def test_a_missing_setting_is_named() -> None:
    values = CONFIG.to_json()
    del values["dim"]
    with pytest.raises(ConfigError, match="dim"):
        ModelConfig.from_json(values)


def test_a_config_is_frozen_and_replaceable() -> None:
    assert replace(SIZES["tiny"], dense=True).dense


def test_the_config_loads_without_torch() -> None:
    code = "import sys, meloformer.model.config; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
