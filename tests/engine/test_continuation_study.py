import json
from pathlib import Path

import numpy as np
import pytest

from meloformer import checkpoint
from meloformer.checkpoint import Card
from meloformer.cli import main
from meloformer.data.shards import open_shards
from meloformer.engine.continuation_study import (
    ContinuationStudyConfig,
    continuations,
    study_continuations,
)
from meloformer.engine.request import ContinueRequest, SamplingConfig
from meloformer.errors import ConfigError
from meloformer.evaluation.study.bars import bars_of
from meloformer.evaluation.study.excerpts import Excerpt, choose_excerpts
from meloformer.model import MeloFormer


@pytest.fixture(scope="module")
def checkpoint_folder(
    model: MeloFormer, card: Card, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("checkpoint") / "untrained"
    checkpoint.save(folder, model, card)
    return folder


@pytest.fixture(scope="module")
def excerpt(shards_folder: Path) -> Excerpt:
    shards = open_shards(shards_folder / "train")
    return choose_excerpts(shards, 1, prompt_bars=4, num_bars=2)[0]


def test_a_continuation_has_its_bars_and_the_chords_it_was_given(
    model: MeloFormer, card: Card, excerpt: Excerpt
) -> None:
    for one in continuations(model, card, excerpt.prompt, 2, [5, 6], (3, 40)):
        assert bars_of(one.score).num_bars == 2
        assert one.chords == (3, 40)


def test_a_seed_writes_the_same_whoever_is_asked_beside_it(
    model: MeloFormer, card: Card, excerpt: Excerpt
) -> None:
    six = continuations(model, card, excerpt.prompt, 2, range(1, 7))
    alone = continuations(model, card, excerpt.prompt, 2, [5])
    assert len(six) == 6
    assert six[4].score == alone[0].score
    assert six[0].score != six[1].score


def test_adventure_is_in_the_middle_unless_said_otherwise(
    model: MeloFormer, card: Card, excerpt: Excerpt
) -> None:
    usual, middle, wild = (
        continuations(model, card, excerpt.prompt, 2, [1], (), sampling)[0].score
        for sampling in (None, ContinueRequest().sampling, SamplingConfig.from_adventure(1.0))
    )
    assert usual == middle != wild


def test_a_study_is_the_same_every_time(shards_folder: Path, checkpoint_folder: Path) -> None:
    config = ContinuationStudyConfig(
        checkpoint=checkpoint_folder,
        shards=shards_folder,
        prompts=2,
        seeds=1,
        prompt_bars=4,
        num_bars=2,
    )
    one, other = study_continuations(config), study_continuations(config)
    assert one.to_json() == other.to_json()
    np.testing.assert_array_equal(one.runs, other.runs)


def test_a_study_of_nothing_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="at least one prompt"):
        ContinuationStudyConfig(checkpoint=tmp_path, shards=tmp_path, prompts=1, seeds=0)
    with pytest.raises(ConfigError, match="draw must be 0 or more"):
        ContinuationStudyConfig(checkpoint=tmp_path, shards=tmp_path, prompts=1, draw=-1)


def test_the_verb_prints_goals_or_json_and_writes_a_page(
    shards_folder: Path,
    checkpoint_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = tmp_path / "study.html"
    words = ["evaluate", str(shards_folder), "--continuations", "1", "--seeds", "1", "--bars", "2"]
    words += ["--model", str(checkpoint_folder)]
    main([*words, "--page", str(page)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 9
    assert lines[0] == "untrained, no copy guard"
    assert all("reached  " in line for line in lines[1:8])
    assert lines[8].endswith("; 1 prompt")
    assert "untrained reaches" in page.read_text()
    main([*words, "--json"])
    data = json.loads(capsys.readouterr().out)
    assert (data["prompts"], data["seeds"], len(data["acceptance"])) == (1, 1, 7)
    (one_set,) = data["per_set"].values()
    assert one_set["acceptance"] == data["acceptance"]
