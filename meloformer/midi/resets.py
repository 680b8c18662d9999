"""Resets of the whole instrument, such as GM on, and where a file has them."""

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.events import SYSTEM_EXCLUSIVE, Events
from meloformer.midi.sysex import is_reset, to_any_device


def reset_rows(events: Events) -> NDArray[np.int64]:
    """Return the messages that are resets, in file order."""
    rows = [
        row
        for row in np.flatnonzero(events.status == SYSTEM_EXCLUSIVE).tolist()
        if is_reset(to_any_device(events.buffer[events.payload[row] : events.end[row]]))
    ]
    return np.array(rows, dtype=np.int64)


def reset_ticks(events: Events) -> NDArray[np.int64]:
    """Return the ticks of all resets, ascending."""
    return np.sort(events.tick[reset_rows(events)])


def are_cleared(
    set_at: NDArray[np.int64], at: NDArray[np.int64], resets: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Check if a reset comes between the ticks at which things are set and those of others. (N,).

    What is set at the tick of the reset stays: programs write their tracks in any order.

    Args:
        set_at: Ticks. (N,).
        at: Later ticks. (N,).
        resets: By `reset_ticks`.
    """
    if not len(resets):
        return np.zeros(len(at), dtype=bool)
    last = np.searchsorted(resets, at, side="right") - 1
    cleared: NDArray[np.bool_] = (last >= 0) & (set_at < resets[last])
    return cleared
