import pytest
import torch

from meloformer.errors import ConfigError
from meloformer.model import kv_cache
from meloformer.model.inputs import Inputs
from meloformer.model.kv_cache import KVCache
from meloformer.model.transformer import MeloFormer
from tests.model.conftest import CONFIG, loud_model
from tests.model.streams import pack, random_stream, stack

T = 130


def cache_for(model: MeloFormer, rows: int = 1, max_tokens: int = T) -> KVCache:
    return KVCache(model.config, rows, max_tokens)


def read_one_by_one(model: MeloFormer, inputs: Inputs, cache: KVCache) -> torch.Tensor:
    steps = range(inputs.ids.shape[1])
    return torch.cat([model(inputs.slice(t, t + 1), cache) for t in steps], dim=1)


@torch.inference_mode()
@pytest.mark.parametrize("gaps", [False, True])
def test_decoding_one_by_one_equals_one_forward_pass(model: MeloFormer, gaps: bool) -> None:
    """The cache changes the cost, never the music."""
    inputs = random_stream(1, T, gaps=gaps)
    steps = read_one_by_one(model, inputs, cache_for(model))
    torch.testing.assert_close(steps, model(inputs), atol=1e-5, rtol=1e-5)


@torch.inference_mode()
@pytest.mark.parametrize("first", [1, 37, 64, T - 1])
def test_prefill_of_n_then_m_equals_prefill_of_both(model: MeloFormer, first: int) -> None:
    inputs = random_stream(2, T, gaps=True)
    cache = cache_for(model)
    parts = [model(inputs.slice(0, first), cache), model(inputs.slice(first), cache)]
    torch.testing.assert_close(torch.cat(parts, dim=1), model(inputs), atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_rows_padded_in_front_decode_as_if_alone() -> None:
    model = loud_model()
    long, short = random_stream(3, 60), random_stream(4, 45)
    columns = torch.stack(list(pack(short, padding=15))).roll(15, dims=2)
    columns[-1] = torch.arange(60)
    cache = cache_for(model, 2)
    model(stack(long, Inputs(*columns)), cache)
    new = stack(random_stream(3, 61).slice(60), random_stream(4, 46).slice(45))
    new = new._replace(order=torch.full_like(new.ids, 60))
    logits = model(new, cache)[:, 0]
    alone = torch.stack([model(random_stream(3, 61))[0, -1], model(random_stream(4, 46))[0, -1]])
    torch.testing.assert_close(logits, alone, atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_a_truncated_cache_goes_on_from_there() -> None:
    model = loud_model()
    cache = cache_for(model)
    model(random_stream(5, T), cache)
    cache.truncate(50)
    inputs = random_stream(5, T)
    torch.testing.assert_close(
        read_one_by_one(model, inputs.slice(50), cache),
        model(inputs)[:, 50:],
        atol=1e-5,
        rtol=1e-5,
    )


@torch.inference_mode()
def test_a_repeated_cache_is_a_copy_for_each_row() -> None:
    model = loud_model()
    inputs = random_stream(6, T)
    cache = cache_for(model)
    model(inputs.slice(0, 80), cache)
    copies = cache.repeat(3)
    logits = read_one_by_one(model, inputs.slice(80).repeat(3), copies)
    whole = model(inputs)[:, 80:]
    torch.testing.assert_close(logits, whole.expand_as(logits), atol=1e-5, rtol=1e-5)
    assert (cache.length, copies.length) == (80, T)


@torch.inference_mode()
def test_selected_rows_go_on_as_before() -> None:
    model = loud_model()
    rows = [random_stream(seed, T) for seed in range(3)]
    cache = cache_for(model, 3)
    model(stack(*rows).slice(0, 80), cache)
    chosen = cache.select([2, 0])
    logits = model(stack(rows[2], rows[0]).slice(80, 81), chosen)[:, 0]
    whole = torch.cat([model(rows[2]), model(rows[0])])[:, 80]
    torch.testing.assert_close(logits, whole, atol=1e-5, rtol=1e-5)


def test_a_full_cache_says_so() -> None:
    model = loud_model()
    cache = cache_for(model, max_tokens=10)
    with torch.inference_mode(), pytest.raises(ConfigError, match="do not fit a cache of 10"):
        model(random_stream(8, 11), cache)


def test_the_cache_costs_what_the_key_heads_cost() -> None:
    cache = KVCache(CONFIG, 2, 100)
    cache.claim(100)
    bytes_per_token = (cache.k.nbytes + cache.v.nbytes) / (2 * 100)
    assert bytes_per_token == 2 * 4 * CONFIG.num_layers * CONFIG.num_kv_heads * CONFIG.head_dim


@torch.inference_mode()
def test_a_cache_that_grows_reads_as_one_that_has_its_room(
    model: MeloFormer, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs, whole = random_stream(9, T), cache_for(model)
    whole.claim(T)
    whole.truncate(0)
    monkeypatch.setattr(kv_cache, "GROWN_BY", 3)
    grown = cache_for(model, max_tokens=100 * T)
    for first, end in ((0, 20), (20, 21), *((t, t + 1) for t in range(21, T))):
        part = inputs.slice(first, end)
        assert torch.equal(model(part, grown), model(part, whole))
    for kept, expected in zip(grown._buffers(), whole._buffers(), strict=True):
        assert torch.equal(kept, expected)
    assert grown.num_bytes < 2 * whole.num_bytes


def test_memory_is_taken_for_what_is_read() -> None:
    cache = KVCache(CONFIG, 1, 1_000_000)
    assert cache.num_bytes == 0
    cache.claim(10)
    assert cache.k.shape[3] <= kv_cache.GROWN_BY
