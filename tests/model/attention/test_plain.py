import pytest
import torch

from meloformer.model.attention import plain
from meloformer.model.attention.plain import QUERY_BLOCK, BiasMask
from meloformer.model.attention.rule import dense_mask
from meloformer.model.config import ModelConfig
from meloformer.model.inputs import Inputs
from meloformer.model.kv_cache import KVCache
from tests.model.conftest import loud_model
from tests.model.rows import random_rows
from tests.model.streams import permute, random_stream

T = 200


def drawn() -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [
        torch.randn(3, T, heads, 16, generator=generator).requires_grad_() for heads in (4, 2, 2)
    ]


def attend(rows: Inputs, config: ModelConfig) -> list[torch.Tensor]:
    """What comes of the plain path, and its gradients."""
    qkv = drawn()
    output = BiasMask.of(rows, config, torch.float32).attend(*qkv)
    output.square().sum().backward()
    return [output, *(x.grad for x in qkv if x.grad is not None)]


def attend_at_once(rows: Inputs, config: ModelConfig) -> list[torch.Tensor]:
    """The formula, with the whole table."""
    qkv = drawn()
    q, k, v = (x.transpose(1, 2) for x in qkv)
    k, v = (x.repeat_interleave(2, dim=1) for x in (k, v))
    scores = (q @ k.mT / 4).masked_fill(~dense_mask(rows, config)[:, None], -torch.inf)
    output = (scores.softmax(dim=-1) @ v).transpose(1, 2)
    output.square().sum().backward()
    return [output, *(x.grad for x in qkv if x.grad is not None)]


@pytest.mark.parametrize("kept_bytes", [2**30, 2**17, 0])
def test_blocks_of_queries_are_attention_at_once(
    config: ModelConfig, kept_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Masks kept, kept in part, and all made anew, layer by layer and for the backward pass."""
    monkeypatch.setattr(plain, "KEPT_BYTES", kept_bytes)
    monkeypatch.setattr(plain, "QUERY_BLOCK", 64)
    rows = random_rows(T)
    shuffled = permute(rows, torch.randperm(T, generator=torch.Generator().manual_seed(1)))
    for one in (rows, shuffled):
        for fast, slow in zip(attend(one, config), attend_at_once(one, config), strict=True):
            torch.testing.assert_close(fast, slow, atol=5e-5, rtol=1e-4)


def test_masks_are_kept_up_to_a_bound_however_long_the_row() -> None:
    config = loud_model().config
    blocks = BiasMask.of(random_stream(0, 9000), config, torch.float32).blocks
    kept = [block.bias.nbytes for block in blocks if block.bias is not None]
    assert 0.9 * plain.KEPT_BYTES < sum(kept) <= plain.KEPT_BYTES
    assert len(kept) < len(blocks)
    assert max(kept) <= QUERY_BLOCK * 9000 * 4


@torch.no_grad()
def test_a_long_prompt_is_read_into_a_cache_in_blocks() -> None:
    model = loud_model()
    inputs = random_stream(0, 1000)
    cache = KVCache(model.config, 1, 1000)
    first = model(inputs.slice(0, 300), cache)
    rest = model(inputs.slice(300), cache)
    torch.testing.assert_close(torch.cat([first, rest], dim=1), model(inputs), atol=1e-5, rtol=1e-5)
