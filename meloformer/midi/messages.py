"""MIDI messages that say what a score says, each as its bytes with the tick it belongs to.

A channel from 16 on is one of a further port, as `Events.channel` has it: the port is that of the
track, and a message says the rest.
"""

from collections.abc import Iterable
from typing import TypeAlias

import mido
import numpy as np
from numpy.typing import NDArray

from meloformer.midi.events import NOTE_OFF, NOTE_ON
from meloformer.score.score import (
    DURATION,
    PITCH,
    START,
    VELOCITY,
    Tempo,
    TimeSignature,
    note_array,
)

Timed: TypeAlias = tuple[int, bytes]
"""A tick and the message there."""

_MAX_US_PER_QUARTER = (1 << 24) - 1


def name_message(tick: int, name: str) -> Timed:
    """Make a track name, in UTF-8."""
    # mido writes each character below 256 as a byte; this way they are the bytes of UTF-8. Its own
    # setting for the character set is shared by all threads.
    as_bytes = name.encode("utf-8", errors="replace")
    return _timed(tick, mido.MetaMessage("track_name", name=as_bytes.decode("latin-1")))


def tempo_message(tick: int, tempo: Tempo) -> Timed:
    """Make a change of tempo."""
    return _timed(tick, mido.MetaMessage("set_tempo", tempo=us_per_quarter(tempo.qpm)))


def us_per_quarter(qpm: float) -> int:
    """Return a tempo as files have it, in microseconds."""
    return min(max(1, round(60_000_000 / qpm)), _MAX_US_PER_QUARTER)


def metre_message(tick: int, metre: TimeSignature) -> Timed:
    """Make a change of metre."""
    n, d = metre.numerator, metre.denominator
    return _timed(tick, mido.MetaMessage("time_signature", numerator=n, denominator=d))


def program_message(tick: int, channel: int, program: int) -> Timed:
    """Make a change of instrument."""
    return _timed(tick, mido.Message("program_change", channel=channel & 15, program=program))


def control_message(tick: int, channel: int, control: int, value: int) -> Timed:
    """Make a move of a pedal or slider."""
    message = mido.Message("control_change", channel=channel & 15, control=control, value=value)
    return _timed(tick, message)


def note_off_message(tick: int, channel: int, pitch: int) -> Timed:
    """Make the end of a note."""
    return tick, bytes((NOTE_OFF | channel & 15, pitch, 0))


def end_message(tick: int) -> Timed:
    """Make the end of a track."""
    return _timed(tick, mido.MetaMessage("end_of_track"))


def note_messages(notes: NDArray[np.int32], channel: int) -> list[Timed]:
    """Write note-ons and note-offs in order of time, at one tick the note-offs first."""
    # Plain bytes: objects of mido's for 200,000 notes take ten seconds.
    offs = [
        note_off_message(start + duration, channel, pitch)
        for start, duration, pitch, _ in notes.tolist()
    ]
    ons = [
        (start, bytes((NOTE_ON | channel & 15, pitch, velocity)))
        for start, _, pitch, velocity in notes.tolist()
    ]
    return in_order(offs + ons)


def _timed(tick: int, message: mido.Message | mido.MetaMessage) -> Timed:
    return tick, bytes(message.bytes())


def in_order(messages: Iterable[Timed]) -> list[Timed]:
    """Sort by tick; what is at one tick keeps its order."""
    return sorted(messages, key=lambda timed: timed[0])


def trim_unisons(notes: NDArray[np.int32]) -> NDArray[np.int32]:
    """End each note where the next of its pitch begins; of two at once the longer stays.

    One key of a MIDI channel sounds once at a time.
    """
    by_pitch = notes[
        np.lexsort((notes[:, VELOCITY], notes[:, DURATION], notes[:, START], notes[:, PITCH]))
    ]
    same_pitch = by_pitch[1:, PITCH] == by_pitch[:-1, PITCH]
    gap = by_pitch[1:, START] - by_pitch[:-1, START]
    trimmed = by_pitch.copy()
    trimmed[:-1, DURATION][same_pitch] = np.minimum(by_pitch[:-1, DURATION], gap)[same_pitch]
    return note_array(trimmed[trimmed[:, DURATION] > 0])


def encode(messages: Iterable[Timed], now: int = 0) -> bytes:
    """Join messages, in order of time, to the body of a track; the first counts from tick `now`."""
    encoded = bytearray()
    for tick, message in messages:
        encoded += encode_delta(tick - now)
        encoded += message
        now = tick
    return bytes(encoded)


def track_body(messages: list[Timed], end_tick: int, now: int = 0) -> bytes:
    """Return the body of a track that ends at `end_tick`, or with its last message if later.

    Args:
        messages: In order of time.
        end_tick: Where it ends at the earliest.
        now: The tick that the first message is counted from.
    """
    last_tick = messages[-1][0] if messages else 0
    return encode([*messages, end_message(max(end_tick, last_tick))], now)


def encode_delta(ticks: int) -> bytes:
    """Write a time between messages as a variable-length number."""
    groups = [ticks & 0x7F]
    while ticks := ticks >> 7:
        groups.append(0x80 | ticks & 0x7F)
    return bytes(reversed(groups))
