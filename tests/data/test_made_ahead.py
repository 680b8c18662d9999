import subprocess
import sys
import time
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np
import psutil
import pytest

from meloformer.data.config import LoaderConfig
from meloformer.data.made_ahead import MadeAhead
from meloformer.data.rows import TrainingRows
from meloformer.data.shards import open_shards
from meloformer.errors import DataError


@pytest.fixture(scope="module")
def rows(shards_folder: Path) -> TrainingRows:
    config = LoaderConfig(context_tokens=256, rows=4, seed=7)
    return TrainingRows(open_shards(shards_folder / "train"), config)


def has_ended(pid: int) -> bool:
    """Whether a process is over, though its parent may not have been told."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_columns_come_in_the_order_of_their_steps(rows: TrainingRows) -> None:
    with closing(MadeAhead(rows, 5, workers=3)) as made:
        for step, columns in enumerate(islice(made, 7), start=5):
            np.testing.assert_array_equal(columns, rows.columns(step))


def test_what_was_taken_stays_as_it_is(rows: TrainingRows) -> None:
    with closing(MadeAhead(rows, 0, workers=2)) as made:
        taken = list(islice(made, 6))
    for step, columns in enumerate(taken):
        np.testing.assert_array_equal(columns, rows.columns(step))


@pytest.mark.skipif(sys.platform != "linux", reason="the system counts what is read")
def test_a_batch_does_not_go_through_a_pipe(rows: TrainingRows) -> None:
    with closing(MadeAhead(rows, 0, workers=1)) as made:
        batches = iter(made)
        size = next(batches).nbytes
        before = psutil.Process().io_counters().read_chars
        next(batches)
        assert psutil.Process().io_counters().read_chars - before < size / 10


def test_a_process_that_is_gone_is_missed(rows: TrainingRows) -> None:
    with closing(MadeAhead(rows, 0, workers=2)) as made:
        batches = iter(made)
        next(batches)
        made._processes[1].kill()
        made._processes[1].join()
        with pytest.raises(DataError, match="makes batches is gone"):
            list(islice(batches, 4))


@pytest.mark.parametrize("last", ["", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_the_processes_end_with_the_one_they_make_batches_for(
    shards_folder: Path, last: str
) -> None:
    """As it comes to its end in the middle of a run, or is killed."""
    program = f"""
import os, signal
from pathlib import Path
from meloformer.data.config import LoaderConfig
from meloformer.data.made_ahead import MadeAhead
from meloformer.data.rows import TrainingRows
from meloformer.data.shards import open_shards
if __name__ == "__main__":
    rows = TrainingRows(open_shards(Path({str(shards_folder / "train")!r})), LoaderConfig())
    made = MadeAhead(rows, 0, 2)
    next(iter(made))
    print(*(process.pid for process in made._processes), flush=True)
    {last}
"""
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=not last
    )
    until = time.monotonic() + 20
    pids = [int(pid) for pid in found.stdout.split()]
    assert len(pids) == 2
    while not all(map(has_ended, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    assert all(map(has_ended, pids))
