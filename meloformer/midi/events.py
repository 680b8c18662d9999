"""The messages of a MIDI file as arrays.

The bytes of all tracks are decoded at once. For every position the length of a message that would
begin there is computed as an array; loops in Python only hop from one message to the next, or leap
over several. They go forward within their own track, so they end whatever the bytes say.

Axes: N bytes, E messages, in file order.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.container import MidiContainer

NOTE_OFF, NOTE_ON, CONTROL, PROGRAM, BEND, META = 0x80, 0x90, 0xB0, 0xC0, 0xE0, 0xFF
SYSTEM_EXCLUSIVE: Final = 0xF0
ONE_DATA_BYTE: Final = (0xC0, 0xD0)
"""Kinds of messages with a single data byte: programs, and the pressure of a whole channel."""
_FIRST_STATUS = 0x80
"""Bytes below are data."""
TEXT, TRACK_NAME, DEVICE, PORT = 0x01, 0x03, 0x09, 0x21
END_OF_TRACK, SET_TEMPO, METRE = 0x2F, 0x51, 0x58
"""Types of meta messages."""

CHANNELS_OF_PORT = 16
DRUM_CHANNEL: Final = 9

PAD = 16
"""Zeros after the last byte, so that a message cut off may be looked at as if it were whole."""
_MOST_BYTES = 5
"""Of a variable-length number: one more than the standard has, as one DAW writes them."""
_NEGATIVE = 1 << 31
"""From here on a time of five bytes is a negative one, of 32 bits."""
_FAR = 1 << 28
"""A hop that ends every track: no legal message is that long."""


def _message_lengths() -> NDArray[np.int32]:
    """Count the bytes of a message by its first byte, the delta time apart; 0 if it says so itself.

    A first byte under 0x80 is data: the message has the status of the one before, and in most
    cases two bytes.
    """
    lengths = np.ones(256, dtype=np.int32)
    lengths[:0x80] = 2
    lengths[0x80:0xF0] = 3
    lengths[0xC0:0xE0] = 2
    lengths[[0xF1, 0xF3]] = 2
    lengths[0xF2] = 3
    lengths[[0xF0, 0xF7, 0xFF]] = 0
    return lengths


_LENGTHS = _message_lengths()


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Messages, each with its bytes. Every array is (E,)."""

    buffer: bytes
    """The track bodies, one after the other."""
    track: NDArray[np.int64]
    tick: NDArray[np.int64]
    """From the start of the piece."""
    status: NDArray[np.uint8]
    """With running status filled in; the low four bits of a channel message are its channel."""
    port: NDArray[np.int64]
    """The cable of 16 channels that the message goes to; all 0 where the file names none."""
    data1: NDArray[np.uint8]
    """First data byte, at most 127; of a meta message its type."""
    data2: NDArray[np.uint8]
    """Second data byte, at most 127, where the message has one."""
    begin: NDArray[np.int64]
    """Where the message begins in the buffer, with its delta time."""
    message: NDArray[np.int64]
    """Where the delta time is over."""
    payload: NDArray[np.int64]
    """Where the contents of a meta or system exclusive message begin."""
    end: NDArray[np.int64]

    @property
    def kind(self) -> NDArray[np.uint8]:
        """The status without the channel."""
        return np.where(self.status < 0xF0, self.status & 0xF0, self.status)

    @property
    def channel(self) -> NDArray[np.int64]:
        """16 times the port, and 0 to 15; meaningless for messages that have none."""
        return self.port * CHANNELS_OF_PORT + (self.status & 0x0F)

    @property
    def is_standard(self) -> bool:
        """Whether all times have four bytes at most, and no status is left out behind a sysex."""
        data = np.frombuffer(self.buffer, dtype=np.uint8)
        is_sysex = (self.status >= SYSTEM_EXCLUSIVE) & (self.status != META)
        follows = is_sysex[:-1] & (self.track[1:] == self.track[:-1])
        has_status = data[self.message[1:]] >= _FIRST_STATUS
        return bool(np.all(self.message - self.begin < _MOST_BYTES) and np.all(has_status[follows]))

    def message_bytes(self, row: int) -> bytes:
        """Return one message without its delta time, its status written out."""
        own = self.buffer[self.message[row] : self.end[row]]
        return own if own[0] >= 0x80 else bytes((self.status[row],)) + own

    def metas(self, meta_type: int, min_bytes: int = 0) -> NDArray[np.int64]:
        """Find the meta messages of one type with at least so many bytes of contents."""
        is_meta = (self.status == META) & (self.data1 == meta_type)
        return np.flatnonzero(is_meta & (self.end - self.payload >= min_bytes))


def read_events(container: MidiContainer) -> Events:
    """Decode the messages of every track.

    A track ends at its end-of-track message, at the first message that is cut off, or at bytes
    that are no message. Data bytes above 127 are read as 127. Data without any status before it
    in its track is left out.
    """
    buffer = b"".join(container.tracks)
    data = np.frombuffer(buffer + bytes(PAD), dtype=np.uint8)
    ends = np.cumsum([len(track) for track in container.tracks])
    begin, track = leap(*hops(data), ends)
    return _decode(buffer, data, begin, track)


def hops(data: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Find where the next message begins, if one begins here, and this one's first byte. (N,) each.

    Negative after an end of track.

    Args:
        data: All tracks, and `PAD` zeros. (N + PAD,)
    """
    num_bytes = len(data) - PAD
    message = _number_length([data[byte : byte + num_bytes] for byte in range(_MOST_BYTES)])
    message += np.arange(num_bytes)
    np.minimum(message, num_bytes, out=message)
    first_byte = data.take(message)
    length = _LENGTHS.take(first_byte)
    hop = message + length
    sized = np.flatnonzero(length == 0)
    start = message[sized]
    is_meta = first_byte[sized] == META
    contents, size = _sized(data, start + 1 + is_meta)
    hop[sized] = np.minimum(contents + size, _FAR)
    ends = is_meta & (data[start + 1] == END_OF_TRACK)
    hop[sized[ends]] = -1
    return hop, first_byte


def leap(
    hop: NDArray[np.int64], first_byte: NDArray[np.uint8], ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find what `walk` finds, several times as fast.

    The loop leaps over eight messages at a time, and those in between are filled in for all leaps
    at once. As it knows nothing of running status, it takes one that has a single data byte for
    longer than it is; where there is any, `walk` does the work.
    """
    far = len(hop)
    step = np.append(np.where((hop >= 0) & (hop < far), hop, far), far)
    eighth = step
    for _ in range(3):
        eighth = eighth.take(eighth)
    landings: list[int] = []
    counts = []
    leaps = eighth.data
    at = 0
    for end in ends.tolist():
        before = len(landings)
        while at < end:
            landings.append(at)
            at = leaps[at]
        counts.append(len(landings) - before)
        at = end
    eight = np.empty((8, len(landings)), dtype=np.int64)
    eight[0] = landings
    for index in range(1, 8):
        eight[index] = step.take(eight[index - 1])
    begin = eight.T.ravel()
    track = np.repeat(np.arange(len(ends)), np.array(counts) * 8)
    is_inside = begin < ends[track]
    begin, track = begin[is_inside], track[is_inside]
    if _has_short_running_status(first_byte[begin]):
        return walk(hop, first_byte, ends)
    is_whole = hop[begin] <= ends[track]
    return begin[is_whole], track[is_whole]


def _has_short_running_status(first_byte: NDArray[np.uint8]) -> bool:
    """Check if a message without a status of its own follows one with a single data byte."""
    channel_messages = first_byte[first_byte < 0xF0]
    is_short = (channel_messages >= 0xC0) & (channel_messages < 0xE0)
    return bool(np.any(is_short[:-1] & (channel_messages[1:] < 0x80)))


def walk(
    hop: NDArray[np.int64], first_byte: NDArray[np.uint8], ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find where the messages of all tracks begin, and the track of each. (E,) each.

    Args:
        hop: By `hops`. (N,)
        first_byte: By `hops`. (N,)
        ends: Where each track ends.
    """
    next_starts, first_bytes = hop.data, first_byte.data
    begins: list[int] = []
    counts = []
    at = 0
    for end in ends.tolist():
        before = len(begins)
        has_one_data_byte = False
        while 0 <= at < end:
            begins.append(at)
            first = first_bytes[at]
            if first < 0x80:
                at = next_starts[at] - has_one_data_byte
                continue
            if first < 0xF0:
                has_one_data_byte = 0xC0 <= first < 0xE0
            at = next_starts[at]
        if at > end:
            begins.pop()
        counts.append(len(begins) - before)
        at = end
    return np.array(begins, dtype=np.int64), np.repeat(np.arange(len(ends)), counts)


def _decode(
    buffer: bytes, data: NDArray[np.uint8], begin: NDArray[np.int64], track: NDArray[np.int64]
) -> Events:
    opens_track = np.diff(track, prepend=-1) != 0
    first_of_track = np.flatnonzero(opens_track)[np.cumsum(opens_track) - 1]
    number = _bytes_at(data, begin)
    delta_length = _number_length(number)
    delta = _number(number, delta_length)
    delta[delta >= _NEGATIVE] = 0
    tick = np.cumsum(delta)
    tick -= (tick - delta)[first_of_track]
    message = begin + delta_length
    first_byte = data[message]
    status, has_status = _running_status(first_byte, first_of_track)
    is_running = first_byte < 0x80
    length = _LENGTHS[status]
    end = message + length - is_running
    payload = end.copy()
    sized = np.flatnonzero(length == 0)
    contents, size = _sized(data, message[sized] + 1 + (status[sized] == META))
    payload[sized], end[sized] = contents, contents + size
    first_data = message + ~is_running
    data1 = data[first_data]
    keep = slice(None) if has_status.all() else np.flatnonzero(has_status)
    events = Events(
        buffer=buffer,
        track=track[keep],
        tick=tick[keep],
        status=status[keep],
        port=np.zeros(len(tick[keep]), dtype=np.int64),
        data1=np.where(status == META, data1, np.minimum(data1, 127))[keep],
        data2=np.minimum(data[first_data + 1], 127)[keep],
        begin=begin[keep],
        message=message[keep],
        payload=payload[keep],
        end=end[keep],
    )
    return replace(events, port=_ports(events))


def _ports(events: Events) -> NDArray[np.int64]:
    """Number the ports that the messages go to, in the order in which they are first named. (E,).

    A number of a port or a name of a device holds for its track until another is given. Where
    none is named it is port 0, as where that number is.
    """
    ports = np.zeros(len(events.tick), dtype=np.int64)
    rows = np.sort(np.concatenate([events.metas(kind, min_bytes=1) for kind in (PORT, DEVICE)]))
    if not len(rows):
        return ports
    said: dict[int, dict[int, bytes]] = {}  # by track, what was last said of each kind
    numbers: dict[tuple[tuple[int, bytes], ...], int] = {}
    first_said = np.full(int(events.track[-1]) + 1, len(ports))
    np.minimum.at(first_said, events.track[rows], rows)
    before = np.arange(len(ports)) < first_said[events.track]
    if np.any(before & (events.status < SYSTEM_EXCLUSIVE)):
        numbers = {(): 0, ((PORT, b"\x00"),): 0}
    last_of_track = np.searchsorted(events.track, np.arange(int(events.track[-1]) + 1), "right")
    for row in rows.tolist():
        track = int(events.track[row])
        own = said.setdefault(track, {})
        own[int(events.data1[row])] = events.buffer[events.payload[row] : events.end[row]]
        ports[row : last_of_track[track]] = numbers.setdefault(
            tuple(sorted(own.items())), max(numbers.values(), default=-1) + 1
        )
    return ports


def _running_status(
    first_byte: NDArray[np.uint8], first_of_track: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return the status of every message, and whether it has any.

    Meta and system messages do not cancel running status: writers that think so are common.
    """
    index = np.arange(len(first_byte))
    is_channel_status = (first_byte >= 0x80) & (first_byte < 0xF0)
    last = np.maximum.accumulate(np.where(is_channel_status, index, -1))
    is_running = first_byte < 0x80
    status = np.where(is_running, first_byte[np.maximum(last, 0)], first_byte)
    return status.astype(np.uint8), ~is_running | (last >= first_of_track)


def _bytes_at(data: NDArray[np.uint8], at: NDArray[np.int64]) -> list[NDArray[np.uint8]]:
    """Return the bytes from each place on that a variable-length number may have."""
    return [data[at + byte] for byte in range(_MOST_BYTES)]


def _number_length(number: list[NDArray[np.uint8]]) -> NDArray[np.int64]:
    """Count the bytes of each variable-length number; far more than five if it is none."""
    length = np.ones(len(number[0]), dtype=np.int64)
    goes_on = number[0] >= 0x80
    for byte in number[1:]:
        length += goes_on
        goes_on &= byte >= 0x80
    length[goes_on] = _FAR
    return length


def _number(number: list[NDArray[np.uint8]], length: NDArray[np.int64]) -> NDArray[np.int64]:
    """Decode variable-length numbers of so many bytes."""
    value = (number[0] & 0x7F).astype(np.int64)
    for index in range(1, _MOST_BYTES):
        longer = np.flatnonzero(length > index)
        value[longer] = value[longer] << 7 | number[index][longer] & 0x7F
    return value


def _sized(
    data: NDArray[np.uint8], at: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find where the contents begin whose size is written at each place, and that size."""
    number = _bytes_at(data, at)
    length = _number_length(number)
    return at + length, _number(number, length)
