"""A model on a CUDA device gives what it gives on a CPU, by each path that a GPU takes."""

import pytest
import torch

from meloformer.model.attention.paths import MIN_SPARSE_TOKENS
from meloformer.model.config import ModelConfig
from tests.model.conftest import CONFIGS, loud_model
from tests.model.rows import random_rows
from tests.model.streams import random_stream

pytestmark = pytest.mark.gpu
TOLERANCE = 0.02  # float32 products are of TF32


def distance(found: torch.Tensor, expected: torch.Tensor) -> float:
    """Relative to what is expected."""
    return float((found.cpu() - expected).norm() / expected.norm())


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
@pytest.mark.parametrize("length", [300, MIN_SPARSE_TOKENS + 76])
@torch.inference_mode()
def test_logits_are_those_of_a_cpu(config: ModelConfig, length: int) -> None:
    """Short rows take the plain path; long ones are padded for the kernel."""
    model, rows = loud_model(config), random_rows(length)
    is_token = rows.doc >= 0
    expected = model(rows)[is_token]
    found = model.cuda()(rows.to("cuda"))[is_token.cuda()]
    assert distance(found, expected) < TOLERANCE


@torch.inference_mode()
def test_tokens_after_a_cache_get_the_logits_of_a_cpu() -> None:
    model, rows = loud_model(), random_stream(0, 200)
    expected = model(rows)[0, 150:]
    cache, _ = model.cuda().prefill(rows.slice(0, 150).to("cuda"), 200)
    columns = torch.stack(rows)[:, :, 150:].numpy()
    found = [model.next_logits(columns[:, :, t], cache)[0] for t in range(50)]
    # A position's logits come with it: the first column predicts what follows position 150.
    assert distance(torch.stack([torch.from_numpy(one) for one in found]), expected) < TOLERANCE
