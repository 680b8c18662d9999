"""What a page tells again and again, of which only the newest counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock


@dataclass(slots=True, eq=False)
class Newest:
    """Knows what is older than what was told before.

    A page tells what it shows (a version, a fader, locks) without waiting for answers, so that two
    may be under way at once, and the older may arrive last.
    """

    lock: RLock
    """Held while something that was told takes effect."""
    orders: dict[str, float] = field(default_factory=dict)
    """The highest so far, by what was told."""

    @contextmanager
    def told(self, what: str, order: object) -> Iterator[bool]:
        """Say whether nothing newer was told, and hold the lock meanwhile.

        Args:
            what: What is told.
            order: Grows with every event of a page. It comes from a browser; anything but a number
                counts as new.
        """
        with self.lock:
            if not isinstance(order, int | float):
                yield True
                return
            is_newest = order >= self.orders.get(what, order)
            if is_newest:
                self.orders[what] = order
            yield is_newest
