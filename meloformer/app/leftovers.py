"""What uploads left behind in the folder of the app.

The clock of a machine may be set at any time, so what this app deletes while it runs is what it has
itself seen lie there for long enough.
"""

import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

UPLOAD_S = 3_600.0
"""No upload takes that long."""
CLEARED_EVERY_S = 600.0


class AbortedUploads:
    """Files of uploads that came to no end; those that did are in folders.

    Args:
        folder: Where they are.
        clock: Seconds that only grow.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._seen: dict[Path, tuple[int, float]] = {}

    def clear(self, *, older_than_s: float = UPLOAD_S) -> None:
        """Delete those that have not grown for so long as they were seen here."""
        now, before = self._clock(), self._seen
        self._seen = {}
        for left in self._folder.iterdir():
            try:
                size = left.stat().st_size if left.is_file() else None
            except FileNotFoundError:  # it has arrived meanwhile
                continue
            if size is None:
                continue
            known, since = before.get(left, (size, now))
            if known == size and now - since > older_than_s:
                left.unlink(missing_ok=True)
            else:
                self._seen[left] = (size, since if known == size else now)


def keep_clear(folder: Path) -> Event:
    """Clear aborted uploads from time to time, in a thread, until the event is set."""
    end, uploads = Event(), AbortedUploads(folder)

    def clear() -> None:
        while not end.wait(CLEARED_EVERY_S):
            uploads.clear()

    Thread(target=clear, name="leftovers", daemon=True).start()
    return end
