"""What is asked of a run while it trains: by signals, and by files in its folder."""

import signal
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from meloformer.runs.folder import Run, RunRequest

_LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class Wishes:
    """What one process has heard."""

    stop: bool = False
    """Save and end."""
    abandon: bool = False
    """End without saving."""
    save: bool = False


class Control:
    """Listens for wishes, in a `with`: to signals in each process, to requests in the first.

    Args:
        folder: The run's.
        leads: Whether this is the first process.
    """

    def __init__(self, folder: Path, *, leads: bool) -> None:
        self._run, self._leads = Run(folder), leads
        self._signalled = False
        self._looked = float("-inf")
        self._heard: frozenset[RunRequest] = frozenset()

    def __enter__(self) -> Self:
        signals = (signal.SIGTERM, signal.SIGINT)
        self._previous = {one: signal.signal(one, self._on_signal) for one in signals}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for one, handler in self._previous.items():
            signal.signal(one, handler)

    def wishes(self) -> Wishes:
        """All that was asked since the last look."""
        now = time.monotonic()
        new: frozenset[RunRequest] = frozenset()
        if self._leads and now - self._looked >= _LOOK_EVERY_S:
            self._looked = now
            pending = self._run.pending()
            # Who renders what is to be heard takes that request away later: it counts once.
            new, self._heard = pending - self._heard, pending
        return Wishes(
            stop=self._signalled or RunRequest.STOP in new,
            abandon=RunRequest.ABANDON in new,
            save=bool(new & {RunRequest.SAVE, RunRequest.LISTEN}),
        )

    def served(self, *what: RunRequest) -> None:
        """Take requests away that have been fulfilled."""
        if self._leads:
            self._run.served(*what)
            self._heard -= frozenset(what)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._signalled = True
