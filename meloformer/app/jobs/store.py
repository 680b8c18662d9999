"""All jobs: how many at once, whose they are, and for how long their results are kept."""

import shutil
import time
from pathlib import Path
from threading import Event, RLock, Thread
from uuid import uuid4

from meloformer.app.jobs.job import Job, JobKind
from meloformer.errors import BusyError, OutputError

MAX_ACTIVE = 4
"""Jobs of one owner that are not over."""
MAX_ACTIVE_OF_ALL = 64
MAX_KEPT = 32
"""Jobs of one owner that are over and still there."""
KEPT_S = 3_600.0
"""For how long results can be fetched."""
SWEPT_EVERY_S = 60.0


class JobStore:
    """Jobs by name. Threads may ask at once.

    Args:
        folder: For their files; it belongs to this process.
        max_bytes: What the results of one owner may take on the disk; the oldest go first.
        least_free_bytes: What they leave free on the disk.
        kept_s: How long a job is kept after it is over.
    """

    def __init__(
        self,
        folder: Path,
        *,
        max_bytes: int,
        least_free_bytes: int,
        kept_s: float = KEPT_S,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._max_bytes = max_bytes
        self._least_free_bytes = least_free_bytes
        self._kept_s = kept_s
        self._jobs: dict[str, Job] = {}
        self._lock = RLock()

    def __len__(self) -> int:
        return len(self._jobs)

    def open(self, owner: str, kind: JobKind) -> Job:
        """Return a new job, which takes a place from now on and is still to be started.

        Raises:
            BusyError: The owner, or all together, have as many as there may be.
            OutputError: The disk is nearly full.
        """
        if shutil.disk_usage(self._folder).free < self._least_free_bytes:
            raise OutputError(
                "The disk of this machine is nearly full, so nothing can be written now.",
                hint="Try again later.",
            )
        with self._lock:
            self.sweep()
            active = [job for job in self._jobs.values() if not job.is_over]
            if sum(job.owner == owner for job in active) >= MAX_ACTIVE:
                raise BusyError(
                    f"You have {MAX_ACTIVE} jobs already that are not over.",
                    hint="Wait for one of them, or cancel it.",
                )
            if len(active) >= MAX_ACTIVE_OF_ALL:
                raise BusyError("Too many others are waiting here.", hint="Try again soon.")
            name = uuid4().hex
            job = Job(owner, kind, name, self._folder / name)
            job.folder.mkdir()
            self._jobs[job.name] = job
            return job

    def find(self, owner: str, name: str) -> Job | None:
        """Return the job of that name, if it is this owner's and still there."""
        with self._lock:
            self.sweep()
            job = self._jobs.get(name)
        if job is None or job.owner != owner or job.is_forgotten:
            return None
        return job

    def discard(self, job: Job) -> None:
        """Forget a job that was not started."""
        with self._lock:
            self._jobs.pop(job.name, None)
        job.clear()

    def remove(self, job: Job) -> None:
        """Forget a job, stopped if it is not over, and delete its files.

        One that is not over takes its place until it has stopped.
        """
        job.stop.set()
        with self._lock:
            job.is_forgotten = True
            self.sweep()

    def sweep(self) -> None:
        """Forget what is over for long, and the oldest of those who have too much."""
        now = time.monotonic()
        with self._lock:
            over = [job for job in self._jobs.values() if job.ended_at is not None]
            over.sort(key=lambda job: job.ended_at or now)
            owned: dict[str, tuple[int, int]] = {}
            for job in reversed(over):  # the newest first
                number, size = owned.get(job.owner, (0, 0))
                number, size = number + 1, size + job.num_bytes
                owned[job.owner] = number, size
                is_old = now - (job.ended_at or now) > self._kept_s
                # The newest stays for its hour, however large it is.
                is_too_much = number > MAX_KEPT or (size > self._max_bytes and number > 1)
                if job.is_forgotten or is_old or is_too_much:
                    del self._jobs[job.name]
                    job.clear()

    def keep_swept(self) -> Event:
        """Sweep from time to time, in a thread, until the event is set."""
        end = Event()

        def sweep() -> None:
            while not end.wait(SWEPT_EVERY_S):
                self.sweep()

        Thread(target=sweep, name="jobs", daemon=True).start()
        return end
