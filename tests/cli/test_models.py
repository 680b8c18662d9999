"""`meloformer models`: list, export, import."""

import json
from pathlib import Path

import pytest

from meloformer import checkpoint
from meloformer.checkpoint import Card
from meloformer.cli.main import main
from meloformer.model import MeloFormer
from meloformer.registry import DEFAULT


@pytest.fixture
def runs(tmp_path: Path, model: MeloFormer, card: Card) -> Path:
    """A folder of runs with one that has a checkpoint."""
    folder = tmp_path / "runs" / "Jigs" / "checkpoints"
    checkpoint.save(folder / "step-000010", model, card)
    (folder / "last.json").write_text('{"folder": "step-000010"}')
    return tmp_path / "runs"


def test_a_model_is_exported_and_imported_elsewhere(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, there = tmp_path / "jigs.zip", tmp_path / "there"
    main(["models", "export", "Jigs", str(out), "--root", str(runs)])
    assert f"runs/Jigs is in {out}" in capsys.readouterr().out
    main(["models", "import", str(out), "--root", str(there), "--json"])
    (row,) = json.loads(capsys.readouterr().out)
    assert row["name"] == "imported/Jigs"
    main(["models", "--root", str(there), "--json"])
    names = [one["name"] for one in json.loads(capsys.readouterr().out)]
    assert names == [DEFAULT, "imported/Jigs"]
    main(["models", "export", "Jigs", str(tmp_path / "again.zip"), "--root", str(there)])
    main(["models", "import", str(out), "--root", str(there), "--name", "Reels"])
    assert "imported/Reels" in capsys.readouterr().out


def test_a_file_is_not_replaced_unasked(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "jigs.zip"
    out.write_bytes(b"mine")
    with pytest.raises(SystemExit):
        main(["models", "export", "Jigs", str(out), "--root", str(runs)])
    assert out.read_bytes() == b"mine"
    main(["models", "export", "Jigs", str(out), "--root", str(runs), "--force"])
    assert out.read_bytes().startswith(b"PK")


@pytest.mark.parametrize(
    "words", [["export"], ["import"], ["export", "nobody"], ["import", "nothing.zip"]]
)
def test_what_cannot_be_done_is_a_sentence(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["models", *words, "--root", str(tmp_path)])
    assert ended.value.code == 1
    assert capsys.readouterr().err
