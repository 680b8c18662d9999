from dataclasses import replace

import pytest
import torch

from meloformer.model.attention.paths import AttentionPath
from meloformer.model.attention.plain import BiasMask
from meloformer.model.attention.rule import MaskFields, visible
from meloformer.model.attention.selected import BLOCK, GROUP, SelectedMask
from meloformer.model.config import ModelConfig
from meloformer.model.inputs import Inputs
from meloformer.model.kv_cache import KVCache
from tests.model.conftest import CONFIG, loud_model
from tests.model.rows import laid_out, random_rows
from tests.model.streams import random_stream


def drawn(rows: MaskFields, heads: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(heads)
    return torch.randn((*rows.order.shape, heads, 16), generator=generator)


def compare(queries: MaskFields, keys: MaskFields, config: ModelConfig) -> None:
    q = drawn(queries, config.num_heads)
    k, v = drawn(keys, config.num_kv_heads), drawn(keys, config.num_kv_heads) + 1
    fast, slow = (
        kind.between(queries, keys, config, torch.float32).attend(q, k, v)
        for kind in (SelectedMask, BiasMask)
    )
    torch.testing.assert_close(fast, slow, atol=2e-5, rtol=1e-5)


@pytest.mark.parametrize("length", [BLOCK - 1, GROUP, 2 * GROUP + BLOCK + 5])
def test_selected_attention_equals_the_plain_path(config: ModelConfig, length: int) -> None:
    """Keys are added up in another order, so sums differ in their last bits."""
    rows = MaskFields.of(random_rows(length), config)
    compare(rows, rows, config)


@pytest.mark.parametrize("num_kv_heads", [1, 2, 4])
def test_any_number_of_heads_may_share_a_key_head(num_kv_heads: int) -> None:
    config = replace(CONFIG, num_heads=4, num_kv_heads=num_kv_heads)
    rows = MaskFields.of(random_rows(GROUP + 3), config)
    compare(rows, rows, config)


def test_a_row_may_lie_in_any_layout() -> None:
    rows = MaskFields.of(laid_out(random_rows(384)), CONFIG)
    compare(rows, rows, CONFIG)


def test_queries_may_follow_keys_of_a_cache() -> None:
    rows = MaskFields.of(random_rows(500), CONFIG)
    last = MaskFields(*(field[:, 180:] for field in rows))
    compare(last, rows, CONFIG)


def test_keys_are_selected_that_some_query_attends_to_and_no_others() -> None:
    row = random_stream(7, 600)
    fields = MaskFields.of(row, CONFIG)
    table = visible(fields.queries(), fields.keys(), CONFIG)[0]
    mask = SelectedMask.of(row, CONFIG, torch.float32)
    for queries, keys, _ in mask.blocks:
        assert torch.equal(keys, table[queries].any(dim=0).nonzero()[:, 0])
    together = torch.cat([block.queries for block in mask.blocks])
    assert together.sort().values.tolist() == [*range(600)]


def read(inputs: Inputs, path: AttentionPath | None) -> torch.Tensor:
    model = loud_model()
    model.forced_path = path
    with torch.inference_mode():
        return model(inputs)


def test_a_model_reads_a_long_row_so_and_its_logits_are_those_of_the_plain_path() -> None:
    row = random_stream(8, 700)
    fast, slow = read(row, None), read(row, AttentionPath.PLAIN)
    assert not torch.equal(fast, slow)
    assert torch.equal(fast, read(row, AttentionPath.SELECTED))
    torch.testing.assert_close(fast, slow, atol=1e-4, rtol=1e-4)


def test_a_model_goes_on_from_a_cache_as_it_reads_the_whole() -> None:
    model, row = loud_model(), random_stream(9, 900)
    cache = KVCache(model.config, 1, 900)
    with torch.inference_mode():
        parts = [model(part, cache) for part in (row.slice(0, 300), row.slice(300))]
    together = read(row, AttentionPath.PLAIN)
    torch.testing.assert_close(torch.cat(parts, dim=1), together, atol=1e-4, rtol=1e-4)
