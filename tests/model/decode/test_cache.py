import numpy as np
import torch

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
    assert (rounded.length, rounded.max_tokens, len(rounded.kv)) == (T, 100, 2)
    for which, values in enumerate((cache.k, cache.v)):
        exact = values.permute(1, 3, 0, 2, 4)[:, :T].numpy()  # (B, S, L, G, K)
        units = rounded.units[:, :T, :, which, :, None]
        kept = rounded.kv[:, :T, :, which] * units
        assert (np.abs(kept - exact) <= units / 2 * 1.001).all()
    for field, of_tokens in zip(cache.tokens, rounded.tokens, strict=True):
        np.testing.assert_array_equal(of_tokens[:, :T], field.numpy())


def test_it_takes_about_a_quarter_of_the_memory() -> None:
    cache = KVCache(CONFIG, 2, 100)
    rounded = RoundedCache.of(cache, 100)
    per_head = (CONFIG.head_dim + 4) / (4 * CONFIG.head_dim)  # a unit is a float32
    assert rounded.kv.nbytes + rounded.units.nbytes == per_head * (cache.k.nbytes + cache.v.nbytes)


def test_rows_are_copied_in_the_order_asked_for() -> None:
    rounded = RoundedCache.of(filled(), 100)
    for chosen, rows in (
        (rounded.select([1, 0]), [1, 0]),
        (rounded.select([1]).repeat(3), [1] * 3),
    ):
        assert (len(chosen.kv), chosen.length, chosen.max_tokens) == (len(rows), T, 100)
        np.testing.assert_array_equal(chosen.kv[:, :T], rounded.kv[rows, :T])
        np.testing.assert_array_equal(chosen.units[:, :T], rounded.units[rows, :T])
        np.testing.assert_array_equal(chosen.tokens[:, :, :T], rounded.tokens[:, rows, :T])
        chosen.kv[:] = 0
    assert rounded.kv[:, :T].any()
