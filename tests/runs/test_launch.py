import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from meloformer.errors import ConfigError, RunError
from meloformer.runs.launch import force_stop, start
from meloformer.runs.processes import SUPERVISOR, processes_of
from meloformer.runs.workspace import TRAINER, RunRequest, Status
from tests.runs.stand_in_runs import (
    STAND_IN,
    make_run,
    pid_of,
    runs_below,
    start_stand_in,
    wait_for,
    wait_until,
    wait_until_gone,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    with runs_below(tmp_path / "runs") as root:
        yield root


def test_a_run_goes_on_when_whoever_started_it_is_killed(root: Path) -> None:
    run = make_run(root, steps=40)
    program = (
        "import pathlib, sys, time\n"
        "from tests.runs.stand_in_runs import *\n"
        "start_stand_in(Run(pathlib.Path(sys.argv[1])))\n"
        "print('started', flush=True)\n"
        "time.sleep(600)\n"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", program, str(run.folder)], stdout=subprocess.PIPE
    )
    assert starter.stdout is not None
    assert starter.stdout.readline() == b"started\n"
    supervisor = psutil.Process(pid_of(run, SUPERVISOR))
    assert os.getsid(supervisor.pid) == supervisor.pid != os.getsid(starter.pid)
    assert supervisor.terminal() is None
    starter.kill()
    starter.wait()
    starter.stdout.close()
    assert wait_for(run, Status.FINISHED).step == 40
    wait_until_gone(run)
    assert not (run.folder / SUPERVISOR).exists()


def test_a_run_is_stopped_and_goes_on_where_it_was(root: Path) -> None:
    run = make_run(root, steps=100)
    start_stand_in(run)
    assert not run.state().is_over
    with pytest.raises(RunError, match="running already"):
        start_stand_in(run)
    wait_until(lambda: run.state().step >= 5)
    run.request(RunRequest.STOP)
    stopped = wait_for(run, Status.STOPPED)
    assert 5 <= stopped.step < 100
    start_stand_in(run)  # though its processes are just ending
    assert run.pending() == frozenset()
    assert run.state().step >= stopped.step
    wait_for(run, Status.FINISHED)
    with pytest.raises(RunError, match="has finished"):
        start_stand_in(run)


def test_of_many_who_start_a_run_at_once_one_does(root: Path) -> None:
    run = make_run(root, steps=400)

    def begin(_: int) -> str:
        try:
            start_stand_in(run)
        except RunError as error:
            return error.problem
        return ""

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(begin, range(4)))
    assert said.count("") == 1
    assert all("already" in one for one in said if one)
    names = [one.cmdline() for one in processes_of(run.folder)]
    assert sum("meloformer.runs.supervisor" in words for words in names) == 1
    force_stop(run, grace_s=1)


def test_ten_megabytes_of_log_do_not_block_a_run(root: Path) -> None:
    run = make_run(root, steps=5, temper="chatty")
    start_stand_in(run)
    wait_for(run, Status.FINISHED)
    assert (run.folder / "log.txt").stat().st_size > 10_000_000
    wait_until_gone(run)
    assert "that was all" in run.log_tail()


def test_an_old_log_is_cut_when_a_run_goes_on(root: Path) -> None:
    run = make_run(root, steps=2)
    log = run.folder / "log.txt"
    log.write_text("".join(f"line {number}\n" for number in range(1_000_000)))
    start_stand_in(run)
    wait_for(run, Status.FINISHED)
    assert 5_000_000 < log.stat().st_size < 5_500_000
    assert "line 999999\n" in log.read_text()


def test_force_ends_a_run_that_answers_nobody(root: Path) -> None:
    run = make_run(root, temper="deaf", devices=2)
    start_stand_in(run)
    wait_for(run, Status.RUNNING)
    ranks = [one for one in processes_of(run.folder) if STAND_IN in one.cmdline()[-2]]
    sessions = {os.getsid(one.pid) for one in ranks}
    assert len(sessions - {os.getsid(pid_of(run, SUPERVISOR))}) == 2
    force_stop(run, grace_s=1)
    assert processes_of(run.folder) == []
    assert not any(one.is_running() and one.status() != "zombie" for one in ranks)
    state = run.state()
    assert (state.status, "by force" in state.reason) == (Status.STOPPED, True)


def test_force_lets_a_run_save_that_can(root: Path) -> None:
    run = make_run(root)
    start_stand_in(run)
    wait_until(lambda: run.state().step >= 3)
    force_stop(run)
    assert processes_of(run.folder) == []
    assert run.state().status == Status.STOPPED
    assert run.state().reason == ""
    assert (run.folder / "progress.json").exists()


def test_a_killed_supervisor_leaves_no_ranks_and_the_run_goes_on_later(root: Path) -> None:
    run = make_run(root, steps=150, devices=2)
    start_stand_in(run)
    wait_until(lambda: run.state().step >= 5)
    os.kill(pid_of(run, SUPERVISOR), signal.SIGKILL)
    wait_until_gone(run)
    interrupted = run.state()
    assert interrupted.status == Status.INTERRUPTED
    assert 5 <= interrupted.step < 150
    start_stand_in(run)
    assert run.state().step >= interrupted.step
    wait_for(run, Status.FINISHED)


def test_a_run_goes_on_whatever_of_it_was_killed(root: Path) -> None:
    """First its supervisor, then all its processes, then the only rank, which is started again."""
    run = make_run(root, steps=200)
    start_stand_in(run)
    wait_until(lambda: run.state().step >= 5)
    os.kill(pid_of(run, SUPERVISOR), signal.SIGKILL)
    wait_until_gone(run)
    interrupted = run.state()
    assert interrupted.status == Status.INTERRUPTED
    assert 5 <= interrupted.step < 200
    start_stand_in(run)
    assert run.state().step >= interrupted.step
    wait_for(run, Status.RUNNING)
    wait_until(lambda: run.state().step >= interrupted.step + 5)
    for process in processes_of(run.folder):
        process.kill()
    wait_until_gone(run)
    assert run.state().status == Status.INTERRUPTED
    start_stand_in(run)
    wait_for(run, Status.RUNNING)
    wait_until(lambda: run.state().step >= interrupted.step + 5)
    os.kill(pid_of(run, TRAINER), signal.SIGKILL)
    assert wait_for(run, Status.FINISHED).step == 200


def test_a_run_that_cannot_be_started_says_so(root: Path) -> None:
    run = make_run(root)
    (run.folder / "config.json").write_text('{"shards": "s", "run": "r", "clip": -1.0}')
    with pytest.raises(ConfigError, match="clip"):
        start(run)
    assert not run.is_alive()
