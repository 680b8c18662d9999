"""Runs of the stand-in worker, for tests of what is around a trainer."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from meloformer.runs.config import TrainConfig
from meloformer.runs.launch import start
from meloformer.runs.processes import end_processes, processes_of, read_pid_file
from meloformer.runs.workspace import Run, RunState, Status, create_run, list_runs

STAND_IN = "tests.runs.stand_in"
SLOWEST_S = 90


@contextmanager
def runs_below(root: Path) -> Iterator[Path]:
    """A folder for runs; whatever still runs there in the end is ended."""
    try:
        yield root
    finally:
        for run in list_runs(root):
            end_processes(run.folder, 0)


def make_run(
    root: Path, name: str = "songs", *, steps: int = 2000, temper: str = "", devices: int = 1
) -> Run:
    config = TrainConfig(shards=root, run=root, steps=steps, devices=devices)
    run = create_run(name, config, root)
    (run.folder / "temper").write_text(temper)
    return run


def start_stand_in(run: Run) -> None:
    start(run, STAND_IN)


def pid_of(run: Run, name: str) -> int:
    """Number of the process that announced itself as the run's SUPERVISOR or TRAINER."""
    process = read_pid_file(run.folder, name)
    assert process is not None
    return process.pid


def wait_for(run: Run, *statuses: Status, slowest_s: float = SLOWEST_S) -> RunState:
    """The state of the run once it has one of some statuses; it must not end otherwise."""

    def there() -> bool:
        state = run.state()
        assert state.status in statuses or not state.is_over, (state, run.log_tail())
        return state.status in statuses

    wait_until(there, slowest_s)
    return run.state()


def wait_until(true: Callable[[], bool], slowest_s: float = SLOWEST_S) -> None:
    until = time.monotonic() + slowest_s
    while not true():
        assert time.monotonic() < until, "this takes too long"
        time.sleep(0.1)


def wait_until_gone(run: Run) -> None:
    wait_until(lambda: not processes_of(run.folder))
