"""The app is killed at random moments: the library opens, and no bar that was filed is missing.

python -m tests.app.library.test_killed 100
"""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from meloformer.app.library.library import PieceLibrary
from meloformer.app.library.pieces import recent_pieces
from meloformer.app.library.runs import RunOutcome, mark_dead_runs, takes_of
from meloformer.app.library.takes import list_takes
from tests.app.library.files_bars import some_bar

ROOT = Path(__file__).parents[3]
LONGEST_S = 0.25
"""After the first bar."""


def kill_once(folder: Path, after_s: float) -> list[list[int]]:
    """Let a process file bars, kill it some time after the first, and return those it told of."""
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.app.library.files_bars", str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert writer.stdout is not None
    with writer.stdout:
        lines = [writer.stdout.readline()]
        time.sleep(after_s)
        writer.kill()
        lines += writer.stdout.read().splitlines()
    writer.wait(120)
    return [json.loads(line) for line in lines if line.endswith(("]", "]\n"))]


def check(folder: Path, told: list[list[int]]) -> None:
    """Open the library and look for every bar that was told of."""
    library = PieceLibrary(folder)
    try:
        assert [tuple(row) for row in library.rows("PRAGMA integrity_check")] == [("ok",)]
        assert library.rows("PRAGMA foreign_key_check") == []
        mark_dead_runs(library)
        for run in {run for _, run, _, _ in told}:
            takes = takes_of(library, run)
            filed = [one[1:] for one in told if one[1] == run]
            for _, candidate, number in filed:
                bar = takes[candidate][number - 1]
                expected = some_bar(candidate, number)
                assert (bar.score, bar.chord, bar.first_tick) == (
                    expected.score,
                    expected.chord,
                    expected.first_tick,
                )
        for piece in recent_pieces(library, "", 1000):
            for take in list_takes(library, piece.id):
                # No run seems to go on, whatever it was doing.
                assert take.outcome is RunOutcome.DIED
                assert 1 <= take.num_written <= take.num_bars
    finally:
        library.close()


def test_a_killed_app_loses_no_bar_that_was_filed(tmp_path):
    moments = random.Random(15)
    for _ in range(5):
        told = kill_once(tmp_path, moments.uniform(0, LONGEST_S))
        assert told
        check(tmp_path, told)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        number = bars = 0
        for _ in range(int(sys.argv[1])):
            told = kill_once(Path(place), random.uniform(0, LONGEST_S))
            check(Path(place), told)
            number, bars = number + 1, bars + len(told)
    sys.stdout.write(f"{number} kills, {bars} filed bars, none missing\n")
