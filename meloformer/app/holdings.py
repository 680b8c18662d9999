"""What each visitor holds of the disk besides the library: uploads, downloads, music to train on.

Sizes are those of the files that are there, so what is cleared, by whomever, is held no longer.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import RLock

from cachetools import TTLCache

from meloformer.app.leftovers import CLEARED_EVERY_S, UPLOAD_S
from meloformer.errors import OutputError
from meloformer.phrases import phrase

USUAL_LIMIT_MB = 2_000
TOO_MUCH = phrase("You hold as much on this machine as one visitor may.")
WHAT_HELPS = phrase(
    "Close pages that you do not need, delete music to train on, or come again tomorrow."
)
_KNOWN_S = 5.0
"""How long a size is believed before files are looked at again."""
_CLEARED_S = UPLOAD_S + CLEARED_EVERY_S
"""After which an aborted upload is gone."""
_MAX_VISITORS = 10_000


class Holdings:
    """Knows what visitors hold, and refuses what would be too much.

    Args:
        max_bytes: What one visitor may hold; `None` counts nothing.
    """

    def __init__(self, max_bytes: int | None = None) -> None:
        self.max_bytes = max_bytes
        self._places: dict[str, set[Path]] = {}
        self._coming: Counter[str] = Counter()
        self._left_behind: TTLCache[tuple[str, int], int] = TTLCache(_MAX_VISITORS, _CLEARED_S)
        self._numbers = count()
        self._known: TTLCache[str, int] = TTLCache(_MAX_VISITORS, _KNOWN_S)
        self._elsewhere: list[Callable[[str], int]] = []
        self._lock = RLock()

    def watch(self, elsewhere: Callable[[str], int]) -> None:
        """Count what is held elsewhere, too.

        Args:
            elsewhere: Returns the bytes of a visitor.
        """
        self._elsewhere.append(elsewhere)

    def add(self, visitor: str, place: Path) -> None:
        """Count a file or a folder, and what comes into it later, as a visitor's."""
        if self.max_bytes is None:
            return
        with self._lock:
            places = self._places.setdefault(visitor, set())
            if place not in places and visitor in self._known:
                self._known[visitor] += bytes_below(place)
            places.add(place)

    def look_again(self, visitor: str) -> None:
        """Believe no size that was known of a visitor: they hold something new elsewhere."""
        with self._lock:
            self._known.pop(visitor, None)

    def held(self, visitor: str) -> int:
        """Return the bytes that a visitor holds now."""
        with self._lock:
            places = set(self._places.get(visitor, ()))
        gone = {place for place in places if not place.exists()}
        total = sum(map(bytes_below, places - gone)) + sum(one(visitor) for one in self._elsewhere)
        with self._lock:
            left = self._places.get(visitor, set())
            left -= gone
            if not left:
                self._places.pop(visitor, None)
            self._known[visitor] = total
        return total

    def require_room(self, visitor: str, num_bytes: int = 0) -> None:
        """Check that a visitor may hold more.

        Args:
            visitor: Who.
            num_bytes: How much is to come.

        Raises:
            OutputError: It would be too much.
        """
        if self.max_bytes is None:
            return
        with self._lock:
            aborted = [size for (whose, _), size in self._left_behind.items() if whose == visitor]
            wanted = self._coming[visitor] + sum(aborted) + num_bytes
            known = self._known.get(visitor)
        if known is not None and known + wanted < self.max_bytes:
            return
        if self.held(visitor) + wanted >= self.max_bytes:  # what was deleted counts no more
            raise OutputError(TOO_MUCH, hint=WHAT_HELPS)

    @contextmanager
    def coming(self, visitor: str, num_bytes: int) -> Iterator[None]:
        """Count what is on its way while it is: two requests at once share one room.

        Raises:
            OutputError: It would be too much.
        """
        self.require_room(visitor, num_bytes)
        with self._lock:
            self._coming[visitor] += num_bytes
        try:
            yield
        finally:
            with self._lock:
                self._coming[visitor] -= num_bytes
                if not self._coming[visitor]:
                    del self._coming[visitor]

    def leave_behind(self, visitor: str, num_bytes: int) -> None:
        """Count what has come in vain, and whose file goes only when aborted uploads are cleared.

        Args:
            visitor: Whose upload it was.
            num_bytes: How far it has come.
        """
        if self.max_bytes is not None and num_bytes:
            with self._lock:
                self._left_behind[visitor, next(self._numbers)] = num_bytes


def bytes_below(place: Path) -> int:
    """Return the size of a file, or of all files below a folder; 0 of what is not there."""
    files = place.rglob("*") if place.is_dir() else [place]
    total = 0
    for file in files:
        try:
            total += file.lstat().st_size if not file.is_dir() else 0
        except OSError:  # it went meanwhile
            continue
    return total
