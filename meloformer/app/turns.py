"""Turns at what only one may use at a time: whoever has had least of it is next.

A run that has just been asked for therefore waits for no long one, and runs of equal size go on
side by side. Lest a long run waits for ever while small ones come and go, some turns go to whoever
has waited longest. A plain lock goes to whoever asks at the right moment, which is nearly always
the one that has just given it back.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition, Event
from time import perf_counter

_LOOKED_EVERY_S = 0.25
"""How soon one that waits hears that it need not wait any more."""
LONGEST_WAIT_EVERY = 8
"""Every so many turns go to whoever has waited longest."""
PAUSED_FOR_S = 0.3
"""A turn is broken off for those who have had so much less: less often is less work."""


class TurnLostError(Exception):
    """Whoever waited for a turn, or for the rest of one, need not any more."""


@dataclass(slots=True, eq=False)
class RunShare:
    """What one run has had so far."""

    had_s: float = 0.0
    """Seconds of turns."""
    is_shown: bool = True
    """Whether a page looks at it; where none does, it lets all others go before."""


class Turns:
    """Turns of threads.

    Args:
        clock: Tells seconds.
    """

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._changed = Condition()
        self._waiting: list[RunShare] = []
        self._now: RunShare | None = None
        self._began = 0.0
        self._is_whole = False
        """Whether the present turn is not broken off."""
        self._given = 0

    @property
    def num_waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @contextmanager
    def take(self, unless: Event | None = None, share: RunShare | None = None) -> Iterator[None]:
        """Wait for a turn, which ends with the block.

        Args:
            unless: When it is set there is no need to wait any more.
            share: Whose turn it is; somebody's who has had none yet if `None`.

        Raises:
            TurnLostError: `unless` was set meanwhile.
        """
        share = share or RunShare()
        self._wait(unless or Event(), share)
        try:
            yield
        finally:
            with self._changed:
                if self._now is share:
                    self._end()

    def pause(self, share: RunShare, unless: Event) -> None:
        """Break the present turn off if somebody waits who has had less, and wait for the rest.

        Args:
            share: Whose turn it is.
            unless: When it is set there is no need to wait any more.

        Raises:
            TurnLostError: It was set meanwhile.
        """
        if not self._waiting:  # nearly always, and asked at every token
            return
        with self._changed:
            if self._is_whole or not self._waiting:
                return
            had_s = share.had_s + self._clock() - self._began
            other = self._least()
            is_behind = other.is_shown and not share.is_shown
            if not is_behind and (
                other.is_shown < share.is_shown or other.had_s + PAUSED_FOR_S > had_s
            ):
                return
            self._end()
        self._wait(unless, share)

    def _wait(self, unless: Event, share: RunShare) -> None:
        with self._changed:
            self._waiting.append(share)
            try:
                while self._now is not None or self._next() is not share:
                    if unless.is_set():
                        raise TurnLostError
                    self._changed.wait(_LOOKED_EVERY_S)
                self._now, self._began = share, self._clock()
                self._is_whole = self._is_longest_waits()
                self._given += 1
            finally:
                self._waiting.remove(share)
                self._changed.notify_all()

    def _end(self) -> None:
        assert self._now is not None
        self._now.had_s += self._clock() - self._began
        self._now = None
        self._changed.notify_all()

    def _is_longest_waits(self) -> bool:
        """Return whether the next turn goes to whoever has waited longest."""
        return self._given % LONGEST_WAIT_EVERY == LONGEST_WAIT_EVERY - 1

    def _next(self) -> RunShare:
        """Return whose turn it is, of those that wait in the order in which they came."""
        return self._shown()[0] if self._is_longest_waits() else self._least()

    def _least(self) -> RunShare:
        return min(self._shown(), key=lambda one: one.had_s)

    def _shown(self) -> list[RunShare]:
        """Return those that wait, but those that no page shows only where all are such."""
        return [one for one in self._waiting if one.is_shown] or self._waiting
