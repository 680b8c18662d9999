from dataclasses import replace
from pathlib import Path

from meloformer import checkpoint
from meloformer.data.shards import open_shards
from meloformer.training.card import data_sources
from tests.training.real_runs import small_config


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
