"""Tests of a GPU run on a bare GPU image, where most of what the app needs is missing."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BARE_IMAGE = """
from importlib.machinery import PathFinder

MISSING = {
    *("axe_playwright_python", "datasets", "fluidsynth", "gradio", "importlinter", "matplotlib"),
    *("mido", "miditok", "music21", "pandas", "pebble", "playwright", "pretty_midi", "ray"),
    *("scipy", "soundfile", "symusic", "tensorboardX", "tyro"),
}
find_spec = PathFinder.find_spec


def find_none(name, path=None, target=None):
    missing = name.partition(".")[0] in MISSING
    return None if missing else find_spec(name, path, target)


PathFinder.find_spec = staticmethod(find_none)
"""


def test_tests_of_a_gpu_can_be_collected_on_a_bare_image(tmp_path: Path) -> None:
    (tmp_path / "bare_image.py").write_text(BARE_IMAGE, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "bare_image", "-p", "no:cacheprovider"]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT))),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    done = subprocess.run(
        [*command, "-q", "--collect-only", "-m", "gpu", "tests/gpu"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("test_compilation", "test_model", "test_sparse", "test_training"):
        assert f"tests/gpu/{name}.py::" in done.stdout


def test_every_test_of_a_gpu_is_in_its_folder() -> None:
    mark = "mark." + "gpu"
    files = (ROOT / "tests").rglob("test_*.py")
    marked = {file.parent.name for file in files if mark in file.read_text(encoding="utf-8")}
    assert marked == {"gpu"}
