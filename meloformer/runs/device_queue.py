"""The queue of a device: one run at a time, the others wait in the order of their start.

There is no list to keep: a run waits while its supervisor runs and its state is QUEUED, and the run
that trains holds a lock. Both end with their process, however it ends.
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
from meloformer.runs.processes import SUPERVISOR, TRAINER, is_running
from meloformer.runs.state import Status, read_state
from meloformer.runs.workspace import list_runs

_log = logging.getLogger(__name__)


@contextmanager
def wait_for_devices(
    run: Run, is_cancelled: Callable[[], bool], pause_s: float = 0.5
) -> Iterator[BinaryIO | None]:
    """Wait until the run may have its device, and keep it for so long.

    Yields:
        The lock; a process that inherits it keeps the device as long as it lives. None if
        `is_cancelled` became true first.
    """
    device = device_name(run.config())
    told = ""
    path = run.folder.parent / f".device-{device}.lock"
    while (ahead := _run_ahead(run, device)) or (lock := try_lock(path)) is None:
        if is_cancelled():
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
    """Return the name of a run that trains on the device, or was queued before; else nothing."""
    for other in list_runs(run.folder.parent):
        if other.folder == run.folder or not _uses_device(other, device):
            continue
        is_queued = read_state(other.folder).status == Status.QUEUED
        if not is_queued and is_running(other.folder, TRAINER):
            return other.name
        if (
            is_queued
            and is_running(other.folder, SUPERVISOR)
            and _queued_since(other) < _queued_since(run)
        ):
            return other.name
    return ""


def _uses_device(run: Run, device: str) -> bool:
    try:
        return device_name(run.config()) == device
    except MeloFormerError:
        return False


def _queued_since(run: Run) -> tuple[int, str]:
    """Return when its supervisor began to wait."""
    try:
        return (run.folder / SUPERVISOR).stat().st_mtime_ns, run.name
    except FileNotFoundError:
        return 0, run.name
