"""What every verb has in common."""

import subprocess
import sys

import pytest


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
