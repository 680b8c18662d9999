"""Our kernels on a CUDA device, at sizes of real models."""

import pytest
import torch

from meloformer.model.attention.plain import BiasMask
from meloformer.model.attention.sparse.mask import SparseMask
from meloformer.model.attention.sparse.tuning import TUNING, Launch, TileShape, Tuning
from meloformer.model.config import ModelConfig
from meloformer.model.inputs import Inputs
from tests.model.conftest import CONFIG, CONFIGS
from tests.model.rows import laid_out, random_rows

pytestmark = pytest.mark.gpu
T = 2048
TOLERANCE = {torch.float32: 1e-4, torch.bfloat16: 0.01, torch.float16: 2e-3}
SQUARE, WIDE = TileShape(64, 64), TileShape(64, 128)
TUNINGS = {
    "square": TUNING,
    "large": Tuning(TileShape(128, 128), WIDE, Launch(8, 2), Launch(8, 2), Launch(8, 2)),
    "tall": Tuning(TileShape(128, 64), SQUARE, Launch(4, 3), Launch(8, 3), Launch(4, 3)),
    "wide": Tuning(WIDE, WIDE, Launch(4, 2), Launch(4, 2), Launch(8, 3)),
}


def errors(
    rows: Inputs,
    config: ModelConfig,
    dtype: torch.dtype,
    head_dim: int = 64,
    tuning: Tuning = TUNING,
) -> list[float]:
    """Of the output and of all gradients, relative to those of the plain path in float32."""
    torch.manual_seed(0)
    heads, key_heads = 6, 2
    qkv = torch.randn(*rows.ids.shape, heads + 2 * key_heads, head_dim, device="cuda")
    found = []
    masks = (SparseMask.of(rows, config, tuning), BiasMask.of(rows, config, torch.float32))
    for mask, as_dtype in zip(masks, (dtype, torch.float32), strict=True):
        of_dtype = qkv.to(dtype).to(as_dtype).requires_grad_()
        q, k, v = torch.split(of_dtype, [heads, key_heads, key_heads], dim=2)
        output = mask.attend(q, k, v)
        torch.manual_seed(1)
        output.backward(torch.randn(output.shape, device="cuda").to(dtype).to(as_dtype))
        assert of_dtype.grad is not None
        found.append([output.detach(), *torch.split(of_dtype.grad, [6, 2, 2], dim=2)])
    return [
        float((fast.float() - slow).norm() / slow.norm()) for fast, slow in zip(*found, strict=True)
    ]


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_every_rule_gives_the_outputs_and_gradients_of_the_plain_path(
    name: str, dtype: torch.dtype
) -> None:
    rows = laid_out(random_rows(T)).to("cuda")
    assert max(errors(rows, CONFIGS[name], dtype)) < TOLERANCE[dtype]


@pytest.mark.parametrize("head_dim", [16, 32, 96, 128])
def test_heads_of_other_sizes_give_the_same(head_dim: int) -> None:
    rows = laid_out(random_rows(T)).to("cuda")
    assert max(errors(rows, CONFIG, torch.bfloat16, head_dim)) < TOLERANCE[torch.bfloat16]


@pytest.mark.parametrize("tuning", TUNINGS.values(), ids=TUNINGS)
def test_tiles_of_every_shape_give_the_same(tuning: Tuning) -> None:
    rows = laid_out(random_rows(T)).to("cuda")
    found = errors(rows, CONFIG, torch.bfloat16, tuning=tuning)
    assert max(found) < TOLERANCE[torch.bfloat16]
