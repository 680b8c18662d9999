"""Locked notes sound as long as they did: no other note of their part ends them."""

from collections.abc import Iterable, Mapping

import numpy as np

from meloformer.engine.constraints.cadence import durations_up_to
from meloformer.engine.constraints.constraint import Choice, Constraint, CurrentBar, Logits
from meloformer.engine.constraints.kept_lines import AFTER_PITCH, pitches_of
from meloformer.engine.constraints.locked_notes import LockedLines
from meloformer.score.grid import DURATION_TICKS
from meloformer.score.part import Part
from meloformer.tokens import Cursor
from meloformer.tokens.cursor import AFTER_ONSET

_EVERY_PITCH = frozenset(range(128))
_TOO_SMALL = np.float32(-1e4)


class Undisturbed(Constraint):
    """Keeps other notes of a part from the pitch of a locked one while that sounds.

    Of two notes of one pitch in one part, the second ends the first. A bias, not a mask: where a
    part can play no other pitch, it plays this one.

    Args:
        lines: The locked notes of each part, by bar that is written.
    """

    states = (*AFTER_ONSET, *AFTER_PITCH)

    def __init__(self, lines: Iterable[Mapping[Part, LockedLines]]) -> None:
        self._notes: dict[int, list[tuple[int, int, int, int]]] = {}
        for number, bar in enumerate(lines):
            for part, locked in bar.items():
                one = locked.notes
                columns = (one.onset, one.pitch, DURATION_TICKS[one.duration_step])
                rows = zip(*(column.tolist() for column in columns), strict=True)
                self._notes.setdefault(part.number, []).extend((number, *row) for row in rows)

    def bias(self, cursor: Cursor, bar: CurrentBar, choice: Choice) -> Logits | None:
        """Return what keeps from a pitch that is held, or from a length up to the next of it."""
        notes = self._notes.get(cursor.part)
        if notes is None:
            return None
        here = (bar.number, cursor.onset)

        def ticks_from_here(number: int, onset: int) -> int:
            return cursor.bar_start(cursor.bar + number - bar.number) + onset - cursor.start

        if cursor.state in AFTER_ONSET:
            begins = {pitch for *place, pitch, _ in notes if tuple(place) == here}
            held = {
                pitch
                for number, onset, pitch, ticks in notes
                if (number, onset) < here and ticks_from_here(number, onset) + ticks > 0
            }
            wanted = pitches_of(_EVERY_PITCH - (held - begins))
        elif any(
            (number, onset, pitch) == (*here, cursor.pitch) for number, onset, pitch, _ in notes
        ):
            return None  # the locked note itself
        else:
            later = (
                ticks_from_here(number, onset)
                for number, onset, pitch, _ in notes
                if (number, onset) > here and pitch == cursor.pitch
            )
            wanted = durations_up_to(min(later, default=int(DURATION_TICKS[-1])))
        if wanted.all() or not (choice.legal & wanted).any():
            return None
        return np.where(wanted, np.float32(0), _TOO_SMALL)
