"""The attention rule, pair by pair: in plain words, by the table, and as each path reads it."""

from dataclasses import replace

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.visible_blocks import visible_blocks
from meloformer.model.attention.last_token import (
    last_token_rule,
    visible_to_last,
    write_mask_fields,
)
from meloformer.model.attention.rule import MaskFields, dense_mask
from meloformer.model.config import MAX_OFFSET, TYPE_RULES, ModelConfig, TokenType
from meloformer.model.inputs import Inputs
from tests.model.conftest import CONFIG
from tests.model.real_rows import all_rows
from tests.model.rows import in_blocks
from tests.model.streams import pack, permute, random_stream, stack

LENGTH = 64
BLOCKS = (4, 16, LENGTH)


def attends(query: dict[str, int], key: dict[str, int], config: ModelConfig) -> bool:
    """The rule in plain words, one pair at a time."""
    if query["order"] == key["order"]:
        return True
    if query["doc"] != key["doc"] or query["doc"] < 0 or key["order"] > query["order"]:
        return False
    if config.dense:
        return True
    q_type, k_type = query["type"], key["type"]
    if k_type == TokenType.SUM:
        return config.summaries
    if k_type in (TokenType.SONG, TokenType.HEADER):
        return True
    # The key is a token of a note.
    if q_type == TokenType.SUM and config.summaries:
        return query["bar"] == key["bar"]
    near = abs(query["bar"] - key["bar"]) in config.cross_offsets
    if q_type in (TokenType.HEADER, TokenType.SUM):
        return near
    if q_type == TokenType.SONG:
        return False
    if query["note"] == key["note"]:
        return True
    allowed = k_type in config.type_rule[q_type - TokenType.ONSET]
    return allowed and (near or query["part"] == key["part"])


def mask_in_plain_words(rows: Inputs, config: ModelConfig) -> torch.Tensor:
    """(B, T, T)."""
    columns = torch.stack(list(rows), dim=-1).tolist()
    tokens = [[dict(zip(Inputs._fields, one, strict=True)) for one in row] for row in columns]
    return torch.tensor([[[attends(q, k, config) for k in row] for q in row] for row in tokens])


@st.composite
def any_rows(draw: st.DrawFn) -> Inputs:
    """Whole pieces, pieces with filled gaps, several in a row, padding; in any layout."""
    seed = draw(st.integers(0, 10_000))
    first = draw(st.integers(1, LENGTH - 2))
    padding = draw(st.integers(0, LENGTH - first - 1))
    second = random_stream(seed + 1, LENGTH - first - padding, gaps=draw(st.booleans()))
    packed = pack(random_stream(seed, first), second, padding=padding)
    alone = random_stream(seed + 2, LENGTH, gaps=draw(st.booleans()))
    rows = stack(alone, packed)
    if draw(st.booleans()):
        shuffled = torch.randperm(LENGTH, generator=torch.Generator().manual_seed(seed))
        rows = permute(rows, shuffled)
    return rows


@st.composite
def any_config(draw: st.DrawFn) -> ModelConfig:
    """Every named type rule and any other, any distances, with and without summaries, dense."""
    types = st.lists(st.sampled_from(range(TokenType.ONSET, len(TokenType)))).map(tuple)
    named = st.sampled_from(list(TYPE_RULES.values()))
    offsets = st.lists(st.integers(0, 4) | st.integers(0, MAX_OFFSET), max_size=4).map(tuple)
    return replace(
        CONFIG,
        type_rule=draw(named | st.tuples(types, types, types, types)),
        cross_offsets=draw(st.just(CONFIG.cross_offsets) | offsets),
        summaries=draw(st.booleans()),
        dense=draw(st.sampled_from([False, False, False, True])),
    )


@given(any_rows(), any_config())
def test_the_table_is_the_rule_in_plain_words(rows: Inputs, config: ModelConfig) -> None:
    assert torch.equal(dense_mask(rows, config), mask_in_plain_words(rows, config))


@given(any_rows(), any_config())
@settings(max_examples=25)
def test_one_token_attends_to_what_the_table_says(rows: Inputs, config: ModelConfig) -> None:
    """The tokens of a cache are in the order of the stream: later ones are not there yet."""
    order = rows.order[0].argsort()
    rows = permute(rows, order)
    mask = dense_mask(rows, config).numpy()
    rule = last_token_rule(config)
    tokens = np.empty((len(MaskFields._fields), LENGTH), np.int32)
    places = np.empty(LENGTH, np.int32)
    for b in range(len(mask)):
        columns = torch.stack(rows)[:, b].numpy()
        for t in range(LENGTH):
            write_mask_fields(columns[:, t], rule, tokens[:, t])
            count = visible_to_last(tokens, t + 1, rule, places)
            np.testing.assert_array_equal(places[:count], np.flatnonzero(mask[b, t]))


@given(any_rows(), any_config())
def test_a_block_is_computed_if_and_only_if_a_pair_in_it_is_visible(
    rows: Inputs, config: ModelConfig
) -> None:
    mask = dense_mask(rows, config)
    for block in BLOCKS:
        some = in_blocks(mask, block).any(-1).any(-1)
        assert torch.equal(visible_blocks(rows, config, block), some)


def test_masks_of_real_rows_agree(config: ModelConfig) -> None:
    """Rows as long as in training, in the order of the stream, laid out, and in no order."""
    for rows in all_rows():
        mask = dense_mask(rows, config)
        for block in (16, 128):
            blocks = in_blocks(mask, block)
            assert torch.equal(visible_blocks(rows, config, block), blocks.any(-1).any(-1))
