"""Hand-built MIDI bytes: what exporters, accidents and attackers make."""

import struct

END = (0, b"\xff\x2f\x00")


def number(value: int) -> bytes:
    """A variable-length number."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(0x80 | value & 0x7F)
    return bytes(reversed(groups))


def on(pitch: int, velocity: int = 80, channel: int = 0) -> bytes:
    return bytes([0x90 | channel, pitch, velocity])


def off(pitch: int, channel: int = 0) -> bytes:
    return bytes([0x80 | channel, pitch, 0])


def program(number: int, channel: int = 0) -> bytes:
    return bytes([0xC0 | channel, number])


def control(number: int, value: int, channel: int = 0) -> bytes:
    return bytes([0xB0 | channel, number, value])


def meta(meta_type: int, contents: bytes) -> bytes:
    return bytes([0xFF, meta_type]) + number(len(contents)) + contents


def track(*events: tuple[int, bytes], length: int | None = None) -> bytes:
    """A track chunk of (delta, message); `length` overrides the true one."""
    body = b"".join(number(delta) + message for delta, message in events)
    return b"MTrk" + struct.pack(">I", len(body) if length is None else length) + body


def container(
    *tracks: bytes, file_format: int = 1, division: int = 96, count: int | None = None
) -> bytes:
    """A whole file."""
    num_tracks = len(tracks) if count is None else count
    header = struct.pack(">HHH", file_format, num_tracks, division)
    return b"MThd\x00\x00\x00\x06" + header + b"".join(tracks)


NOTE = ((0, on(60)), (96, off(60)))
TUNE = track(*NOTE, *NOTE, END)
WHOLE = container(TUNE)

READABLE: dict[str, tuple[bytes, int]] = {
    "a plain file": (WHOLE, 2),
    "a RIFF wrapper": (
        b"RIFF"
        + struct.pack("<I", len(WHOLE) + 12)
        + b"RMIDdata"
        + struct.pack("<I", len(WHOLE))
        + WHOLE
        + b"LIST\x04\x00\x00\x00INFO",
        2,
    ),
    "a MacBinary prefix": (b"\x00\x05title".ljust(128, b"\x00") + WHOLE, 2),
    "a track of 4 GB": (container(track(*NOTE, *NOTE, END, length=0xFFFFFFFF)), 2),
    "a track of 4 GB before another": (container(track(*NOTE, END, length=0xFFFFFFFF), TUNE), 3),
    "a track length of zero": (container(track(*NOTE, *NOTE, END, length=0), TUNE), 4),
    "a header that promises 65,535 tracks": (container(TUNE, count=65_535), 2),
    "a header that promises no tracks": (container(TUNE, count=0), 2),
    "a long header": (b"MThd\x00\x00\x00\x08\x00\x01\x00\x01\x00\x60zz" + TUNE, 2),
    "a damaged header length": (b"MThd\xff\xff\xff\xff" + WHOLE[8:], 2),
    "a foreign chunk": (container(b"XFIH\x00\x00\x00\x04abcd", TUNE, b"XFKM\x00\x00\x00\x02ab"), 2),
    "rubbish after the end": (WHOLE + b"\x00\x1a\x00rubbish", 2),
    "type 2 with one pattern": (container(TUNE, file_format=2), 2),
    "an unknown type": (container(TUNE, file_format=7), 2),
    "no end of track": (container(track(*NOTE)), 1),
    "music after the end of track": (container(track(*NOTE, END, *NOTE)), 1),
    "a cut last message": (container(track(*NOTE, (0, b"\x90\x3c"))), 1),
    "note-ons without note-offs": (
        container(track((0, on(60)), (96, on(62)), (96, on(62)), END)),
        3,
    ),
    "note-offs without note-ons": (container(track((0, off(60)), *NOTE, (0, off(60)), END)), 1),
    "running status before any status": (container(track((0, b"\x3c\x40"), *NOTE, END)), 1),
    "running status through a meta message": (
        container(track((0, on(60)), (0, meta(1, b"la")), (96, b"\x3c\x00"), END)),
        1,
    ),
    "running status of a program change": (
        container(track((0, program(4)), (0, b"\x05"), *NOTE, (0, b"\xd0\x01"), (0, b"\x02"), END)),
        1,
    ),
    "data bytes above 127": (container(track((0, b"\x90\xf0\x80"), (96, off(127)), END)), 1),
    "real-time and common messages": (
        container(track((0, b"\xf8"), (0, b"\xf2\x01\x02"), (0, b"\xf3\x01"), *NOTE, END)),
        1,
    ),
    "system exclusive and escapes": (
        container(track((0, b"\xf0\x03ab\xf7"), (0, b"\xf7\x02ab"), *NOTE, END)),
        1,
    ),
    "tempo 0": (container(track((0, meta(0x51, bytes(3))), *NOTE, END)), 1),
    "a tempo of one byte": (container(track((0, meta(0x51, b"\x07")), *NOTE, END)), 1),
    "a metre of 0 beats": (container(track((0, meta(0x58, b"\x00\x02\x18\x08")), *NOTE, END)), 1),
    "a metre of 2 to the 255th": (
        container(track((0, meta(0x58, b"\x04\xff\x18\x08")), *NOTE, END)),
        1,
    ),
    "a metre of one byte": (container(track((0, meta(0x58, b"\x04")), *NOTE, END)), 1),
    "an impossible key": (container(track((0, meta(0x59, b"\x7f\x7f")), *NOTE, END)), 1),
    "a name that is no UTF-8": (
        container(track((0, meta(3, b"\xff\xfe\x80Fl\xf6te")), *NOTE, END)),
        1,
    ),
    "a karaoke file": (
        container(
            track((0, meta(1, b"@KMIDI KARAOKE FILE")), (0, meta(1, b"@LENGL")), END),
            track((0, meta(3, b"Words")), (0, meta(1, b"\\La")), (96, meta(5, b"la")), END),
            TUNE,
        ),
        2,
    ),
    "an SMPTE clock": (container(TUNE, division=0xE728), 2),
    "a clock of one tick": (container(TUNE, division=1), 2),
}
"""Bytes that have a right reading, and how many notes it has."""

_BEYOND = 0x0FFFFFFF
REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "a JPEG picture": (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(5000), "JPEG"),
    "a WAV recording": (b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(24), "RIFF"),
    "an empty RIFF wrapper": (b"RIFF\x04\x00\x00\x00RMID", "no MIDI data"),
    "a text": (b"Once upon a time", "not a MIDI file"),
    "half a header": (WHOLE[:11], "header"),
    "only a header": (container(count=1), "no tracks"),
    "no notes": (container(track((0, program(3)), END)), "no notes"),
    "a silent track": (container(track(END)), "no notes"),
    "an empty track": (container(track()), "no notes"),
    "notes of no velocity": (container(track((0, on(60, 0)), END)), "no notes"),
    "division 0": (container(TUNE, division=0), "no clock"),
    "an SMPTE clock of 0 ticks": (container(TUNE, division=0xE700), "no clock"),
    "type 2 with two patterns": (container(TUNE, TUNE, file_format=2), "type 2"),
    "300 tracks": (container(*[TUNE] * 300), "256 tracks"),
    "a million notes": (container(track(*[(0, on(60)), (1, off(60))] * 1_000_000, END)), "8.0 MB"),
    "300,000 notes": (
        container(track((0, on(60)), *[(1, b"\x3c\x40")] * 299_999, END)),
        "300,000 notes",
    ),
    "more bytes than music needs": (
        container(track(*[(0, meta(1, bytes(10_000)))] * 600)),
        "6.0 MB",
    ),
    "2,048 parts": (
        container(
            track(
                *[
                    event
                    for number in range(128)
                    for channel in range(16)
                    for event in (
                        (0, program(number, channel)),
                        (0, on(60, channel=channel)),
                        (1, off(60, channel)),
                    )
                ]
            )
        ),
        "parts",
    ),
    "100,000 tempos": (
        container(track(*[(1, meta(0x51, b"\x07\xa1\x20"))] * 100_000, *NOTE, END)),
        "changes",
    ),
    "a note days long": (container(track((0, on(60)), (_BEYOND, off(60)), END)), "hours"),
    "a note beyond all time": (
        container(track(*[(_BEYOND, on(60)), (0, off(60))] * 20, END)),
        "no end",
    ),
    "a delta time of six bytes": (
        container(b"MTrk\x00\x00\x00\x0d\x80\x80\x80\x80\x80\x00\x90\x3c\x50\x60\x80\x3c\x00"),
        "no notes",
    ),
    "a meta message of 256 MB": (
        container(track((0, b"\xff\x01\xff\xff\xff\x7f"), *NOTE)),
        "no notes",
    ),
}
"""Bytes that are refused, and words of the sentence that says so."""
