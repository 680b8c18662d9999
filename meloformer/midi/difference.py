"""Where two files sound different, such as a piece and a version of it."""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.events import ONE_DATA_BYTE, SYSTEM_EXCLUSIVE
from meloformer.midi.excerpt import state_messages
from meloformer.midi.timeline import Timeline

_LONG = 1 << 24
"""Above the numbers of messages of three bytes."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The stretch in which two files have different messages, in milliseconds."""

    first_ms: int
    last_ms: int | None
    """After it both are the same again; `None` if they stay different."""


def difference(old: Timeline, new: Timeline) -> Difference | None:
    """Find where two files sound different.

    Returns:
        `None` if they have the same messages at the same times.
    """
    old_ms, old_names = _played(old)
    new_ms, new_names = _played(new)
    first = _num_equal(old_ms, old_names, new_ms, new_names)
    if first == len(old_ms) == len(new_ms):
        return None
    first_ms = min(int(ms[first]) for ms in (old_ms, new_ms) if first < len(ms))
    last = _num_equal(old_ms[::-1], old_names[::-1], new_ms[::-1], new_names[::-1])
    ends = [int(ms[-1 - last]) for ms in (old_ms, new_ms) if last < len(ms)]
    last_ms = max(first_ms, *ends)
    # What is the same from here on may sound different still, if it meets another state.
    states = [list(state_messages(one, last_ms + 1)) for one in (old, new)]
    goes_on = not last or states[0] != states[1]
    return Difference(first_ms, None if goes_on else last_ms)


def _played(timeline: Timeline) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return when messages are played and a number for what each says, in the order of playing."""
    events = timeline.file.events
    rows = np.flatnonzero(events.status <= SYSTEM_EXCLUSIVE)
    rows = rows[np.argsort(timeline.message_ms[rows], kind="stable")]
    status = events.status[rows].astype(np.int64)
    kind = events.kind[rows]
    data2 = np.where(np.isin(kind, ONE_DATA_BYTE), 0, events.data2[rows]).astype(np.int64)
    names = status << 16 | events.data1[rows].astype(np.int64) << 8 | data2
    for index in np.flatnonzero(kind == SYSTEM_EXCLUSIVE).tolist():
        names[index] = _LONG + zlib.crc32(events.message_bytes(int(rows[index])))
    return timeline.message_ms[rows], names


def _num_equal(
    old_ms: NDArray[np.int64],
    old_names: NDArray[np.int64],
    new_ms: NDArray[np.int64],
    new_names: NDArray[np.int64],
) -> int:
    """Count the messages from the beginning that are the same at the same time."""
    both = min(len(old_ms), len(new_ms))
    differs = (old_ms[:both] != new_ms[:both]) | (old_names[:both] != new_names[:both])
    return int(differs.argmax()) if differs.any() else both
