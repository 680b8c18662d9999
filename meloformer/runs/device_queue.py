"""One run at a time on each device; the others wait in the order in which they were started.

There is no list to keep: who waits is whose supervisor lives and says so, and whoever trains holds
a lock. Both end with their process, however it ends.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from meloformer.errors import MeloFormerError
from meloformer.lock import try_lock
from meloformer.runs.devices import device_name
from meloformer.runs.folder import Run
from meloformer.runs.processes import SUPERVISOR, TRAINER, lives
from meloformer.runs.state import Status, read_state
from meloformer.runs.workspace import list_runs

_log = logging.getLogger(__name__)


@contextmanager
def wait_for_devices(
    run: Run, gives_up: Callable[[], bool], pause_s: float = 0.5
) -> Iterator[BinaryIO | None]:
    """Wait until the run may have its device, and keep it for so long.

    Yields:
        The lock; a process that inherits it keeps the device as long as it lives. None if
        `gives_up` became true first.
    """
    device = device_name(run.config())
    told = ""
    path = run.folder.parent / f".device-{device}.lock"
    while (ahead := _run_ahead(run, device)) or (lock := try_lock(path)) is None:
        if gives_up():
            yield None
            return
        ahead = ahead or "another run"
        if ahead != told:
            _log.info("waits for %s, which has the %s", ahead, device.upper())
            told = ahead
        time.sleep(pause_s)
    with lock:
        yield lock


def _run_ahead(run: Run, device: str) -> str:
    """Name of a run that trains on the device, or waits for it and was started before."""
    for other in list_runs(run.folder.parent):
        if other.folder == run.folder or not _is_on(other, device):
            continue
        waits = read_state(other.folder).status == Status.QUEUED
        if not waits and lives(other.folder, TRAINER):
            return other.name
        if waits and lives(other.folder, SUPERVISOR) and _queued(other) < _queued(run):
            return other.name
    return ""


def _is_on(run: Run, device: str) -> bool:
    try:
        return device_name(run.config()) == device
    except MeloFormerError:
        return False


def _queued(run: Run) -> tuple[int, str]:
    """When its supervisor announced itself."""
    try:
        return (run.folder / SUPERVISOR).stat().st_mtime_ns, run.name
    except FileNotFoundError:
        return 0, run.name
