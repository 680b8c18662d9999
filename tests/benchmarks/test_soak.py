"""The soak's short form: each kind of harm once, however long that takes on this machine."""

import subprocess
import sys

import pytest

from benchmarks.report import ROOT

pytestmark = pytest.mark.slow


def test_nothing_is_lost_and_nothing_left_behind():
    command = [
        *(sys.executable, "-m", "benchmarks.soak", "--minutes", "0", "--visitors", "2"),
        *("--harm", "app", "training", "disk"),
    ]
    soak = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert soak.returncode == 0, soak.stdout + soak.stderr
    assert "finished bars lost" in soak.stdout
