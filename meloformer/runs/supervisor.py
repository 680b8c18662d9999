"""The supervisor of one run, from the queue to the last sample: `python -m` with its folder.

If it is killed, the ranks save and end, and the run counts as interrupted. If torchrun gives up or
is killed, it says what became of the run.
"""

import argparse
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from meloformer.cpu_workarounds import avoid_broken_amx
from meloformer.errors import MeloFormerError, RunError
from meloformer.lock import locked
from meloformer.runs.device_queue import wait_for_devices
from meloformer.runs.devices import num_processes
from meloformer.runs.folder import WORKER, Run, RunRequest
from meloformer.runs.log import LOG, failure_reason, read_end, trim
from meloformer.runs.preview import PreviewCommand, Previewer, continue_command
from meloformer.runs.processes import (
    RUN_VARIABLE,
    SUPERVISOR,
    SUPERVISOR_VARIABLE,
    end_processes,
    write_pid_file,
)
from meloformer.runs.state import RunState, Status, change_state, read_state

_PAUSE_S = 0.5
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class StopTimeouts:
    """Times that a run may take to stop, in seconds."""

    notice: float = 60
    """Until it says that it is stopping; a long step may have to end first."""
    save: float = 600
    """From then until its checkpoint is written."""
    grace: float = 20
    """From SIGTERM to SIGKILL."""


class Supervisor:
    """The supervisor of one run, from its start until it ends or is stopped."""

    def __init__(
        self,
        run: Run,
        worker: str = WORKER,
        timeouts: StopTimeouts = StopTimeouts(),
        command: PreviewCommand = continue_command,
    ) -> None:
        self._run = run
        self._worker = worker
        self._timeouts = timeouts
        self._previewer = Previewer(run, command)
        self._signalled = False
        self._stop_requested_at: float | None = None
        self._heard_before = run.last()

    def supervise(self) -> RunState:
        """Wait for the devices, train, make the last samples.

        Returns:
            The state at its end.

        Raises:
            RunError: Another supervisor looks after it.
        """
        run = self._run
        with _supervisor_lock(run), self._on_signal():
            write_pid_file(run.folder, SUPERVISOR)
            change_state(run.folder, Status.QUEUED)
            with wait_for_devices(run, self._is_stop_requested, _PAUSE_S) as device:
                if device is None:
                    state = change_state(run.folder, Status.STOPPED)
                else:
                    state = self._final_state(self._train(device))
            run.clear_requests(*RunRequest)
            (run.folder / SUPERVISOR).unlink(missing_ok=True)
            # The run is over and its device free; what follows can be ended at any moment.
            try:
                while not self._signalled and device and self._previewer.poll_jobs():
                    time.sleep(_PAUSE_S)
            finally:
                self._previewer.close()
        return state

    def _train(self, device: BinaryIO) -> int:
        """Run torchrun to its end.

        Returns:
            Its exit code, negative if a signal ended it.
        """
        run = self._run
        change_state(run.folder, Status.STARTING)
        _write_own_prompt(run)
        avoid_broken_amx()
        shutil.rmtree(run.torchrun_folder, ignore_errors=True)
        torchrun = subprocess.Popen(
            run.command(self._worker),
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            pass_fds=(device.fileno(),),  # it keeps the device should this process be killed
        )
        while (code := torchrun.poll()) is None:
            if self._is_stop_requested():
                self._enforce_stop()
            self._previewer.poll_jobs()
            self._clear_heard_request()
            trim(run.folder / LOG)
            time.sleep(_PAUSE_S)
        if end_processes(run.folder, self._timeouts.save, spare=self._previewer.pids):
            _log.warning("ranks that torchrun had left behind were killed")
        shutil.rmtree(run.torchrun_folder, ignore_errors=True)
        return code

    def _clear_heard_request(self) -> None:
        """Clear LISTEN once the checkpoint that it led to has its samples."""
        asked = self._run.requested_at(RunRequest.LISTEN)
        newest = self._run.last()
        if asked is None:
            self._heard_before = newest
            return
        if newest is None or not self._previewer.is_done(newest):
            return
        # A clock that was set back makes what came later look earlier.
        if newest != self._heard_before or newest.stat().st_mtime >= asked:
            self._run.clear_requests(RunRequest.LISTEN)

    def _is_stop_requested(self) -> bool:
        if self._signalled:
            self._signalled = False
            self._run.request(RunRequest.STOP)
        asked = self._run.pending() & {RunRequest.STOP, RunRequest.ABANDON}
        return bool(asked) or read_state(self._run.folder).status == Status.STOPPING

    def _enforce_stop(self) -> None:
        """End a run by force that was asked to stop and does not."""
        now = time.monotonic()
        if self._stop_requested_at is None:
            self._stop_requested_at = now
        saving = read_state(self._run.folder).status == Status.STOPPING
        if now - self._stop_requested_at > (
            self._timeouts.save if saving else self._timeouts.notice
        ):
            _log.warning("the run does not stop and is ended")
            end_processes(self._run.folder, self._timeouts.grace, spare=self._previewer.pids)

    def _final_state(self, code: int) -> RunState:
        """Write how the run ended where its trainer has not."""
        folder = self._run.folder
        asked = self._is_stop_requested() or self._stop_requested_at is not None
        state = read_state(folder)
        if state.is_over and (state.status != Status.STOPPED or asked or code == 0):
            return state
        if asked:
            reason = "It did not stop when asked, was ended, and goes on from its last checkpoint."
            return change_state(folder, Status.STOPPED, reason)
        if code < 0 or state.is_over:
            reason = "It was ended from outside." if code < 0 else ""
            return change_state(folder, Status.INTERRUPTED, reason)
        said = failure_reason(read_end(folder / LOG, 1 << 20))
        return change_state(folder, Status.FAILED, said or "It ended and did not say why.")

    def _environment(self) -> dict[str, str]:
        cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
        threads = max(1, cores // num_processes(self._run.config()))
        return {
            "OMP_NUM_THREADS": str(threads),
            # Threads that wait give their core away: beside other programs, which the machine of a
            # musician runs, a run is twice to three times as fast, and alone a fifth slower.
            "GOMP_SPINCOUNT": "1000",
            **os.environ,  # may say otherwise
            RUN_VARIABLE: str(self._run.folder.resolve()),
            SUPERVISOR_VARIABLE: str(os.getpid()),
        }

    @contextmanager
    def _on_signal(self) -> Iterator[None]:
        """Take a signal as a request to stop."""

        def note(number: int, frame: FrameType | None) -> None:
            del number, frame
            self._signalled = True

        previous = {one: signal.signal(one, note) for one in _SIGNALS}
        try:
            yield
        finally:
            for one, handler in previous.items():
                signal.signal(one, handler)


def _write_own_prompt(run: Run) -> None:
    """Take a prompt for samples from what is held back; a run goes on without one."""
    from meloformer.runs.own_prompt import write_own_prompt  # which loads the MIDI libraries

    try:
        if not write_own_prompt(run.config().shards, run.folder / "samples"):
            _log.info("nothing is held back of the music, so no sample begins with it")
    except (MeloFormerError, OSError) as error:
        _log.warning("no sample begins with the music held back: %s", error)


@contextmanager
def _supervisor_lock(run: Run) -> Iterator[None]:
    """Hold the lock of the supervisor of a run."""

    def refusal() -> RunError:
        return RunError(f"{run.name} is running already")

    with locked(run.folder / ".supervisor.lock", refusal):
        yield


def main() -> int:
    """Supervise the run named on the command line."""
    parser = argparse.ArgumentParser(description="Look after one training run.")
    parser.add_argument("run", type=Path, help="its folder")
    parser.add_argument("--worker", default=WORKER, help="module that each rank runs")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        state = Supervisor(Run(options.run.resolve()), options.worker).supervise()
    except MeloFormerError as error:
        _log.error("%s", error)
        return 1
    return int(state.status in (Status.FAILED, Status.INTERRUPTED))


if __name__ == "__main__":
    sys.exit(main())
