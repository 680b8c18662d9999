from dataclasses import replace
from pathlib import Path

import pytest

from meloformer import checkpoint
from meloformer.checkpoint import UNGUARDED, Card
from meloformer.data.shards import open_shards
from meloformer.training.card import NO_GAPS, card_of, data_sources
from tests.runs.real_runs import small_config


def test_a_model_is_made_of_its_base_s_music_too(
    shards_folder: Path, small_base: Path, tmp_path: Path
) -> None:
    shards = open_shards(shards_folder / "train")
    config = small_config(shards_folder, tmp_path, small_base)
    base = checkpoint.read_card(small_base)
    sources = data_sources(shards, config, base, 3 * base.tokens_seen)
    assert {one.name: one.share for one in sources}["old"] == 0.25
    assert abs(sum(one.share for one in sources) - 1) < 1e-3


def test_music_that_was_read_twice_is_named_once(
    shards_folder: Path, small_base: Path, tmp_path: Path
) -> None:
    shards = open_shards(shards_folder / "train")
    config = small_config(shards_folder, tmp_path, small_base)
    once = data_sources(shards, config, None, 1000)
    base = replace(checkpoint.read_card(small_base), data=once)
    assert data_sources(shards, config, base, base.tokens_seen) == once


def test_what_is_synthetic_is_known_from_whoever_says_it(
    shards_folder: Path, small_base: Path, tmp_path: Path
) -> None:
    shards = open_shards(shards_folder / "train")
    named = replace(shards, sets=tuple(replace(one, synthetic="bass") for one in shards.sets))
    config = small_config(shards_folder, tmp_path, small_base)
    before = data_sources(shards, config, None, 1000)
    after = data_sources(named, config, None, 1000)
    assert {one.synthetic for one in before} == {""}
    assert {one.synthetic for one in after} == {"bass"}
    for music, base in ((named, before), (shards, after)):
        card = replace(checkpoint.read_card(small_base), data=base)
        assert data_sources(music, config, card, card.tokens_seen) == after


@pytest.mark.parametrize(
    ("fill", "base_infill", "infill"),
    [
        (0.0, None, False),
        (0.3, None, True),
        (0.3, False, True),
        (0.0, False, False),
        (0.0, True, True),
    ],
)
def test_a_card_tells_whether_gaps_were_learned(
    small_base: Path, tmp_path: Path, fill: float, base_infill: bool | None, infill: bool
) -> None:
    before = checkpoint.read_card(small_base)
    base = None if base_infill is None else replace(before, infill=base_infill)
    config = small_config(tmp_path, tmp_path, fill=fill)
    card = card_of(config, before.model, (), steps=5, tokens=50, metrics={}, base=base)
    assert card.infill == infill
    assert "128 tokens" in card.limits[0]
    assert (NO_GAPS not in card.limits) == infill


def test_a_card_tells_what_the_copy_guard_of_its_base_knows(
    small_base: Path, tmp_path: Path
) -> None:
    base = checkpoint.read_card(small_base)
    config = small_config(tmp_path, tmp_path)

    def limits(of: Card) -> tuple[str, ...]:
        return card_of(config, of.model, (), steps=5, tokens=50, metrics={}, base=of).limits

    sentence = f"{checkpoint.GUARDED}knows 3 pieces."
    guarded = replace(base, limits=("It knows one style.", sentence))
    assert limits(guarded) == (*limits(base), sentence, UNGUARDED)
    assert limits(replace(base, limits=limits(guarded))) == limits(guarded)


def test_a_card_counts_the_steps_and_tokens_of_its_base(small_base: Path, tmp_path: Path) -> None:
    base = checkpoint.read_card(small_base)
    config = small_config(tmp_path, tmp_path)
    alone, of_both = (
        card_of(config, base.model, (), steps=5, tokens=50, metrics={}, base=one)
        for one in (None, base)
    )
    assert (alone.steps, alone.tokens_seen) == (5, 50)
    assert (of_both.steps, of_both.tokens_seen) == (base.steps + 5, base.tokens_seen + 50)


@pytest.mark.parametrize(("of_base", "told"), [(64, 128), (4096, 4096)])
def test_shorter_rows_than_those_of_its_base_leave_a_model_its_context(
    small_base: Path, tmp_path: Path, of_base: int, told: int
) -> None:
    base = replace(checkpoint.read_card(small_base), context_tokens=of_base)
    config = small_config(tmp_path, tmp_path)
    card = card_of(config, base.model, (), steps=5, tokens=50, metrics={}, base=base)
    assert card.context_tokens == told
    assert f"{told:,} tokens" in card.limits[0]
