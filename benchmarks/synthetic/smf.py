"""A Standard MIDI File of type 1 from a made-up piece, all notes at once.

mido takes twenty times as long to write such a file; the tests read the files with it.

Axes: E events, M parts.
"""

import struct
from itertools import pairwise, starmap

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic.song import DRUMS, Song
from meloformer.midi.events import DRUM_CHANNEL
from meloformer.midi.messages import encode
from meloformer.midi.note_table import PITCHED_CHANNELS
from meloformer.score.general_midi import part_name

_PART_SHIFT, _TICK_SHIFT, _ON_SHIFT, _PITCH_SHIFT = 44, 16, 15, 7
_NOTE_OFF, _NOTE_ON = 0x80, 0x90
_END = b"\x00\xff\x2f\x00"


def to_bytes(song: Song, title: str) -> bytes:
    """Write the file: a track of tempos and metres, then one a part."""
    channels = _channels(song.programs)
    bodies = [_conductor(song, title)]
    for program, channel, events in zip(
        song.programs.tolist(), channels.tolist(), _note_events(song, channels), strict=True
    ):
        bodies.append(_opening(program, channel) + events)
    chunks = [b"MThd" + struct.pack(">IHHH", 6, 1, len(bodies), song.ticks_per_quarter)]
    for body in bodies:
        chunks += [b"MTrk", struct.pack(">I", len(body) + len(_END)), body, _END]
    return b"".join(chunks)


def _note_events(song: Song, channels: NDArray[np.int64]) -> list[bytes]:
    """Write the notes of each part as messages. M of them."""
    packed = _in_order(song.notes)
    part = packed >> _PART_SHIFT
    tick = packed >> _TICK_SHIFT & (1 << _PART_SHIFT - _TICK_SHIFT) - 1
    is_on = packed >> _ON_SHIFT & 1
    velocity = packed & 127
    opens_track = np.ones(len(packed), dtype=bool)
    opens_track[1:] = part[1:] != part[:-1]
    delta = np.where(opens_track, tick, np.diff(tick, prepend=0))
    if song.runs_status:  # an end is then a note-on of velocity 0
        status, velocity = _NOTE_ON | channels[part], velocity * is_on
    else:
        status = np.where(is_on, _NOTE_ON, _NOTE_OFF) | channels[part]

    # Each event takes seven bytes at most; those it needs are cut out all together.
    table = np.empty((len(packed), 7), dtype=np.uint8)
    wanted = np.ones((len(packed), 7), dtype=bool)
    for column, shift in enumerate((21, 14, 7)):
        table[:, column] = delta >> shift | 0x80
        wanted[:, column] = delta >= 1 << shift
    table[:, 3] = delta & 127
    table[:, 4] = status
    table[:, 5] = packed >> _PITCH_SHIFT & 127
    table[:, 6] = velocity
    if song.runs_status:
        wanted[:, 4] = opens_track
    firsts = np.searchsorted(part, np.arange(len(channels) + 1)).tolist()
    return [table[one][wanted[one]].tobytes() for one in starmap(slice, pairwise(firsts))]


def _in_order(notes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Starts and ends of all notes by part, tick and pitch, ends first. (E,).

    An event is one number whose bits are ordered by what to sort by: sorting numbers takes a
    fifth of the time that sorting rows does.
    """
    part, start, end, pitch, velocity = notes
    same = part << _PART_SHIFT | pitch << _PITCH_SHIFT
    ons = same | start << _TICK_SHIFT | 1 << _ON_SHIFT | velocity
    offs = same | end << _TICK_SHIFT | 64
    return np.sort(np.concatenate((ons, offs)))


def _channels(programs: NDArray[np.int64]) -> NDArray[np.int64]:
    is_drum = programs == DRUMS
    return np.where(is_drum, DRUM_CHANNEL, np.array(PITCHED_CHANNELS)[np.cumsum(~is_drum) - 1])


def _conductor(song: Song, title: str) -> bytes:
    minor = b"\x01" if song.is_minor else b"\x00"
    messages = [
        (0, _meta(0x03, title.encode())),
        (0, _meta(0x59, struct.pack("b", song.fifths) + minor)),
    ]
    for tick, numerator, denominator in song.metres:
        power = denominator.bit_length() - 1
        messages.append((tick, _meta(0x58, bytes((numerator, power, 24, 8)))))
    for tick, qpm in song.tempos:
        messages.append((tick, _meta(0x51, round(60_000_000 / qpm).to_bytes(3, "big"))))
    return encode(sorted(messages, key=lambda timed: timed[0]))


def _opening(program: int, channel: int) -> bytes:
    """Name, program, volume and place in the room."""
    is_drum = program == DRUMS
    number = 0 if is_drum else program
    return encode(
        [
            (0, _meta(0x03, part_name(number, is_drum).encode())),
            (0, bytes((0xC0 | channel, number))),
            (0, bytes((0xB0 | channel, 7, 100))),
            (0, bytes((0xB0 | channel, 10, 64))),
        ]
    )


def _meta(kind: int, contents: bytes) -> bytes:
    return bytes((0xFF, kind, len(contents))) + contents
