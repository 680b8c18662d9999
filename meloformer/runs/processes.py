"""The processes of a run: pid files, who is running, and how all of them are ended.

The number of a process is given again when it is gone, so a process is known by its number and the
moment it was started. All processes of a run carry its folder in their environment or on their
command line, which is how they are found when those that started them are gone. Signals to a
process group would not do: torchrun puts each of its workers into a session of its own.
"""

import os
import platform
import signal
import sys
import threading
import time
from collections.abc import Collection
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from meloformer.errors import RunError
from meloformer.files import write_json
from meloformer.runs.state import STATE, read_object, read_state

if TYPE_CHECKING:
    import psutil

SUPERVISOR = "supervisor.json"
TRAINER = "trainer.json"
RUN_VARIABLE = "MELOFORMER_RUN"
SUPERVISOR_VARIABLE = "MELOFORMER_SUPERVISOR"
SILENCE_S = 900
"""A process of another machine counts as living until the run has been silent for so long."""
_KILL_TRIES = 20
_EXITING = 0x4
"""Linux's PF_EXITING: the process ends. Its environment is gone then, by which `processes_of` knows
it, while its entry may stay for as long as its memory takes to be given back."""


@dataclass(frozen=True)
class ProcessIdentity:
    """The identity of a process, other than of later ones with the same number."""

    pid: int
    started: str
    """When, by a clock that is never set: the machine's boot and ticks since then, on Linux."""
    host: str

    def is_alive(self) -> bool:
        """Return whether it still runs; only for processes of this machine."""
        return self.host == platform.node() and self.started == _started(self.pid)


def write_pid_file(folder: Path, name: str) -> None:
    """Name this process as the run's `SUPERVISOR` or `TRAINER` in the run folder."""
    write_json(
        folder / name, asdict(ProcessIdentity(os.getpid(), _started(os.getpid()), platform.node()))
    )


def identity_of(pid: int) -> ProcessIdentity:
    """Return the identity of a process of this machine; one that is gone is never alive."""
    return ProcessIdentity(pid, _started(pid) or "gone", platform.node())


def read_pid_file(folder: Path, name: str) -> ProcessIdentity | None:
    """Read which process was named last; None without one, or if it cannot be read."""
    try:
        content = read_object(folder / name)
    except RunError:
        return None
    pid, started, host = (content.get(key) for key in ("pid", "started", "host"))
    if type(pid) is int and isinstance(started, str) and isinstance(host, str):
        return ProcessIdentity(pid, started, host)
    return None


def is_running(folder: Path, name: str) -> bool:
    """Return whether the process of the pid file `name` is still there.

    A process of another machine that shares the folder cannot be looked at: it counts as living
    while the run is not over and its state is younger than `SILENCE_S`.
    """
    process = read_pid_file(folder, name)
    if process is None or process.host == platform.node():
        return process is not None and process.is_alive()
    if read_state(folder).is_over:
        return False
    # Of a state from the future the clock was set back since: nothing says how old it is, but it
    # must not keep the run from being resumed until then.
    return abs(time.time() - (folder / STATE).stat().st_mtime) < SILENCE_S


def processes_of(folder: Path) -> list["psutil.Process"]:
    """List all living processes of the run in `folder` on this machine, but the calling one."""
    import psutil

    folder = folder.resolve()
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and _is_of(process, folder):
                found.append(process)
        except (psutil.Error, OSError):  # gone meanwhile, a zombie, or another user's
            continue
    return found


def _is_of(process: "psutil.Process", folder: Path) -> bool:
    if process.environ().get(RUN_VARIABLE) == str(folder):
        return True
    words = process.cmdline()  # started by hand: torchrun, its workers, or a supervisor
    if not any(word.startswith("meloformer.training.") for word in words):
        return False
    return Path(process.cwd(), words[-1]).resolve() == folder


def end_processes(folder: Path, grace_s: float, spare: Collection[int] = ()) -> bool:
    """End all processes of a run: ask by SIGTERM, and kill what is left after `grace_s`.

    Args:
        folder: The run.
        grace_s: How long they may take to save.
        spare: Numbers of processes that stay.

    Returns:
        Whether any had to be killed.

    Raises:
        RunError: Some can't be killed.
    """
    import psutil

    def alive() -> list[psutil.Process]:
        return [one for one in processes_of(folder) if one.pid not in spare]

    _send(alive(), signal.SIGTERM)
    until = time.monotonic() + grace_s
    while (left := alive()) and time.monotonic() < until:
        psutil.wait_procs(left, timeout=0.2)
    if not left:
        return False
    for _ in range(_KILL_TRIES):  # again, for what they have started meanwhile
        _send(left, signal.SIGKILL)
        psutil.wait_procs(left, timeout=1)
        left = alive()
        if not left:
            return True
    numbers = ", ".join(str(one.pid) for one in left)
    raise RunError(
        f"{folder.name} has processes that can't be ended: {numbers}",
        hint="they may hang in the GPU driver; restarting the machine helps",
    )


def stop_when_orphaned(grace_s: float = 300.0) -> None:
    """Let this rank save and end when torchrun or the run's supervisor is gone.

    Otherwise ranks would go on, unseen, in a run that counts as interrupted. A thread looks each
    second, sends its own process SIGTERM, and SIGKILL if that has no effect for `grace_s`.
    """
    parent = os.getppid()
    supervisor = os.environ.get(SUPERVISOR_VARIABLE, "")
    watched = int(supervisor) if supervisor.isdigit() else 0
    started = _started(watched) if watched else ""

    def watch() -> None:
        while os.getppid() == parent and (not watched or _started(watched) == started != ""):
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(grace_s)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="orphan watch", daemon=True).start()


def _send(processes: list["psutil.Process"], number: signal.Signals) -> None:
    import psutil

    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def _started(pid: int) -> str:
    """Return when a process was started; empty if it is gone, a zombie, or about to be one."""
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        # After the name, which may hold spaces and brackets: state, and 19 fields on the start.
        values = stat.rpartition(")")[2].split()
        gone = values[0] in "ZX" or int(values[6]) & _EXITING
        return "" if gone else f"{_boot()} {values[19]}"
    import psutil

    try:
        process = psutil.Process(pid)
        gone = process.status() == psutil.STATUS_ZOMBIE
        return "" if gone else f"{process.create_time():.2f}"
    except psutil.Error:
        return ""


@cache
def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
