"""The last notes that each part has played before a place in a stream, whatever is read in between.

Bars that are left open are read first without what they lack, and filled after all others. What a
part has played before a bar that is being filled is what it had played when that bar was left open,
and what was filled in since.
"""

Note = tuple[int, int]
"""Start in grid ticks from the first bar line, and pitch."""
Notes = tuple[Note, ...]
"""By start and pitch."""
ByPart = dict[int, Notes]
"""By `Part.number`."""

NUM_RECENT = 16
"""Notes of a part that are kept."""


class RecentNotes:
    """The last notes of each pitched part, in the order of the music."""

    def __init__(self) -> None:
        self._read: ByPart = {}
        self._before_gap: dict[int, ByPart] = {}  # what had been read, by bar left open
        self._gap: int | None = None  # the bar being filled

    def copy(self) -> "RecentNotes":
        """Return an independent copy."""
        other = RecentNotes()
        other._read = dict(self._read)
        other._before_gap = dict(self._before_gap)  # whose values are not changed any more
        other._gap = self._gap
        return other

    def add(self, part: int, note: Note) -> None:
        """Add a note that comes after all others of its part in its bar."""
        self._read[part] = (*self._read.get(part, ())[1 - NUM_RECENT :], note)

    def leave_open(self, bar: int) -> None:
        """Remember what was played before a bar that is left open."""
        self._before_gap[bar] = dict(self._read)

    def fill(self, bar: int) -> None:
        """Go on in a bar that was left open; the first time, forget what came after it."""
        if self._gap is None:
            self._read = {}
        self._gap = bar

    def of(self, part: int) -> Notes:
        """Return the last notes of a part before this place, `NUM_RECENT` or as many as it has."""
        notes = self._read.get(part, ())
        before = self._before_gap.get(self._gap, {}).get(part, ()) if self._gap is not None else ()
        if not before:
            return notes
        return tuple(sorted(before + notes)[-NUM_RECENT:])
