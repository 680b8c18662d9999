from dataclasses import replace

import pytest
import torch

from meloformer.model.config import TYPE_RULES, ModelConfig
from meloformer.model.transformer import MeloFormer
from tests.model.streams import VOCAB_SIZE

CONFIG = ModelConfig(
    vocab_size=VOCAB_SIZE, num_layers=2, dim=32, num_heads=2, num_kv_heads=1, ffn_dim=64
)
CONFIGS = {
    **{name: replace(CONFIG, type_rule=rule) for name, rule in TYPE_RULES.items()},
    "near": replace(CONFIG, cross_offsets=(0, 3)),
    "no summaries": replace(CONFIG, summaries=False),
    "dense": replace(CONFIG, dense=True),
}


@pytest.fixture(params=CONFIGS)
def config(request: pytest.FixtureRequest) -> ModelConfig:
    """Every kind of rule."""
    return CONFIGS[request.param]


@pytest.fixture
def model(config: ModelConfig) -> MeloFormer:
    """Weights large enough that every visible token matters."""
    return loud_model(config)


def loud_model(config: ModelConfig = CONFIG) -> MeloFormer:
    torch.manual_seed(0)
    model = MeloFormer(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim == 1:
                parameter.uniform_(0.5, 1.5)
            elif not name.startswith("embed_"):
                parameter.normal_(std=0.2)
    return model
