"""Control of a run while it trains: by signals, and by files in its folder."""

import signal
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from meloformer.runs.folder import Run, RunRequest

_LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class ControlSignals:
    """Requests that one process has received."""

    stop: bool = False
    """Save and end."""
    abandon: bool = False
    """End without saving."""
    save: bool = False


class Control:
    """A receiver, for a `with`: of signals in each process, of requests in the first.

    Args:
        folder: The run's.
        is_main: Whether this is the first process.
    """

    def __init__(self, folder: Path, *, is_main: bool) -> None:
        self._run, self._is_main = Run(folder), is_main
        self._signalled = False
        self._looked = float("-inf")
        self._seen: frozenset[RunRequest] = frozenset()

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

    def poll(self) -> ControlSignals:
        """Return all that was requested since the last call."""
        now = time.monotonic()
        new: frozenset[RunRequest] = frozenset()
        if self._is_main and now - self._looked >= _LOOK_EVERY_S:
            self._looked = now
            pending = self._run.pending()
            # The supervisor takes this request away later, with the sample: it counts once.
            new, self._seen = pending - self._seen, pending
        return ControlSignals(
            stop=self._signalled or RunRequest.STOP in new,
            abandon=RunRequest.ABANDON in new,
            save=bool(new & {RunRequest.SAVE, RunRequest.LISTEN}),
        )

    def clear(self, *what: RunRequest) -> None:
        """Remove requests that have been fulfilled."""
        if self._is_main:
            self._run.clear_requests(*what)
            self._seen -= frozenset(what)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._signalled = True
