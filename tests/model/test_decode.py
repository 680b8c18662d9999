import pytest
import torch

from meloformer.model.inputs import Inputs
from meloformer.model.kv_cache import KVCache
from meloformer.model.transformer import MeloFormer
from tests.model.conftest import CONFIGS, loud_model
from tests.model.streams import pack, random_stream, stack

T, PROMPT = 130, 90


def padded(inputs: Inputs, padding: int) -> Inputs:
    """The same with padding in front, cut to its old length."""
    columns = torch.stack(list(pack(inputs, padding=padding))).roll(padding, dims=2)
    columns[-1] = torch.arange(columns.shape[2])
    return Inputs(*columns[:, :, : inputs.ids.shape[1]])


BATCHES = {
    "one row": random_stream(1, T),
    "one row with gaps": random_stream(2, T, gaps=True),
    "four rows": stack(*(random_stream(seed, T, gaps=seed % 2 == 0) for seed in range(4))),
    "padded rows": stack(*(padded(random_stream(seed, T), 13 * seed) for seed in range(4))),
    "several documents": pack(random_stream(1, 100), random_stream(2, 30)),
}


@torch.inference_mode()
@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("prompt", [0, PROMPT])
def test_a_step_equals_the_plain_path(model: MeloFormer, batch: str, prompt: int) -> None:
    inputs = BATCHES[batch]
    fast, plain = (KVCache(model.config, inputs.ids.shape[0], T) for _ in range(2))
    if prompt:
        model(inputs.slice(0, prompt), fast)
        model(inputs.slice(0, prompt), plain)
    for t in range(prompt, T):
        new = inputs.slice(t, t + 1)
        torch.testing.assert_close(
            model(new, fast), model.forward_plain(new, plain), atol=1e-5, rtol=1e-5
        )
    torch.testing.assert_close(fast.k, plain.k, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(fast.v, plain.v, atol=1e-5, rtol=1e-5)
    assert all(torch.equal(a, b) for a, b in zip(fast.tokens, plain.tokens, strict=True))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_columns_decode_after_a_prompt_read_in_inference_mode(dtype: torch.dtype) -> None:
    """In float64 NumPy's step does not apply, and the plain path decodes."""
    model = loud_model().to(dtype)
    inputs = random_stream(3, T)
    with torch.inference_mode():
        cache = KVCache(model.config, 1, T, dtype=dtype)
        model(inputs.slice(0, T - 1), cache)
        expected = model(inputs)[:, -1]
    logits = torch.from_numpy(model.next_logits(torch.stack(inputs)[:, :, -1].numpy(), cache))
    torch.testing.assert_close(logits, expected, atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_loud_gates_do_not_overflow() -> None:
    """No warning either: NumPy would tell of an exponential that is too large."""
    model = loud_model(CONFIGS["target_ll"])
    for block in model.layers:
        block.ffn.gate_up.weight.mul_(1000.0)
    inputs = random_stream(4, T)
    cache, plain = KVCache(model.config, 1, T), KVCache(model.config, 1, T)
    model(inputs.slice(0, PROMPT), cache)
    model(inputs.slice(0, PROMPT), plain)
    new = inputs.slice(PROMPT, PROMPT + 1)
    torch.testing.assert_close(
        model(new, cache), model.forward_plain(new, plain), atol=1e-3, rtol=1e-3
    )
