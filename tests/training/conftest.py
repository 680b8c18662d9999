import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from meloformer import checkpoint
from meloformer.checkpoint import Card, DataSource
from meloformer.model import SIZES, MeloFormer
from meloformer.tokens.vocabulary import vocabulary


@pytest.fixture(scope="session")
def small_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint to start from, smaller than the smallest size."""
    config = dataclasses.replace(
        SIZES["tiny"], num_layers=2, dim=64, num_heads=1, num_kv_heads=1, ffn_dim=128
    )
    card = Card(
        name="small",
        model=config,
        vocabulary=vocabulary().fingerprint,
        context_tokens=128,
        steps=10,
        tokens_seen=1000,
        data=(DataSource(name="old", licence="CC0", source="here", share=1.0),),
    )
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("base") / "small"
    checkpoint.save(folder, MeloFormer(config), card)
    return folder


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Threads cost more than they bring where models are so small."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
