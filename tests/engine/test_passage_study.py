from dataclasses import replace
from pathlib import Path

import pytest

from meloformer import checkpoint
from meloformer.checkpoint import Card
from meloformer.cli import main
from meloformer.corpus.config import PrepareConfig
from meloformer.corpus.prepare import prepare
from meloformer.engine.passage_study import Passages, PassageStudyConfig, study_passages
from meloformer.errors import ConfigError, DataError
from meloformer.evaluation import bootstrap
from meloformer.model import MeloFormer
from meloformer.score import write_midi
from tests.corpus.small_corpus import small_score


@pytest.fixture(scope="module")
def long_shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Songs of 40 bars for piano, bass and drums."""
    folder = tmp_path_factory.mktemp("long")
    (folder / "corpus" / "band").mkdir(parents=True)
    for index in range(20):
        data = write_midi(small_score(index, 40))
        (folder / "corpus" / "band" / f"{index}.mid").write_bytes(data)
    out = folder / "shards"
    prepare(PrepareConfig(inputs=(folder / "corpus",), out=out, workers=1))
    return out


@pytest.fixture(scope="module")
def checkpoint_folder(
    model: MeloFormer, card: Card, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("checkpoint") / "untrained"
    checkpoint.save(folder, model, replace(card, infill=True))
    return folder


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "RESAMPLES", 20)


@pytest.mark.parametrize("passages", Passages)
def test_a_study_measures_all_there_is_and_is_the_same_every_time(
    passages: Passages, long_shards: Path, checkpoint_folder: Path
) -> None:
    config = PassageStudyConfig(
        checkpoint=checkpoint_folder, shards=long_shards, passages=passages, prompts=1
    )
    told: list[tuple[int, int]] = []
    one = study_passages(config, lambda done, total: told.append((done, total)))
    assert told == [(1, 1)]
    assert one.prompts == 1
    assert one.per_set.keys() == {"band"}
    assert one.comparisons
    assert one.to_json() == study_passages(config).to_json()


def test_the_shell_tells_each_measure_beside_real_music(
    long_shards: Path, checkpoint_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", str(long_shards), "--model", str(checkpoint_folder), "--seeds", "1"]
    main([*words, "--drums", "1", "--by-set"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "untrained, drums, no copy guard"
    assert lines[1] == "1 prompt"
    assert any(line.startswith("  groove consistency: written ") for line in lines)
    assert "band, 1 prompt" in lines
    with pytest.raises(SystemExit):
        main([*words, "--drums", "1", "--seams", "1"])
    assert "One thing is studied at a time" in capsys.readouterr().err


def test_what_cannot_be_studied_is_a_sentence(long_shards: Path, checkpoint_folder: Path) -> None:
    with pytest.raises(ConfigError, match="at least one prompt"):
        PassageStudyConfig(
            checkpoint=checkpoint_folder, shards=long_shards, passages=Passages.DRUMS, prompts=0
        )
    config = PassageStudyConfig(
        checkpoint=checkpoint_folder,
        shards=long_shards,
        passages=Passages.DRUMS,
        prompts=1,
        sets=("jazz",),
    )
    with pytest.raises(DataError, match="jazz"):
        study_passages(config)
