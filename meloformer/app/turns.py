"""Turns at what only one may use at a time: whoever has waited longest is next.

A plain lock goes to whoever asks at the right moment, which is nearly always the one that has just
given it back.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Event

_LOOKED_EVERY_S = 0.25
"""How soon one that waits hears that it need not wait any more."""


class Turns:
    """Turns of threads."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._waiting: deque[object] = deque()
        self._is_taken = False

    @property
    def num_waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @contextmanager
    def take(self, unless: Event | None = None) -> Iterator[bool]:
        """Wait for a turn, which ends with the block.

        Args:
            unless: When it is set there is no need to wait any more.

        Yields:
            Whether it is this thread's turn; otherwise `unless` is set.
        """
        has_turn = self._wait(unless or Event())
        try:
            yield has_turn
        finally:
            if has_turn:
                with self._changed:
                    self._is_taken = False
                    self._changed.notify_all()

    def _wait(self, unless: Event) -> bool:
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                while self._is_taken or self._waiting[0] is not ticket:
                    if unless.is_set():
                        return False
                    self._changed.wait(_LOOKED_EVERY_S)
                self._is_taken = True
                return True
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()
