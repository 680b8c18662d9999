"""The prompt of a run's own music."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from meloformer.data.shards import ShardWriter
from meloformer.midi.read import read_midi
from meloformer.runs.own_prompt import held_out_opening, write_own_prompt
from meloformer.runs.preview import continue_command
from meloformer.runs.samples import OWN, PROMPT_BARS, PROMPTS, own_prompt_path, sample_prompts
from meloformer.score.grid import bar_grid
from meloformer.tokens import bar_ends, encode
from tests.corpus.small_corpus import small_score


def write_shards(folder: Path, bars: list[int]) -> Path:
    """Shards that hold back pieces of so many bars."""
    with ShardWriter(folder / "held_out") as writer:
        for index, count in enumerate(bars):
            ids = encode(small_score(index, count)).ids
            writer.add("songs", np.asarray(ids, dtype=np.uint16), notes=10)
        writer.finish({})
    return folder


def test_the_first_bars_of_a_held_back_piece_are_the_prompt(tmp_path: Path) -> None:
    shards = write_shards(tmp_path / "shards", [5, 12, 16])
    samples = tmp_path / "samples"
    assert write_own_prompt(shards, samples)
    path = own_prompt_path(samples)
    score = read_midi(path.read_bytes())
    assert bar_grid(score).num_bars == PROMPT_BARS
    whole, opening = encode(small_score(1, 12)).ids, held_out_opening(shards / "held_out")
    assert opening is not None
    assert np.array_equal(opening, whole[: bar_ends(whole)[PROMPT_BARS - 1]])
    before = path.read_bytes()
    shutil.rmtree(shards)
    assert write_own_prompt(shards, samples)  # the samples before are of this one
    assert path.read_bytes() == before


def test_of_short_pieces_the_one_with_most_notes_is_taken_whole(tmp_path: Path) -> None:
    shards = write_shards(tmp_path / "shards", [1, 3, 2])
    opening = held_out_opening(shards / "held_out")
    assert opening is not None
    assert len(bar_ends(opening)) == 3


@pytest.mark.parametrize("empty", [False, True])
def test_without_held_back_music_there_is_no_prompt_of_it(tmp_path: Path, empty: bool) -> None:
    if empty:
        write_shards(tmp_path / "shards", [])
    assert not write_own_prompt(tmp_path / "shards", tmp_path / "samples")
    assert [one.name for one in sample_prompts(tmp_path / "samples")] == list(PROMPTS)


def test_ones_own_music_comes_first_and_is_continued_from_its_end(tmp_path: Path) -> None:
    samples = tmp_path / "samples"
    write_own_prompt(write_shards(tmp_path / "shards", [9]), samples)
    prompts = sample_prompts(samples)
    assert [one.name for one in prompts] == [OWN, *PROMPTS]
    commands = [continue_command(one, tmp_path, tmp_path / "out.mid") for one in prompts]
    assert ["--from-bar" in words for words in commands] == [False, True, True]
