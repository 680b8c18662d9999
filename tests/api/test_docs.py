"""The examples of docs/api.md, run as they stand."""

import contextlib
import io
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from meloformer.audio import SOUNDFONT_FOLDER, find_soundfont
from meloformer.audio.library import load_library
from meloformer.errors import AudioError
from meloformer.runs.processes import end_processes
from tests.api.conftest import EXAMPLES
from tests.corpus.small_corpus import write_corpus

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
*NOTEBOOK, SCRIPT, _client = re.findall(
    r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL
)


@pytest.fixture
def sound(missing: Callable[[str], None]) -> None:
    """Only where FluidSynth is."""
    try:
        load_library()
        find_soundfont(SOUNDFONT_FOLDER)
    except AudioError as error:
        missing(str(error))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLES / "piano.mid", tmp_path / "song.mid")
    return tmp_path


@pytest.mark.slow
def test_the_examples_run(folder: Path, sound: None) -> None:
    names: dict[str, object] = {}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        for block in NOTEBOOK:
            exec(compile(block, "docs/api.md", "exec"), names)
    made = {path.name for path in folder.iterdir()}
    assert made == {
        *(
            "song.mid",
            "longer.mid",
            "longer.musicxml",
            "stems.zip",
            "again.mid",
            "new-notes.mid",
            "new.mid",
        ),
        *("longer.wav", "on-the-grid.mid"),
    }
    for line in said.getvalue().splitlines()[:2]:
        assert f"print({'song' if 'Song' in line else 'takes[0]'})  # {line}\n" in PAGE


@pytest.mark.slow
def test_the_example_of_training_runs(folder: Path) -> None:
    write_corpus(folder / "songs")
    assert "minutes=10" in SCRIPT
    (folder / "script.py").write_text(SCRIPT.replace("minutes=10", "minutes=0.02"))
    try:
        subprocess.run([sys.executable, "script.py"], cwd=folder, check=True, timeout=180)
    finally:
        end_processes(folder / "runs" / "mine", 0)
    assert (folder / "in-my-style.mid").is_file()
