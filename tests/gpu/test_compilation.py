"""What is compiled while a model trains on a CUDA device."""

from collections.abc import Iterator

import pytest
import torch
from torch._dynamo.utils import counters

from tests.model.conftest import loud_model
from tests.model.rows import laid_out
from tests.model.streams import random_stream, stack

pytestmark = pytest.mark.gpu


@pytest.fixture(autouse=True)
def _counted_here() -> Iterator[None]:
    torch._dynamo.reset()
    counters.clear()
    yield
    torch._dynamo.reset()


@pytest.mark.parametrize("checkpoint", [False, True])
def test_an_epoch_of_training_compiles_nothing_anew(checkpoint: bool) -> None:
    model = loud_model().cuda().train()
    model.compiles_blocks = True
    model.checkpoint_attention = model.checkpoint_ffn = checkpoint
    graphs = set()
    for seed in range(6):
        rows = laid_out(stack(random_stream(seed, 1024), random_stream(seed + 99, 1024)))
        with torch.autocast("cuda", dtype=torch.bfloat16):
            loss = model(rows.to("cuda")).square().mean()
        loss.backward()
        graphs.add(counters["stats"]["unique_graphs"])
    assert len(graphs) == 1
