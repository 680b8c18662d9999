"""How many notes each part has in each bar of a stream."""

from itertools import takewhile


class NoteCounts:
    """Counts of notes, by part and bar."""

    def __init__(self) -> None:
        self._counts: dict[int, dict[int, int]] = {}

    def copy(self) -> "NoteCounts":
        """Return an independent copy."""
        other = NoteCounts()
        other._counts = {part: dict(counts) for part, counts in self._counts.items()}
        return other

    def add(self, part: int, bar: int) -> None:
        """Count one more note of a part."""
        counts = self._counts.setdefault(part, {})
        counts[bar] = counts.get(bar, 0) + 1

    def of(self, part: int, bar: int) -> int:
        """Return how many notes a part has in a bar so far."""
        return self._counts.get(part, {}).get(bar, 0)

    def between(self, part: int, first_bar: int, last_bar: int) -> dict[int, int]:
        """Return the notes that a part has in bars, both ends included, read one after the other.

        Bars in which it rests are left out.
        """
        newest_first = reversed(self._counts.get(part, {}).items())
        return dict(takewhile(lambda count: first_bar <= count[0] <= last_bar, newest_first))
