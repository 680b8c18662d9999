"""One compiled step against the plain path of a model whose weights are whole numbers of steps."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from meloformer.errors import ConfigError
from meloformer.model.attention.plain import BiasMask
from meloformer.model.config import ModelConfig
from meloformer.model.decode import cache as cache_module
from meloformer.model.decode.cache import RoundedCache
from meloformer.model.decode.decoder import Decoder
from meloformer.model.decode.head_lanes import HEAD
from meloformer.model.inputs import Inputs
from meloformer.model.kv_cache import KVCache
from meloformer.model.transformer import MeloFormer
from tests.model.conftest import CONFIG, CONFIGS, loud_model
from tests.model.streams import pack, random_stream, stack

T, PROMPT = 130, 90
TOLERANCE = {"atol": 2e-3, "rtol": 2e-3}
"""Of logits: what is multiplied with a matrix is rounded to int16."""


def rounded_to_int8(values: Tensor) -> Tensor:
    """The nearest of 255 steps along the last axis."""
    units = values.abs().amax(-1, keepdim=True) / 127
    return torch.where(units > 0, values / units, 0).round() * units


@torch.no_grad()
def round_weights(model: MeloFormer) -> MeloFormer:
    """Leave nothing to lose to int8: each matrix, times the gain of the norm before it."""
    pairs = [(model.embed_token, model.norm)]
    for block in model.layers:
        pairs += [
            (block.attention.qkv, block.attention_norm),
            (block.attention.out, None),
            (block.ffn.gate_up, block.ffn_norm),
            (block.ffn.down, None),
        ]
    for matrix, norm in pairs:
        gain = torch.ones(()) if norm is None else norm.weight
        matrix.weight.copy_(rounded_to_int8(matrix.weight * gain) / gain)
    return model


@pytest.fixture
def rounds_what_is_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the plain path attend to keys and values as a `RoundedCache` keeps them."""
    attend = BiasMask.attend

    def attend_rounded(mask: BiasMask, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return attend(mask, q, rounded_to_int8(k), rounded_to_int8(v))

    monkeypatch.setattr(BiasMask, "attend", attend_rounded)


def padded(inputs: Inputs, padding: int) -> Inputs:
    """The same with padding in front, cut to its old length."""
    columns = torch.stack(list(pack(inputs, padding=padding))).roll(padding, dims=2)
    columns[-1] = torch.arange(columns.shape[2])
    return Inputs(*columns[:, :, : inputs.ids.shape[1]])


BATCHES = {
    "one row": random_stream(1, T),
    "one row with gaps": random_stream(2, T, gaps=True),
    "two rows": stack(random_stream(1, T), random_stream(3, T)),
    "three rows": stack(*(random_stream(seed, T) for seed in range(3))),
    "seven rows": stack(*(random_stream(seed, T, gaps=seed % 2 == 0) for seed in range(7))),
    "padded rows": stack(*(padded(random_stream(seed, T), 13 * seed) for seed in range(4))),
    "several documents": pack(random_stream(1, 100), random_stream(2, 30)),
}


def cache_after(model: MeloFormer, inputs: Inputs) -> KVCache:
    cache = KVCache(model.config, inputs.ids.shape[0], T)
    model(inputs.slice(0, PROMPT), cache)
    return cache


def columns_of(inputs: Inputs, t: int) -> np.ndarray:
    return torch.stack(inputs)[:, :, t].numpy()


@torch.inference_mode()
@pytest.mark.parametrize("batch", BATCHES)
def test_a_step_equals_the_plain_path(
    batch: str, config: ModelConfig, request: pytest.FixtureRequest
) -> None:
    check_steps(config, BATCHES[batch], request)


@torch.inference_mode()
@pytest.mark.parametrize(("num_heads", "num_kv_heads"), [(2, 1), (4, 2), (3, 1)])
def test_a_step_with_heads_in_lanes_equals_the_plain_path(
    num_heads: int, num_kv_heads: int, request: pytest.FixtureRequest
) -> None:
    heads = {"num_heads": num_heads, "num_kv_heads": num_kv_heads}
    check_steps(replace(CONFIG, dim=HEAD * num_heads, **heads), BATCHES["three rows"], request)


def check_steps(config: ModelConfig, inputs: Inputs, request: pytest.FixtureRequest) -> None:
    model = round_weights(loud_model(config))
    plain = cache_after(model, inputs)
    rounded = RoundedCache.of(plain, T)
    request.getfixturevalue("rounds_what_is_cached")
    decoder = Decoder(model)
    for t in range(PROMPT, T):
        expected = model(inputs.slice(t, t + 1), plain)[:, 0]
        found = torch.from_numpy(decoder.next_logits(columns_of(inputs, t), rounded))
        torch.testing.assert_close(found, expected, **TOLERANCE)
    kept = [field.numpy() for field in plain.tokens]
    np.testing.assert_array_equal(rounded.tokens, np.stack(kept))


@torch.inference_mode()
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_row_is_the_same_in_any_company_and_on_any_number_of_threads(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    model, inputs = loud_model(), BATCHES["seven rows"]
    together = RoundedCache.of(cache_after(model, inputs), T)
    alone = [together.select([row]) for row in range(len(together.places))]
    decoder = Decoder(model)
    for t in range(PROMPT, PROMPT + 5):
        columns = columns_of(inputs, t)
        found = decoder.next_logits(columns, together)
        for row, cache in enumerate(alone):
            own = decoder.next_logits(columns[:, row : row + 1], cache)
            np.testing.assert_array_equal(own[0], found[row])


@torch.inference_mode()
def test_a_cache_that_grows_reads_as_one_that_has_its_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, inputs = loud_model(), BATCHES["seven rows"]
    before, decoder = cache_after(model, inputs), Decoder(model)

    def steps(grown_by: int) -> list[np.ndarray]:
        monkeypatch.setattr(cache_module, "GROWN_BY", grown_by)
        cache = RoundedCache.of(before, T)
        columns = (columns_of(inputs, t) for t in range(PROMPT, T))
        return [decoder.next_logits(one, cache) for one in columns]

    for grown, whole in zip(steps(3), steps(T), strict=True):
        np.testing.assert_array_equal(grown, whole)


@torch.inference_mode()
def test_rounding_costs_little_of_the_logits() -> None:
    """A model with loud random weights; what it costs in music is measured in docs/log.md."""
    model, inputs = loud_model(CONFIGS["own_type"]), BATCHES["one row"]
    rounded = RoundedCache.of(cache_after(model, inputs), T)
    found = Decoder(model).next_logits(columns_of(inputs, PROMPT), rounded)[0]
    expected = model(inputs.slice(0, PROMPT + 1))[0, -1].numpy()
    assert np.linalg.norm(found - expected) < 0.03 * np.linalg.norm(expected)


@torch.inference_mode()
def test_loud_gates_do_not_overflow() -> None:
    model = loud_model()
    for block in model.layers:
        block.ffn.gate_up.weight.mul_(1000.0)
    inputs = random_stream(4, T)
    rounded = RoundedCache.of(cache_after(model, inputs), T)
    assert np.isfinite(Decoder(model).next_logits(columns_of(inputs, PROMPT), rounded)).all()


@torch.inference_mode()
def test_silent_weights_give_silent_logits() -> None:
    """Rows of zeros have no largest value to divide by."""
    model = MeloFormer(CONFIG).eval()
    for parameter in model.parameters():
        parameter.zero_()
    inputs = random_stream(4, T)
    rounded = RoundedCache.of(cache_after(model, inputs), T)
    assert not Decoder(model).next_logits(columns_of(inputs, PROMPT), rounded).any()


@torch.inference_mode()
def test_a_full_cache_says_so() -> None:
    model, inputs = loud_model(), BATCHES["one row"]
    rounded = RoundedCache.of(cache_after(model, inputs), PROMPT)
    with pytest.raises(ConfigError, match="do not fit a cache of 90"):
        Decoder(model).next_logits(columns_of(inputs, PROMPT), rounded)
