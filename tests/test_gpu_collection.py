"""Tests of what is run on a bare GPU image, where most of what the app needs is missing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bare_image import ROOT, bare_environment


def run(folder: Path, *words: str) -> str:
    """Run Python on a bare image."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=bare_environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_image_is_bare(tmp_path: Path) -> None:
    program = """
import importlib.util
import torch, triton, safetensors, psutil, filelock, tqdm, pytest, hypothesis
for name in ("gradio", "mido", "numba", "pebble", "playwright", "tensorboardX", "tyro"):
    assert importlib.util.find_spec(name) is None, name
"""
    run(tmp_path, "-c", program)


def test_tests_of_a_gpu_can_be_collected_on_a_bare_image(tmp_path: Path) -> None:
    words = ["-p", "no:cacheprovider", "-q", "--collect-only", "-m", "gpu", "tests/gpu"]
    collected = run(tmp_path, "-m", "pytest", *words)
    for name in ("test_compilation", "test_model", "test_sparse", "test_training"):
        assert f"tests/gpu/{name}.py::" in collected


def test_all_that_a_gpu_is_asked_can_be_asked_on_a_bare_image(tmp_path: Path) -> None:
    program = """
from pathlib import Path
import benchmarks.gpu.__main__, benchmarks.gpu.child, benchmarks.gpu.plan as plan
from benchmarks.gpu.rows import Setting
print(len(plan.rows_for(Setting(Path(), Path(), "cuda", 1))))
"""
    assert int(run(tmp_path, "-c", program)) > 40


@pytest.mark.slow
def test_a_run_is_measured_on_a_bare_image(shards_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = [str(shards_folder), "--out", str(out), "--tiny", "--seconds", "1800"]
    run(tmp_path, "-m", "benchmarks.gpu", *words, "--only", "equality", "training")
    rows = json.loads((out / "gpu.json").read_text(encoding="utf-8"))
    assert rows.keys() == {"equality/float32", "training/tiny"}
    assert not [row["failed"] for row in rows.values() if "failed" in row]


def test_every_test_of_a_gpu_is_in_its_folder() -> None:
    mark = "mark." + "gpu"
    files = (ROOT / "tests").rglob("test_*.py")
    marked = {file.parent.name for file in files if mark in file.read_text(encoding="utf-8")}
    assert marked == {"gpu"}
