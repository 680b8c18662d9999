"""A job: what a program asked for, how far it is, and the files it has become."""

import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Event, Thread

from meloformer.errors import MeloFormerError

logger = logging.getLogger(__name__)


class JobKind(StrEnum):
    """What a job does."""

    CONTINUE = "continue"
    REWRITE = "rewrite"
    COMPOSE = "compose"
    RENDER = "render"


class JobStatus(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    """Nothing of it has been made yet."""
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    """What was finished before it was cancelled is kept."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class WrittenBar:
    """One bar that a job has written."""

    version: int
    """From 1."""
    bar: int
    """From 1, of the new ones."""
    bars: int
    """Asked for in each version."""
    chord: str


@dataclass(frozen=True, slots=True)
class WrittenVersion:
    """One version that a job has written, as far as it came."""

    version: int
    """From 1."""
    bars: int
    seed: int
    chords: tuple[str, ...]
    remarks: tuple[str, ...]
    """Sentences that say where the file falls short."""
    file: str
    """The name of its file."""


@dataclass(slots=True, eq=False)
class Job:
    """One job. Its thread changes it; others only read it, and may ask it to stop."""

    owner: str
    kind: JobKind
    name: str
    """It cannot be guessed."""
    folder: Path
    """Of its files."""
    bars_asked: int = 0
    """Of all versions together."""
    bars: list[WrittenBar] = field(default_factory=list)
    """As they were finished."""
    versions: tuple[WrittenVersion, ...] = ()
    files: dict[str, Path] = field(default_factory=dict)
    """By name; there is none before it is over."""
    status: JobStatus = JobStatus.WAITING
    error: Exception | None = None
    """Why it has failed."""
    stop: Event = field(default_factory=Event)
    ended_at: float | None = None
    """By `time.monotonic`; `None` while it is not over."""
    is_forgotten: bool = False
    """Whether its owner has no more use for it."""

    @property
    def is_over(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.ended_at is not None

    @property
    def num_bytes(self) -> int:
        """What its files take on the disk."""
        return sum(path.stat().st_size for path in self.files.values() if path.exists())

    def start(self, work: Callable[["Job"], None]) -> None:
        """Begin to work, in a thread of its own.

        Args:
            work: Does it, and is let go of when it is done. It looks at `stop`.
        """
        Thread(target=self._run, args=[work], name=f"job-{self.kind}", daemon=True).start()

    def add_bar(self, bar: WrittenBar) -> None:
        """Tell of a finished bar."""
        self.status = JobStatus.RUNNING
        self.bars.append(bar)

    def clear(self) -> None:
        """Stop it, and delete its files."""
        self.stop.set()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, work: Callable[["Job"], None]) -> None:
        status = JobStatus.FAILED
        try:
            work(self)
            status = JobStatus.CANCELLED if self.stop.is_set() else JobStatus.FINISHED
        except MeloFormerError as error:  # told to whoever asks for the job
            self.error = error
        except Exception as error:
            logger.exception("A job was ended by a mistake of ours.")
            self.error = error
        finally:
            self.status = status
            self.ended_at = time.monotonic()
