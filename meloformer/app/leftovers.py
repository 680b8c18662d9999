"""What uploads and earlier runs of the app left behind in its folder."""

import shutil
import time
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

UPLOAD_S = 3_600.0
"""No upload takes that long."""
CLEARED_EVERY_S = 600.0


def clear_old_folders(folder: Path, *, older_than_s: float = 86_400.0) -> None:
    """Delete what earlier runs of the app left behind."""
    if not folder.is_dir():
        return
    for left in folder.iterdir():
        if left.is_dir() and time.time() - left.stat().st_mtime > older_than_s:
            shutil.rmtree(left, ignore_errors=True)


def own_folder(parent: Path) -> Path:
    """Make a folder that is this process's alone, and delete old ones of others beside it."""
    clear_old_folders(parent)
    folder = parent / uuid4().hex
    folder.mkdir(parents=True)
    return folder


def clear_aborted_uploads(folder: Path, *, older_than_s: float = UPLOAD_S) -> None:
    """Delete the files of uploads that came to no end; those that did are in folders."""
    for left in folder.iterdir():
        if left.is_file() and time.time() - left.stat().st_mtime > older_than_s:
            left.unlink(missing_ok=True)


def keep_clear(folder: Path) -> Event:
    """Clear aborted uploads from time to time, in a thread, until the event is set."""
    end = Event()

    def clear() -> None:
        while not end.wait(CLEARED_EVERY_S):
            clear_aborted_uploads(folder)

    Thread(target=clear, name="leftovers", daemon=True).start()
    return end
