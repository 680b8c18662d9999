"""The ports of a track while messages are put into it: each goes to the port of its channel."""

from typing import Final

import numpy as np

from meloformer.midi.events import (
    CHANNELS_OF_PORT,
    DEVICE,
    META,
    PORT,
    SYSTEM_EXCLUSIVE,
    Events,
)

NO_CHANNEL: Final = -1
"""The channel of messages that have none, such as tempos."""
_PORT_TYPES: Final = (PORT, DEVICE)


class PortsOfTrack:
    """The port that is in force in a track, message by message.

    Only in a track that plays on several ports anything has to be said.

    Args:
        events: Of the file.
        track: Index of the MIDI track.
        port: In force before the first message that is asked about.
    """

    def __init__(self, events: Events, track: int, port: int = 0) -> None:
        self._events, self._port = events, port
        plays = (events.track == track) & (events.status < SYSTEM_EXCLUSIVE)
        self._has_several = len(np.unique(events.port[plays])) > 1

    def before(self, message: bytes, channel: int) -> list[bytes]:
        """Return what has to be said before a message, so that it goes to its port."""
        if not self._has_several or channel == NO_CHANNEL:
            return []
        port = channel // CHANNELS_OF_PORT
        is_in_force = port == self._port
        self._port = port
        is_said = message[0] == META and message[1] in _PORT_TYPES
        return [] if is_in_force or is_said else port_messages(self._events, port)


def channel_of_row(events: Events, row: int) -> int:
    """Return the channel of a message; of one that names a port, the first channel there."""
    status, first_of_port = int(events.status[row]), int(events.port[row]) * CHANNELS_OF_PORT
    if status < SYSTEM_EXCLUSIVE:
        return first_of_port + status % CHANNELS_OF_PORT
    is_other_meta = status == META and events.data1[row] not in _PORT_TYPES
    return NO_CHANNEL if is_other_meta else first_of_port


def port_messages(events: Events, port: int) -> list[bytes]:
    """Return what a track of the file says to play on a port; nothing where none has to."""
    said = np.sort(np.concatenate([events.metas(kind, min_bytes=1) for kind in _PORT_TYPES]))
    playing = np.flatnonzero((events.status < SYSTEM_EXCLUSIVE) & (events.port == port))
    if not len(said) or not len(playing):
        return []
    first = playing[0]
    own = said[(events.track[said] == events.track[first]) & (said < first)]
    latest = {int(events.data1[row]): events.message_bytes(row) for row in own.tolist()}
    return list(latest.values())
