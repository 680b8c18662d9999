"""`meloformer copy-guard`, and where the shell tells of the guard."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from meloformer import checkpoint, registry
from meloformer.checkpoint import Card
from meloformer.cli import main
from meloformer.model import MeloFormer


@pytest.fixture
def folder(model: MeloFormer, card: Card, tmp_path: Path) -> Path:
    checkpoint.save(tmp_path / registry.DEFAULT, model, card)
    return tmp_path / registry.DEFAULT


def said(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    main(list(map(str, words)))
    return capsys.readouterr().out


def test_the_music_of_shards_is_indexed_beside_a_model(
    shards_folder: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(capsys, "copy-guard", shards_folder, "--model", folder)
    known = checkpoint.load_known_runs(folder)
    assert known is not None
    assert f"{known.num_runs:,} runs of 16 notes" in text
    facts = json.loads(said(capsys, "copy-guard", shards_folder, "--model", folder, "--json"))
    assert (facts["pieces"], facts["notes"]) == (known.num_pieces, known.num_notes)
    assert 0 < facts["false_positive_rate"] < 0.03


def test_the_music_of_a_later_training_is_added_to_the_index(
    shards_folder: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, card = checkpoint.load(folder)
    # As training leaves it: what came after an index was made is not in it.
    checkpoint.save(folder, model, replace(card, limits=(*card.limits, checkpoint.UNGUARDED)))
    said(capsys, "copy-guard", shards_folder, "--model", folder)
    first = checkpoint.load_known_runs(folder)
    said(capsys, "copy-guard", shards_folder, "--model", folder, "--add")
    again = checkpoint.load_known_runs(folder)
    assert first is not None
    assert again is not None
    assert np.array_equal(again.filter.bits, first.filter.bits)  # the same music adds nothing
    assert (again.num_pieces, again.num_notes) == (first.num_pieces, first.num_notes)
    assert checkpoint.UNGUARDED not in checkpoint.read_card(folder).limits


def test_music_is_added_only_to_an_index(
    shards_folder: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["copy-guard", str(shards_folder), "--model", str(folder), "--add"])
    assert "has no index to add music to" in capsys.readouterr().err


def test_what_is_no_checkpoint_is_said_before_the_work(
    shards_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["copy-guard", str(shards_folder), "--model", str(tmp_path)])
    told = capsys.readouterr().err
    assert "there is no checkpoint" in told
    assert "pieces/s" not in told


def test_the_list_of_models_tells_which_are_guarded(
    shards_folder: Path,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "CHECKPOINTS", folder.parent)
    assert "no copy guard" in said(capsys, "models")
    said(capsys, "copy-guard", shards_folder, "--model", folder)
    assert "with copy guard" in said(capsys, "models")
    (row,) = json.loads(said(capsys, "models", "--json"))
    assert row["copy_guard"] is True


def test_a_study_tells_whether_the_guard_was_on(
    shards_folder: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "copy-guard", shards_folder, "--model", folder)
    words = ["evaluate", shards_folder, "--continuations", 1, "--seeds", 1, "--bars", 2]
    words += ["--model", folder, "--page", tmp_path / "study.html"]
    on, *_, copying = said(capsys, *words).splitlines()
    assert on.endswith("with copy guard")
    assert "95th percentile; real music" in copying
    assert "The copy guard was on." in (tmp_path / "study.html").read_text()
    off = said(capsys, *words, "--no-copy-guard").splitlines()[0]
    assert off.endswith("no copy guard")
    assert "There was no copy guard." in (tmp_path / "study.html").read_text()
    assert json.loads(said(capsys, *words, "--json"))["copy_guard"] is True
