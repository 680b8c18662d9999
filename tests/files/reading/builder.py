"""MIDI files written message by message, as programs and devices write them."""

import struct
from collections.abc import Iterable

Timed = tuple[int, bytes]
"""A tick from the start, and a message."""

QUARTER = 480


def midi(*tracks: bytes, division: int = QUARTER, kind: int = 1) -> bytes:
    """A file of some track bodies."""
    header = struct.pack(">4sIHHH", b"MThd", 6, kind, len(tracks), division)
    return header + b"".join(struct.pack(">4sI", b"MTrk", len(body)) + body for body in tracks)


def track(*messages: Timed | Iterable[Timed], end: int | None = None) -> bytes:
    """The body of a track; its end comes with the last message, or at a tick of its own."""
    flat: list[Timed] = []
    for one in messages:
        flat += [one] if isinstance(one, tuple) and isinstance(one[1], bytes) else list(one)
    flat.sort(key=lambda timed: timed[0])
    last = flat[-1][0] if flat else 0
    body, now = b"", 0
    for tick, message in [*flat, (last if end is None else end, meta(0x2F))]:
        body += number(tick - now) + message
        now = tick
    return body


def number(value: int) -> bytes:
    """A variable-length number."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(0x80 | value & 0x7F)
    return bytes(reversed(groups))


def meta(kind: int, contents: bytes = b"") -> bytes:
    return bytes((0xFF, kind)) + number(len(contents)) + contents


def sysex(*contents: int) -> bytes:
    """A system exclusive message, without its first byte and with its last."""
    return b"\xf0" + number(len(contents)) + bytes(contents)


def metre(numerator: int, denominator: int) -> bytes:
    return meta(0x58, bytes((numerator, denominator.bit_length() - 1, 24, 8)))


def tempo(qpm: float) -> bytes:
    return meta(0x51, round(60_000_000 / qpm).to_bytes(3, "big"))


def name(text: str) -> bytes:
    return meta(0x03, text.encode())


def control(controller: int, value: int, channel: int = 0) -> bytes:
    return bytes((0xB0 | channel, controller, value))


def program(number_: int, channel: int = 0) -> bytes:
    return bytes((0xC0 | channel, number_))


def note(
    start: int, length: int, pitch: int, *, channel: int = 0, velocity: int = 80
) -> list[Timed]:
    return [
        (start, bytes((0x90 | channel, pitch, velocity))),
        (start + length, bytes((0x80 | channel, pitch, 0))),
    ]


def notes(
    starts: Iterable[int], length: int, pitches: Iterable[int], *, channel: int = 0
) -> list[Timed]:
    """A note at each start, pitches from the start again when they run out."""
    pitches = list(pitches)
    return [
        message
        for index, start in enumerate(starts)
        for message in note(start, length, pitches[index % len(pitches)], channel=channel)
    ]
