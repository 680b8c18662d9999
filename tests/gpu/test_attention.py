"""The kernel on a CUDA device: what a CPU cannot show."""

from collections.abc import Iterator

import pytest
import torch
from torch._dynamo.utils import counters

from meloformer.model.attention.flex import FlexMask
from meloformer.model.attention.mask import AttentionMask
from meloformer.model.attention.plain import BiasMask
from meloformer.model.config import ModelConfig
from tests.model.conftest import CONFIGS, loud_model
from tests.model.rows import drawn, laid_out, random_rows
from tests.model.streams import random_stream, stack

pytestmark = [pytest.mark.gpu, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture(autouse=True)
def _counted_here() -> Iterator[None]:
    torch._dynamo.reset()
    counters.clear()
    yield
    torch._dynamo.reset()


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_output_and_gradients_are_those_of_the_plain_path(
    config: ModelConfig, dtype: torch.dtype
) -> None:
    rows = laid_out(random_rows(2048)).to("cuda")

    def run(mask: AttentionMask, as_dtype: torch.dtype) -> list[torch.Tensor]:
        qkv = [x.to(as_dtype).requires_grad_() for x in drawn(rows, dtype)]
        output = mask.attend(*qkv)
        output.float().square().sum().backward()
        return [output.float(), *(x.grad.float() for x in qkv if x.grad is not None)]

    tolerance = 5e-3 if dtype == torch.float32 else 0.05  # float32 products are of TF32
    for fast, slow in zip(
        run(FlexMask.of(rows, config), dtype),
        run(BiasMask.of(rows, config, torch.float32), torch.float32),
        strict=True,
    ):
        assert (fast - slow).norm() < tolerance * slow.norm()


@pytest.mark.parametrize("checkpoint", [False, True])
def test_an_epoch_of_training_compiles_nothing_anew(checkpoint: bool) -> None:
    model = loud_model().cuda().train()
    model.checkpoint_attention = model.checkpoint_ffn = checkpoint
    for seed in range(6):
        rows = laid_out(stack(random_stream(seed, 1024), random_stream(seed + 99, 1024)))
        with torch.autocast("cuda", dtype=torch.bfloat16):
            loss = model(rows.to("cuda")).square().mean()
        loss.backward()
    assert counters["stats"]["unique_graphs"] == 1
