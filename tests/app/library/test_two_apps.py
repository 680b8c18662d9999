"""Two apps write into one library at once, and one of them is killed: every filed bar is there."""

import json
import os
import subprocess
import sys

from meloformer.app.library.library import PieceLibrary
from meloformer.app.library.runs import mark_dead_runs, takes_of
from tests.app.library.files_bars import some_bar
from tests.app.library.test_killed import ROOT, check

LINES = 40
"""Bars that each is seen to file before the first is killed."""


def start(folder):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.app.library.files_bars", str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def whole(lines):
    return [json.loads(line) for line in lines if line.endswith("]\n")]


def test_two_apps_share_a_library_and_one_goes_on_where_the_other_is_killed(tmp_path):
    with start(tmp_path) as one, start(tmp_path) as other:
        told = [app.stdout.readline() for _ in range(LINES) for app in (one, other)]
        one.kill()
        told += one.stdout.readlines()
        third = PieceLibrary(tmp_path)
        assert not third.is_alone  # though whoever came first is gone
        mark_dead_runs(third)
        told += [other.stdout.readline() for _ in range(LINES)]
        filed = whole(told)
        runs = {run for _, run, _, _ in filed}
        for run in runs:
            takes = takes_of(third, run)
            for _, _, candidate, number in (line for line in filed if line[1] == run):
                assert takes[candidate][number - 1].first_tick == some_bar(0, number).first_tick
        third.close()
        other.kill()
        told += other.stdout.readlines()
    assert len(runs) > 1
    check(tmp_path, whole(told))
