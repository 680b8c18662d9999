"""What a GPU is asked, on a CPU and small."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.gpu.results import FAILED, Results

ROOT = Path(__file__).parents[2]


def run(shards: Path, out: Path) -> str:
    words = [sys.executable, "-m", "benchmarks.gpu", str(shards), "--out", str(out), "--tiny"]
    only = ["equality", "attention/tiny", "kernel/tiny/128/queries"]
    done = subprocess.run(
        [*words, "--only", *only], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_all_kinds_of_rows_are_measured_once(shards_folder: Path, tmp_path: Path) -> None:
    assert "0 rows are left" in run(shards_folder, tmp_path)
    rows = json.loads((tmp_path / "gpu.json").read_text())
    assert len(rows) == 4
    assert not [row[FAILED] for row in rows.values() if FAILED in row]
    assert "| ours |" in (tmp_path / "gpu.md").read_text()
    assert run(shards_folder, tmp_path) == "0 rows are left\n"


def test_a_row_that_failed_is_a_sentence_and_is_tried_again(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.add("attention/large/dense", {"ms": 3.0})
    results.add("attention/large/ours", {FAILED: "OutOfMemoryError: none | left"})
    again = Results(tmp_path)
    assert again.names() == ["attention/large/dense"]
    assert "| ours | OutOfMemoryError: none / left |" in (tmp_path / "gpu.md").read_text()
    again.add("attention/large/ours", {"ms": 1.5})
    assert "| ours | 1.5 | 2 |" in (tmp_path / "gpu.md").read_text()
