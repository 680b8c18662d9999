"""`meloformer app` and `python app.py`, which are one."""

import subprocess
import sys
from pathlib import Path

import pytest

from meloformer.cli import main

ROOT = Path(__file__).parents[2]


def test_the_script_takes_what_the_verb_takes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["app", "--help"])
    of_verb = capsys.readouterr().out
    command = [sys.executable, "app.py", "--help"]
    of_script = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for option in ("--host", "--port", "--model", "--workspace", "--users"):
        assert option in of_verb
        assert option in of_script


def test_a_checkpoint_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "meloformer", "app", "--model", str(tmp_path / "none")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("there is no checkpoint in")
