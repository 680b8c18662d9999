import pytest
import torch

from meloformer.model.attention.gathered import BLOCK, GatheredMask
from meloformer.model.attention.plain import BiasMask
from meloformer.model.attention.rule import dense_mask
from meloformer.model.config import ModelConfig
from tests.model.conftest import loud_model
from tests.model.streams import pack, random_stream, stack

T = 8 * BLOCK


def gradients_and_output(mask: BiasMask | GatheredMask, num_kv_heads: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    shapes = [(2, T, heads, 16) for heads in (4, num_kv_heads, num_kv_heads)]
    qkv = [torch.randn(shape, generator=generator).requires_grad_() for shape in shapes]
    output = mask.attend(*qkv)
    output.backward(torch.randn(output.shape, generator=generator))
    return [output, *(x.grad for x in qkv if x.grad is not None)]


@pytest.mark.parametrize("num_kv_heads", [1, 2, 4])
def test_gathered_attention_equals_the_plain_path(config: ModelConfig, num_kv_heads: int) -> None:
    """The order of keys changes, so sums differ in their last bits."""
    packed = pack(random_stream(2, 100), random_stream(3, T - 120, gaps=True), padding=20)
    inputs = stack(random_stream(1, T), packed)
    gathered = GatheredMask.of(inputs, config, torch.float32)
    plain = BiasMask.of(inputs, config, torch.float32)
    for fast, slow in zip(
        gradients_and_output(gathered, num_kv_heads),
        gradients_and_output(plain, num_kv_heads),
        strict=True,
    ):
        torch.testing.assert_close(fast, slow, atol=2e-5, rtol=1e-5)


def test_any_order_of_queries_gives_the_same() -> None:
    model = loud_model()
    inputs = stack(random_stream(4, T), random_stream(5, T))
    mask = dense_mask(inputs, model.config)
    outputs = [
        gradients_and_output(GatheredMask.of_table(mask, likeness, torch.float32), 2)
        for likeness in (inputs.order, -inputs.order, inputs.part)
    ]
    for first, other in zip(outputs[0], outputs[1], strict=True):
        torch.testing.assert_close(first, other, atol=2e-5, rtol=1e-5)


def test_training_under_autocast_gathers_and_learns_what_the_plain_path_learns() -> None:
    model = loud_model()
    inputs = random_stream(6, T)
    gradients = []
    for training in (False, True):
        model.train(training)
        model.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(inputs)
        logits.square().mean().backward()
        weights = [p.grad.flatten() for p in model.parameters() if p.grad is not None]
        gradients.append(torch.cat(weights))
    plain, gathered = gradients
    assert not torch.equal(plain, gathered)
    assert (plain - gathered).norm() < 0.05 * plain.norm()
