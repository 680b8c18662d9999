"""Notes that are locked on the roll, and where they are on the grid of the tokens."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from meloformer.engine.handles import LockedNote
from meloformer.engine.handles.locked import NOTHING_LOCKED, Locked
from meloformer.engine.piece import Piece
from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.score.part import NUM_PARTS, Part
from meloformer.tokens.note_lines import PartLine, part_lines

MAX_SHOWN_LOCKS: Final = 2000
"""In all of a piece."""
_FAR_QUARTERS: Final = 1e6


class ShownLock(NamedTuple):
    """A locked note as the roll shows it: enough to know it again."""

    part: int
    """`Part.number`."""
    start: float
    """In quarters."""
    pitch: int


def read_locks(value: object) -> tuple[ShownLock, ...]:
    """Read locked notes that a browser sent, or that were kept: lists of part, start and pitch.

    Raises:
        ConfigError: They are none, or too many.
    """
    if not isinstance(value, list):
        raise ConfigError("The locked notes could not be read.", hint="Load the page again.")
    if len(value) > MAX_SHOWN_LOCKS:
        raise ConfigError(
            phrase("At most {most} notes can be locked.", most=MAX_SHOWN_LOCKS),
            hint="Let some go first.",
        )
    return tuple(_shown(row) for row in value)


def _shown(row: object) -> ShownLock:
    if isinstance(row, list) and len(row) == 3:
        part, start, pitch = row
        is_note = type(part) is int and type(pitch) is int and type(start) in (int, float)
        if is_note and 0 <= part < NUM_PARTS and 0 <= pitch <= 127 and 0 <= start < _FAR_QUARTERS:
            return ShownLock(part, float(start), pitch)
    raise ConfigError("The locked notes could not be read.", hint="Load the page again.")


def locked_places(
    piece: Piece, bars: tuple[int, int], parts: Collection[Part], locked: Sequence[ShownLock]
) -> Locked:
    """Find locked notes in bars of a piece; those that are not there any more are left out.

    Args:
        piece: On whose roll they are locked.
        bars: The first, from 0, and the one after the last.
        parts: Those that count.
        locked: As the roll shows them.
    """
    if not locked:
        return NOTHING_LOCKED
    first, last = piece.encoding.stream_bars[list(bars)].tolist()
    wanted: dict[Part, list[ShownLock]] = {}
    for one in locked:
        wanted.setdefault(Part.from_number(one.part), []).append(one)
    found: list[LockedNote] = []
    left: dict[Part, int] = {}
    for number, bar in enumerate(part_lines(piece.encoding.ids, first, last)):
        begin = int(piece.grid.starts[first + number]) / piece.score.ticks_per_quarter
        for part in bar.keys() & wanted.keys() & set(parts):
            is_locked = _is_locked(bar[part], begin, wanted[part])
            left[part] = left.get(part, 0) + int((~is_locked).sum())
            found.extend(
                LockedNote(part, number, onset, pitch)
                for onset, pitch in zip(
                    bar[part].onset[is_locked].tolist(),
                    bar[part].pitch[is_locked].tolist(),
                    strict=True,
                )
            )
    whole = frozenset(part for part, count in left.items() if not count)
    notes = tuple(sorted(one for one in found if one.part not in whole))
    return Locked(notes=notes, whole=whole)


def _is_locked(line: PartLine, begin: float, notes: Sequence[ShownLock]) -> NDArray[np.bool_]:
    """Find the notes of a line on the grid that are nearest to locked ones. (N,)."""
    onsets = begin + line.onset / TICKS_PER_QUARTER
    is_locked = np.zeros(len(onsets), dtype=bool)
    for one in notes:
        distance = np.where(line.pitch == one.pitch, np.abs(onsets - one.start), np.inf)
        if distance.min() <= 1 / (2 * TICKS_PER_QUARTER) + 1e-3:
            is_locked[int(distance.argmin())] = True
    return is_locked


def shown_of(piece: Piece, first_bar: int, notes: Sequence[LockedNote]) -> tuple[ShownLock, ...]:
    """Return locked notes of bars as the roll shows them.

    Args:
        piece: That has these bars.
        first_bar: The first that was written again, from 0.
        notes: Those beyond its end are left out.
    """
    first = int(piece.encoding.stream_bars[first_bar])
    starts, per_quarter = piece.grid.starts, piece.score.ticks_per_quarter
    return tuple(
        ShownLock(
            one.part.number,
            int(starts[first + one.bar]) / per_quarter + one.onset / TICKS_PER_QUARTER,
            one.pitch,
        )
        for one in notes
        if first + one.bar < len(starts) - 1
    )
