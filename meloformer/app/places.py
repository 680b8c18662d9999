"""Places for the runs that are written at the same time, and the queue for one."""

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Condition, Event
from time import perf_counter
from types import TracebackType

_LOOKED_EVERY_S = 0.25
"""How soon one that waits hears that it need not wait any more."""
_PACE_OF = 64
"""Bars by which is measured how fast bars come."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long one that waits has to."""

    before: int
    """How many come before it."""
    seconds: float | None
    """Until it is next; `None` while nobody knows how fast bars come."""


class Places:
    """A number of places, given to whoever came first.

    Args:
        count: How many there are.
        clock: Tells seconds.
    """

    def __init__(self, count: int, clock: Callable[[], float] = perf_counter) -> None:
        self._count = count
        self._clock = clock
        self._changed = Condition()
        self._waiting: list[Place] = []
        self._taken: list[Place] = []
        self._gaps: deque[float] = deque(maxlen=_PACE_OF)
        self._last_bar = 0.0

    @property
    def num_waiting(self) -> int:
        """How many wait for a place."""
        return len(self._waiting)

    @property
    def num_taken(self) -> int:
        """How many have one."""
        return len(self._taken)

    @property
    def bar_s(self) -> float | None:
        """Return after how many seconds a bar follows another, of whatever run, as of late."""
        gaps = tuple(self._gaps)
        return sum(gaps) / len(gaps) if gaps else None

    def waiting_of(self, place: "Place") -> Waiting | None:
        """Return how long a place is waited for; `None` where it is taken, or given up."""
        with self._changed:
            if place not in self._waiting:
                return None
            before = self._waiting.index(place)
            runs = [(one.bars_done, one.num_bars) for one in self._taken]
            coming = [(0, one.num_bars) for one in self._waiting[:before]]
        bar_s, bars = self.bar_s, 0
        if bar_s is None:
            return Waiting(before, None)
        for _ in range(before + 1):
            bars += _write_until_one_ends(runs)
            runs += coming[:1]
            coming = coming[1:]
        return Waiting(before, bar_s * bars)

    def _take(self, place: "Place") -> None:
        with self._changed:
            self._waiting.append(place)
            try:
                while len(self._taken) >= self._count or self._waiting[0] is not place:
                    if place.unless.is_set():
                        return
                    self._changed.wait(_LOOKED_EVERY_S)
                if not self._taken:
                    self._last_bar = self._clock()
                self._taken.append(place)
            finally:
                self._waiting.remove(place)
                self._changed.notify_all()

    def _give_back(self, place: "Place") -> None:
        with self._changed:
            if place in self._taken:
                self._taken.remove(place)
                self._changed.notify_all()

    def _count_bar(self) -> None:
        with self._changed:
            now = self._clock()
            self._gaps.append(now - self._last_bar)
            self._last_bar = now


def _write_until_one_ends(runs: list[tuple[int, int]]) -> int:
    """Let runs take turns, as `Turns` gives them, until one of them ends, which leaves the list.

    Args:
        runs: Bars that are written, and all bars, of each.

    Returns:
        How many bars are written meanwhile.
    """
    written = 0
    while runs:
        level = min(done for done, _ in runs)
        least = [run for run in runs if run[0] == level]
        others = [run for run in runs if run[0] != level]
        next_level = min([done for done, _ in others] + [num_bars for _, num_bars in least])
        written += (next_level - level) * len(least)
        runs[:] = [(next_level, num_bars) for _, num_bars in least] + others
        ended = next((run for run in runs if run[0] >= run[1]), None)
        if ended is not None:
            runs.remove(ended)
            break
    return written


class Place(AbstractContextManager["Place"]):
    """One run's place: waited for at the beginning of a `with` block, given back at its end.

    Args:
        places: Of which it is one.
        num_bars: That are to be written, those of all candidates.
        unless: When it is set there is no need to wait any more.
    """

    def __init__(self, places: Places, num_bars: int, unless: Event) -> None:
        self.num_bars = num_bars
        self.bars_done = 0
        self.unless = unless
        self._places = places

    @property
    def waiting(self) -> Waiting | None:
        """How long it is waited for; `None` where it is not."""
        return self._places.waiting_of(self)

    def count_bar(self) -> None:
        """Count a bar that was written."""
        self.bars_done = min(self.bars_done + 1, self.num_bars)
        self._places._count_bar()

    def __enter__(self) -> "Place":
        """Wait for it."""
        self._places._take(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give it back."""
        self._places._give_back(self)
