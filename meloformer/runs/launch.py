"""Start and end of runs from outside: from the app, or from a shell.

A run that is started depends on no other process: it has a session of its own, no terminal, and
writes into a file, so it goes on when the page, the app or the shell is closed.
"""

import logging
import os
import subprocess
import sys
import threading
import time

from meloformer.errors import RunError
from meloformer.lock import locked
from meloformer.phrases import phrase
from meloformer.resources import IMPORT_ROOT
from meloformer.runs.devices import device_name
from meloformer.runs.folder import WORKER, Run, RunRequest
from meloformer.runs.log import KEPT_LOG_BYTES, LOG, trim
from meloformer.runs.processes import RUN_VARIABLE, SUPERVISOR, end_processes
from meloformer.runs.state import STATE, Status, change_state, read_state

__all__ = ["device_name", "force_stop", "start"]

GRACE_S = 20.0
"""How long processes may take to end by themselves before they are killed."""
_SLOWEST_START_S = 60
_log = logging.getLogger(__name__)


def start(run: Run, worker: str = WORKER) -> None:
    """Begin a run, or go on with it; it waits in the queue if its device is taken.

    Args:
        run: Made by `create_run`.
        worker: Module that each rank runs.

    Raises:
        RunError: It is running already, or about to, has finished, or cannot be started.
        ConfigError: Its settings are not understood.
    """
    run.config()

    def refusal() -> RunError:
        return RunError(
            phrase("{run_name} is being started already", run_name=run.name),
            hint="watch it, or stop it first",
        )

    with locked(run.folder / ".start.lock", refusal, keep_file=False):
        _start(run, worker)


def _start(run: Run, worker: str) -> None:
    state = run.state()
    until = time.monotonic() + GRACE_S
    while state.is_over and run.is_alive() and time.monotonic() < until:
        time.sleep(0.1)  # it is just ending
    if run.is_alive():
        raise RunError(
            phrase(
                "{run_name} is running already",
                run_name=run.name,
            ),
            hint="watch it, or stop it first",
        )
    if state.status == Status.FINISHED:
        raise RunError(
            phrase(
                "{run_name} has finished",
                run_name=run.name,
            ),
            hint="start a new one with its model as base",
        )
    # The supervisor of an earlier sitting may still be making samples, and ranks whose rank 0 is
    # gone may not have noticed yet.
    end_processes(run.folder, GRACE_S)
    run.clear_requests(*RunRequest)
    before = _version(run)
    process = _start_supervisor(run, worker)
    threading.Thread(target=process.wait, daemon=True).start()  # or it would stay as a zombie
    until = time.monotonic() + _SLOWEST_START_S
    while _version(run) == before and time.monotonic() < until:
        if process.poll() is not None:
            raise RunError(
                phrase(
                    "{run_name} could not be started",
                    run_name=run.name,
                ),
                hint="its log says why",
            )
        time.sleep(0.05)


def force_stop(run: Run, grace_s: float = GRACE_S) -> None:
    """End all processes of a run, those too that do not answer.

    Takes up to `grace_s` and a little; what the run has saved stays.

    Raises:
        RunError: It has processes that can't be ended from here.
    """
    killed = end_processes(run.folder, grace_s)
    if run.is_alive():
        raise RunError(
            phrase(
                "{run_name} trains on another machine",
                run_name=run.name,
            ),
            hint="end it there",
        )
    (run.folder / SUPERVISOR).unlink(missing_ok=True)
    if killed or not read_state(run.folder).is_over:
        reason = "It was ended by force and goes on from its last checkpoint."
        change_state(run.folder, Status.STOPPED, reason)
    run.clear_requests(*RunRequest)


def _start_supervisor(run: Run, worker: str) -> subprocess.Popen[bytes]:
    log = run.folder / LOG
    trim(log, longest=KEPT_LOG_BYTES)
    paths = [str(IMPORT_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {
        **os.environ,
        RUN_VARIABLE: str(run.folder.resolve()),
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONSAFEPATH": "1",  # nothing in the folder it runs in is imported
        "PYTHONUNBUFFERED": "1",
    }
    module = "meloformer.runs.supervisor"
    with log.open("ab") as output:
        return subprocess.Popen(
            (sys.executable, "-m", module, "--worker", worker, str(run.folder)),
            cwd=run.folder.parent.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _version(run: Run) -> tuple[int, int]:
    """Return a value that changes whenever the state is written."""
    try:
        state = (run.folder / STATE).stat()
    except FileNotFoundError:
        return 0, 0
    return state.st_ino, state.st_mtime_ns
