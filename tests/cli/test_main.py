"""What every verb has in common."""

import os
import shutil
import subprocess
import sys

import pytest

from meloformer.resources import EXAMPLES


@pytest.mark.parametrize("words", [("--help",), ("runs",), ("models", "list")])
def test_a_reader_that_has_read_enough_ends_the_command_without_a_word(words, tmp_path):
    command = subprocess.Popen(
        [sys.executable, "-m", "meloformer", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert command.stdout is not None
    command.stdout.close()
    _, said = command.communicate(timeout=180)
    assert (command.returncode, said) == (141, b"")


def test_a_name_of_any_bytes_can_be_told(tmp_path):
    song = tmp_path / "so\udcffng.mid"
    try:
        shutil.copy(EXAMPLES / "jig.mid", song)
    except OSError:
        pytest.skip("this file system takes only text for names")
    told = subprocess.run(
        [sys.executable, "-m", "meloformer", "describe", str(song)],
        env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("so\\udcffng: ")
