"""What is kept in memory only to be quick, and can be made again: all of it within one size."""

import ctypes
import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

USUAL_MB = 256
"""What is kept if nobody says otherwise."""
_MAX_ARENAS, _MAX_ARENAS_PARAMETER = 2, -8


@dataclass(frozen=True, slots=True)
class _Kept:
    num_bytes: int
    drop: Callable[[], bool]


class MemoryBudget:
    """Owns what is kept in memory to be quick: prompts that were read, pieces, versions.

    Whoever keeps something says how large it is and how to let go of it. Where all of it together
    is too large, what was used least lately goes first. Threads may ask at once.

    Args:
        max_bytes: Of all together.
    """

    def __init__(self, max_bytes: int = USUAL_MB * 1_000_000) -> None:
        self.max_bytes = max_bytes
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = Lock()

    @property
    def num_bytes(self) -> int:
        """How much is kept."""
        with self._lock:
            return sum(one.num_bytes for one in self._kept.values())

    def keep(self, name: Hashable, num_bytes: int, drop: Callable[[], bool]) -> None:
        """Count something that was used just now, and let go of others if need be; see `count`."""
        self.count(name, num_bytes, drop)
        self.fit()

    def count(self, name: Hashable, num_bytes: int, drop: Callable[[], bool]) -> None:
        """Count something that was used just now.

        Args:
            name: Of what is kept; what was counted under it before is so no more.
            num_bytes: How large it is.
            drop: Lets go of it, and returns whether it could: not while it is in use.
        """
        with self._lock:
            self._kept[name] = _Kept(num_bytes, drop)
            self._kept.move_to_end(name)

    def forget(self, name: Hashable) -> None:
        """Count something no more, which is not there any more."""
        with self._lock:
            self._kept.pop(name, None)

    def fit(self) -> None:
        """Let go of what was used least lately, until the rest is small enough."""
        with self._lock:
            too_much = sum(one.num_bytes for one in self._kept.values()) - self.max_bytes
            oldest = list(self._kept.items())[:-1]  # never what was used just now
        for name, one in oldest:
            if too_much <= 0:
                return
            if one.drop():  # without the lock: it may wait for a session's
                with self._lock:
                    if self._kept.get(name) is one:
                        del self._kept[name]
                too_much -= one.num_bytes


def limit_arenas() -> None:
    """Let threads share heaps, where the C library is glibc: else each keeps what it has freed."""
    libc = _glibc()
    if libc is not None:
        libc.mallopt(_MAX_ARENAS_PARAMETER, _MAX_ARENAS)


def give_back() -> None:
    """Give memory that was freed back to the system, where the C library is glibc."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") else None
