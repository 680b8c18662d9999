"""What uploads left behind in the folder of the app."""

import time
from pathlib import Path
from threading import Event, Thread

UPLOAD_S = 3_600.0
"""No upload takes that long."""
CLEARED_EVERY_S = 600.0


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
