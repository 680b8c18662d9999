import numpy as np
import pytest
import torch

from meloformer.model.decode import cache as cache_module
from meloformer.model.decode.cache import RoundedCache
from meloformer.model.kv_cache import KVCache
from tests.model.conftest import CONFIG, loud_model
from tests.model.streams import random_stream, stack

T = 60


@torch.inference_mode()
def filled() -> KVCache:
    model = loud_model()
    cache = KVCache(model.config, 2, T + 5)
    model(stack(random_stream(1, T), random_stream(2, T)), cache)
    return cache


def test_keys_and_values_are_kept_to_half_a_step() -> None:
    cache = filled()
    rounded = RoundedCache.of(cache, 100)
    assert (rounded.length, rounded.max_tokens) == (T, 100)
    kv, kv_units, _ = read(rounded)
    for which, values in enumerate((cache.k, cache.v)):
        exact = values.permute(1, 3, 0, 2, 4)[:, :T].numpy()  # (B, S, L, G, K)
        units = kv_units[:, :, :, which, :, None]
        assert (np.abs(kv[:, :, :, which] * units - exact) <= units / 2 * 1.001).all()
    for field, of_tokens in zip(cache.tokens, rounded.tokens, strict=True):
        np.testing.assert_array_equal(of_tokens[:, :T], field.numpy())


def test_it_takes_about_a_quarter_of_the_memory() -> None:
    cache = KVCache(CONFIG, 2, 100)
    cache.claim(100)
    rounded = RoundedCache.of(cache, 100)
    per_head = (CONFIG.head_dim + 4) / (4 * CONFIG.head_dim)  # a unit is a float32
    assert rounded.kv.nbytes + rounded.units.nbytes == per_head * (cache.k.nbytes + cache.v.nbytes)


def test_rows_are_copied_in_the_order_asked_for() -> None:
    rounded = RoundedCache.of(filled(), 100)
    for chosen, rows in (
        (rounded.select([1, 0]), [1, 0]),
        (rounded.select([1]).repeat(3), [1] * 3),
    ):
        assert (len(chosen.places), chosen.length, chosen.max_tokens) == (len(rows), T, 100)
        for copied, original in zip(read(chosen), read(rounded), strict=True):
            np.testing.assert_array_equal(copied, original[rows])
        chosen.kv[:] = 0
    assert rounded.kv[:T].any()


def test_rows_share_a_prompt_and_nothing_that_follows() -> None:
    prompt = RoundedCache.of(filled(), 100).select([1])
    rows = prompt.repeat(4)
    assert len(rows.kv) == T
    at = rows.claim()
    assert len(rows.kv) == T + 4 * 40
    assert (rows.places[:, :T] == rows.places[0, :T]).all()
    own = rows.places[:, T:]
    assert len(np.unique(own)) == own.size
    assert own.min() == T
    for row, places in enumerate(rows.places):
        rows.kv[places[at]] = row + 1
    some = rows.select([3, 1])
    assert len(some.kv) == T + 2
    assert [some.kv[places[T], 0, 0, 0, 0] for places in some.places] == [4, 2]


def test_memory_is_taken_for_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "GROWN_BY", 4)
    rows = RoundedCache.of(filled(), 1_000_000)
    before = rows.num_bytes
    first = read(rows)
    for _ in range(100):
        at = rows.claim()
        rows.kv[rows.places[:, at]], rows.units[rows.places[:, at]] = at % 100, at
        rows.tokens[:, :, at] = at
    assert rows.num_bytes < before * (T + 100) / T * 1.5
    kv, units, tokens = read(rows)
    for grown, kept in zip((kv[:, :T], units[:, :T], tokens[:, :, :T]), first, strict=True):
        np.testing.assert_array_equal(grown, kept)
    assert (kv[:, T:, 0, 0, 0, 0] == np.arange(T, T + 100) % 100).all()
    assert (tokens[:, :, T:] == np.arange(T, T + 100)).all()


def read(cache: RoundedCache) -> tuple[np.ndarray, ...]:
    """What is kept of the tokens of each row, rows first."""
    places = cache.places[:, : cache.length]
    tokens = cache.tokens[:, :, : cache.length].swapaxes(0, 1)
    return cache.kv[places], cache.units[places], tokens
