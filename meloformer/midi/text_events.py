"""Text events: what a program says about a file in the file itself, found, put in and taken out.

All else in the file stays byte for byte.
"""

import struct
from collections import defaultdict
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.container import read_container
from meloformer.midi.events import META, TEXT, Events, read_events
from meloformer.midi.messages import encode_delta

_HEADER_BYTES = 14
"""Of the file; the first track begins behind it."""
_CHUNK = struct.Struct(">4sI")
_BODY = _HEADER_BYTES + _CHUNK.size
"""Where the messages of the first track begin."""
_OPENING = bytes((0, META, TEXT))
"""A text event at tick 0, up to its length."""


def find_texts(events: Events, prefix: bytes) -> NDArray[np.int64]:
    """Find the text events whose contents begin with a prefix, as rows of `events`."""
    rows = events.metas(TEXT, min_bytes=len(prefix))
    begins = events.payload[rows].tolist()
    own = [events.buffer.startswith(prefix, begin) for begin in begins]
    found: NDArray[np.int64] = rows[np.array(own, dtype=bool)]
    return found


def text_of(events: Events, row: int) -> bytes:
    """Return the contents of a text event."""
    return events.buffer[events.payload[row] : events.end[row]]


def with_text(data: bytes, text: bytes) -> bytes:
    """Put a text event at tick 0, as the first message of the first track.

    Args:
        data: A file as `MidiContainer.to_bytes` writes it.
        text: The contents.
    """
    name, length = _CHUNK.unpack_from(data, _HEADER_BYTES)
    if name != b"MTrk":
        raise ValueError("The file is not one that was written here: its first chunk is no track.")
    event = _OPENING + encode_delta(len(text)) + text
    track = _CHUNK.pack(name, length + len(event)) + event
    return data[:_HEADER_BYTES] + track + data[_BODY:]


def without_texts(data: bytes, prefix: bytes) -> bytes:
    """Take the text events that begin with a prefix out of a file.

    Returns:
        The file itself if there are none.

    Raises:
        MidiError: It is no MIDI file.
    """
    data = _without_first(data, prefix)
    return without_texts_anywhere(data, prefix) if prefix in data else data


def without_texts_anywhere(data: bytes, prefix: bytes) -> bytes:
    """Take the text events out as `without_texts` does, wherever they are: the file is read."""
    container = read_container(data, max_bytes=len(data))
    events = read_events(container)
    rows: defaultdict[int, list[int]] = defaultdict(list)
    for row in find_texts(events, prefix).tolist():
        rows[int(events.track[row])].append(row)
    if not rows:
        return data
    offsets = np.cumsum([0, *map(len, container.tracks)]).tolist()
    bodies = list(container.tracks)
    for track, own in rows.items():
        bodies[track] = _without_rows(events, own, bodies[track], offsets[track])
    return replace(container, tracks=tuple(bodies)).to_bytes()


def _without_first(data: bytes, prefix: bytes) -> bytes:
    """Take out what `with_text` has put in, which needs no reading of the file."""
    if len(data) < _BODY or not data.startswith(_OPENING, _BODY):
        return data
    name, length = _CHUNK.unpack_from(data, _HEADER_BYTES)
    at, size, goes_on = _BODY + len(_OPENING), 0, True
    while goes_on and at < min(len(data), _BODY + 8):
        size = size << 7 | data[at] & 0x7F
        goes_on = data[at] >= 0x80
        at += 1
    end = at + size
    if name != b"MTrk" or not data.startswith(prefix, at, end) or end - _BODY > length:
        return data
    track = _CHUNK.pack(name, length - (end - _BODY))
    return data[:_HEADER_BYTES] + track + data[end:]


def _without_rows(events: Events, rows: list[int], body: bytes, offset: int) -> bytes:
    """Cut messages out of a track; what follows them keeps its tick.

    Args:
        events: Of the whole file.
        rows: Of the messages, ascending.
        body: The track.
        offset: Where it begins in the buffer of the events.
    """
    of_track = np.flatnonzero(events.track == events.track[rows[0]])
    ticks = events.tick[of_track].tolist()
    gone = np.isin(of_track, rows).tolist()
    kept = bytearray()
    at = now = lost = 0
    for row, tick, is_gone in zip(of_track.tolist(), ticks, gone, strict=True):
        if is_gone:
            kept += body[at : int(events.begin[row]) - offset]
            at, lost = int(events.end[row]) - offset, tick - now
            continue
        if lost:  # the time before what is gone belongs to what follows
            kept += encode_delta(tick - now)
            at = int(events.message[row]) - offset
        now, lost = tick, 0
    return bytes(kept + body[at:])
