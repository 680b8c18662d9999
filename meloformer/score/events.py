"""The messages of a MIDI file as arrays.

The bytes of all tracks are decoded at once. For every position the length of a message that would
begin there is computed as an array; the loop in Python only hops from one message to the next.
It hops forward within its own track, so it ends whatever the bytes say.

Axes: N bytes, E messages, in file order.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.score.smf import Smf

NOTE_OFF, NOTE_ON, CONTROL, PROGRAM, BEND, META = 0x80, 0x90, 0xB0, 0xC0, 0xE0, 0xFF
TRACK_NAME, END_OF_TRACK, SET_TEMPO, METRE = 0x03, 0x2F, 0x51, 0x58
"""Types of meta messages."""

_PAD = 16
_FAR = 1 << 28
"""A hop that ends every track: no legal message is that long."""


def _message_lengths() -> NDArray[np.int32]:
    """Bytes of a message by its first byte, the delta time not counted; 0 where it says itself.

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
        return np.where(self.status < 0xF0, self.status & 0xF0, self.status).astype(np.uint8)

    @property
    def channel(self) -> NDArray[np.int64]:
        """0 to 15; meaningless for messages that have none."""
        return (self.status & 0x0F).astype(np.int64)

    def metas(self, meta_type: int, min_bytes: int = 0) -> NDArray[np.int64]:
        """Indices of the meta messages of one type with at least so many bytes of contents."""
        is_meta = (self.status == META) & (self.data1 == meta_type)
        return np.flatnonzero(is_meta & (self.end - self.payload >= min_bytes))


def read_events(smf: Smf) -> Events:
    """Decode the messages of every track.

    A track ends at its end-of-track message, at the first message that is cut off, or at bytes
    that are no message. Data bytes above 127 are read as 127. Data without any status before it
    in its track is left out.
    """
    buffer = b"".join(smf.tracks)
    data = np.frombuffer(buffer + bytes(_PAD), dtype=np.uint8)
    hop, first_byte = _hops(data)
    begins: list[int] = []
    counts = []
    at = 0
    for track in smf.tracks:
        before = len(begins)
        _walk(hop.data, first_byte.data, at, at + len(track), begins)
        counts.append(len(begins) - before)
        at += len(track)
    return _decode(buffer, data, hop, np.array(begins, dtype=np.int64), np.array(counts))


def _hops(data: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Where the next message begins, if one begins here, and this one's first byte. (N,) each.

    Negative after an end of track.
    """
    num_bytes = len(data) - _PAD
    message = np.arange(num_bytes, dtype=np.int32) + _number_length(data, np.s_[:num_bytes])
    np.minimum(message, num_bytes, out=message)
    first_byte = data[message]
    length = _LENGTHS[first_byte]
    hop = message + length
    sized = np.flatnonzero(length == 0)
    start = message[sized]
    is_meta = first_byte[sized] == META
    contents, size = _sized(data, start + 1 + is_meta)
    hop[sized] = np.minimum(contents + size, _FAR)
    ends = is_meta & (data[start + 1] == END_OF_TRACK)
    hop[sized[ends]] = -1
    return hop, first_byte


def _walk(hop: memoryview, first_byte: memoryview, at: int, end: int, begins: list[int]) -> None:
    """Append where the messages of the track in bytes [at, end) begin."""
    has_one_data_byte = False
    while 0 <= at < end:
        begins.append(at)
        first = first_byte[at]
        if first < 0x80:
            at = hop[at] - has_one_data_byte
            continue
        if first < 0xF0:
            has_one_data_byte = 0xC0 <= first < 0xE0
        at = hop[at]
    if at > end:
        begins.pop()


def _decode(
    buffer: bytes,
    data: NDArray[np.uint8],
    hop: NDArray[np.int32],
    begin: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> Events:
    track = np.repeat(np.arange(len(counts)), counts)
    first_of_track = np.repeat(np.cumsum(counts) - counts, counts)
    delta_length = _number_length(data, begin)
    message = begin + delta_length
    delta = _number(data, begin, delta_length)
    tick = np.cumsum(delta)
    if len(tick):
        tick -= (tick - delta)[first_of_track]
    status, has_status = _running_status(data[message], first_of_track)
    is_sized = _LENGTHS[status] == 0
    contents, size = _sized(data, np.where(is_sized, message + 1 + (status == META), 0))
    is_running = data[message] < 0x80
    first_data = message + ~is_running
    end = np.where(is_sized, contents + size, message + _LENGTHS[status] - is_running)
    data1 = data[first_data]
    keep = np.flatnonzero(has_status)
    return Events(
        buffer=buffer,
        track=track[keep],
        tick=tick[keep],
        status=status[keep],
        data1=np.where(status == META, data1, np.minimum(data1, 127))[keep],
        data2=np.minimum(data[first_data + 1], 127)[keep],
        begin=begin[keep],
        message=message[keep],
        payload=np.where(is_sized, contents, end)[keep],
        end=end[keep],
    )


def _running_status(
    first_byte: NDArray[np.uint8], first_of_track: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The status of every message, and whether it has any.

    Meta and system messages do not cancel running status: writers that think so are common.
    """
    index = np.arange(len(first_byte))
    is_channel_status = (first_byte >= 0x80) & (first_byte < 0xF0)
    last = np.maximum.accumulate(np.where(is_channel_status, index, -1))
    is_running = first_byte < 0x80
    status = np.where(is_running, first_byte[np.maximum(last, 0)], first_byte)
    return status.astype(np.uint8), ~is_running | (last >= first_of_track)


def _number_length(data: NDArray[np.uint8], at: NDArray[np.int64] | slice) -> NDArray[np.int32]:
    """Bytes of the variable-length number that begins at each place; far more than four if bad."""
    index = np.arange(len(data) - _PAD) if isinstance(at, slice) else at
    more = (data >= 0x80).astype(np.int32)
    length = 1 + more[index + 3] * _FAR
    for byte in (2, 1, 0):
        length = 1 + more[index + byte] * length
    return length.astype(np.int32)


def _number(
    data: NDArray[np.uint8], at: NDArray[np.int64], length: NDArray[np.int32]
) -> NDArray[np.int64]:
    """The variable-length number of so many bytes at each place."""
    value = np.zeros(len(at), dtype=np.int64)
    for byte in range(4):
        shifted = (value << 7) | (data[at + byte] & 0x7F)
        value = np.where(byte < length, shifted, value)
    return value


def _sized(
    data: NDArray[np.uint8], at: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the contents begin whose size is written at each place, and that size."""
    length = _number_length(data, at)
    return at + length.astype(np.int64), _number(data, at, length)
