"""Splicing: messages taken out of a track and put into it, all others as they were written."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.events import END_OF_TRACK, META, SYSTEM_EXCLUSIVE, Events
from meloformer.midi.messages import encode_delta, end_message
from meloformer.midi.part_messages import OWN, Placed
from meloformer.midi.ports import PortsOfTrack, channel_of_row

_FIRST_STATUS = 0x80


def splice(
    events: Events,
    rows: Sequence[int],
    removed: NDArray[np.bool_],
    changed: Mapping[int, bytes],
    added: Sequence[Placed],
) -> bytes:
    """Return the body of a track after some of its messages were taken out, changed or added.

    A time is written anew only where it is another, and a status only where the message before no
    longer says it. The track ends where it did, or with its last message if that is later.

    Args:
        events: Those of the file.
        rows: The messages of the track.
        removed: Which are taken out. (E,)
        changed: What a message becomes that stays in its place.
        added: What is put in.
    """
    end_rows = [row for row in rows[-1:] if _ends_track(events, row)]
    own = [row for row in rows if row not in end_rows and not removed[row]]
    items = [
        (int(events.tick[row]), OWN, row, changed.get(row, b""), channel_of_row(events, row))
        for row in own
    ]
    items += [(tick, order, -1, message, channel) for tick, order, message, channel in added]
    items.sort(key=lambda item: item[:2])
    ports = PortsOfTrack(events, int(events.track[rows[0]]))
    body, now, running = bytearray(), 0, -1
    for tick, _, row, message, channel in items:
        for port in ports.before(message or events.message_bytes(row), channel):
            body += encode_delta(tick - now) + port
            now = tick
        if message:
            body += encode_delta(tick - now) + message
        else:
            message = events.buffer[events.message[row] : events.end[row]]
            body += _delta(events, row, tick - now)
            if message[0] < _FIRST_STATUS and running != int(events.status[row]):
                message = bytes((int(events.status[row]),)) + message
            body += message
        if _FIRST_STATUS <= message[0] < SYSTEM_EXCLUSIVE:
            running = message[0]
        now = tick
    end = max([now, *(int(events.tick[row]) for row in end_rows)])
    if end_rows:
        row = end_rows[0]
        last = events.buffer[events.message[row] : events.end[row]]
        return bytes(body) + _delta(events, row, end - now) + last
    return bytes(body) + encode_delta(end - now) + end_message(end)[1]


def _ends_track(events: Events, row: int) -> bool:
    return bool(events.status[row] == META and events.data1[row] == END_OF_TRACK)


def _delta(events: Events, row: int, ticks: int) -> bytes:
    """Return the time before a message as it was written, if it is still the same."""
    written = events.buffer[events.begin[row] : events.message[row]]
    value = 0
    for byte in written:
        value = value << 7 | byte & 0x7F
    return written if value == ticks else encode_delta(ticks)
