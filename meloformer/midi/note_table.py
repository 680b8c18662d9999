"""The notes of a MIDI file, paired from note-ons and note-offs, and the part each belongs to.

Axes: E messages, R note-ons and note-offs, N notes, P parts.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meloformer.errors import ConfigError, MidiError
from meloformer.midi.container import MAX_BYTES
from meloformer.midi.drum_channels import drum_notes
from meloformer.midi.events import (
    CHANNELS_OF_PORT,
    CONTROL,
    DRUM_CHANNEL,
    NOTE_OFF,
    NOTE_ON,
    PROGRAM,
    Events,
)
from meloformer.midi.mpe import zone_channels
from meloformer.midi.resets import are_cleared, reset_ticks
from meloformer.phrases import phrase

PITCHED_CHANNELS: Final = tuple(
    channel for channel in range(CHANNELS_OF_PORT) if channel != DRUM_CHANNEL
)
MAX_NOTES = 200_000
MAX_PARTS = 256
ALL_NOTES_OFF: Final = (120, *range(123, 128))
"""Controllers that end all notes of their channel: all sound off, all notes off, and the modes."""
_INDEX_BITS: Final = 32
"""More than any place in a file needs."""
if MAX_BYTES >> _INDEX_BITS:
    raise ConfigError(
        phrase(
            "Files of {max_bytes} bytes may hold more than 2**{index_bits} messages.",
            max_bytes=MAX_BYTES,
            index_bits=_INDEX_BITS,
        )
    )
_LOST_QUARTERS = 4
"""A note whose end is lost, with no other note after it, is given a whole note at most."""


@dataclass(frozen=True, slots=True, order=True)
class Voice:
    """The place of one part's notes in the file."""

    track: int
    """Index of the MIDI track."""
    channel: int
    """As `Events.channel`; of an instrument that spreads over channels, the one that stands for
    all."""
    program: int
    is_drum: bool = False
    """Whether the channel plays drums."""


@dataclass(frozen=True, slots=True, eq=False)
class NoteTable:
    """All notes of a file. Every array is (N,)."""

    voices: tuple[Voice, ...]
    """Sorted. (P,)"""
    voice: NDArray[np.int64]
    """Index into `voices`."""
    channel: NDArray[np.int64]
    """In which the note itself is played; that of its voice may stand for several. As
    `Events.channel`."""
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    """At least one tick after the start."""
    pitch: NDArray[np.int64]
    velocity: NDArray[np.int64]
    start_event: NDArray[np.int64]
    """The message that begins the note."""
    end_event: NDArray[np.int64]
    """The message that ends the note; -1 where there is none."""


def read_notes(events: Events, ticks_per_quarter: int) -> NoteTable:
    """Pair note-ons with note-offs: on each key the first to begin is the first to end.

    On a key with more note-ons than note-offs a note ends at the next message of the key,
    whatever it is. All notes of a channel end when it is told so. A note has the program in force
    when it begins, set in its own track, else in any.

    Raises:
        MidiError: No notes, too many, or too many parts.
    """
    on, end_event = _pair(events)
    if not len(on):
        raise MidiError("The MIDI file has no notes.", hint="Choose a file with music in it.")
    if len(on) > MAX_NOTES:
        raise MidiError(
            phrase(
                "The piece has {count:,} notes; at most {max_notes:,} are read.",
                count=len(on),
                max_notes=MAX_NOTES,
            ),
            hint="Cut it into shorter files.",
        )
    start = events.tick[on]
    lost_end = np.minimum(
        start + _LOST_QUARTERS * ticks_per_quarter, _last_ticks(events)[events.track[on]]
    )
    end = np.where(end_event >= 0, events.tick[end_event], lost_end)
    end = np.minimum(end, _all_off_ticks(events, on))
    voices, voice = _voices(events, on)
    return NoteTable(
        voices=voices,
        voice=voice,
        channel=events.channel[on],
        start=start,
        end=np.maximum(end, start + 1),
        pitch=events.data1[on].astype(np.int64),
        velocity=events.data2[on].astype(np.int64),
        start_event=on,
        end_event=end_event,
    )


def _last_ticks(events: Events) -> NDArray[np.int64]:
    """Find the tick of the last message of every track."""
    last_of_track = np.flatnonzero(np.diff(events.track, append=-1))
    last = np.zeros(int(events.track[-1]) + 1, dtype=np.int64)
    last[events.track[last_of_track]] = events.tick[last_of_track]
    return last


def _all_off_ticks(events: Events, on: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find when all notes of each note's channel are ended next; far away if never. (N,)."""
    far = np.iinfo(np.int64).max
    rows = np.flatnonzero((events.kind == CONTROL) & np.isin(events.data1, ALL_NOTES_OFF))
    if not len(rows):
        return np.full(len(on), far)
    span = int(events.tick.max()) + 1
    at, begin = (events.channel[r] * span + events.tick[r] for r in (rows, on))
    at = np.append(np.sort(at), far)
    following = at[np.searchsorted(at, begin, side="right")]
    ticks: NDArray[np.int64] = np.where(following // span == begin // span, following % span, far)
    return ticks


def _pair(events: Events) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find each note-on, and the message that ends its note, or -1. (N,) each."""
    kind = events.kind
    rows = np.flatnonzero((kind == NOTE_OFF) | (kind == NOTE_ON))
    key = _place(events, rows) * 128 + events.data1[rows]
    # Sorted as one number, in which the key is over the place in the file.
    key, rows = _unpacked(np.sort(_packed(key, rows)))
    on = (kind[rows] == NOTE_ON) & (events.data2[rows] > 0)
    not_stray = _not_stray(key, on)
    if not not_stray.all():
        key, rows, on = key[not_stray], rows[not_stray], on[not_stray]
    if not len(rows):
        return rows, rows
    first_of_key = np.flatnonzero(np.diff(key, prepend=-1))
    sizes = np.diff(first_of_key, append=len(rows))
    surplus = np.add.reduceat(np.where(on, 1, -1), first_of_key)
    is_even = np.repeat(surplus == 0, sizes)
    end = np.full(len(rows), -1)
    # Where every note-on has its note-off, the k-th note of a key ends with the k-th note-off.
    end[is_even & on] = rows[is_even & ~on]
    if not is_even.all():
        following = np.append(rows[1:], -1)
        following[np.append(first_of_key[1:], len(rows)) - 1] = -1
        end[~is_even] = following[~is_even]
    starts, ends = _unpacked(np.sort(_packed(rows[on], end[on] + 1)))
    return starts, ends - 1


def _place(events: Events, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the track and channel of some messages, in this order."""
    place: NDArray[np.int64] = events.track[rows] * _num_channels(events) + events.channel[rows]
    return place


def _num_channels(events: Events) -> int:
    return (int(events.port.max(initial=0)) + 1) * CHANNELS_OF_PORT


def _packed(high: NDArray[np.int64], low: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pack two numbers in one, to be sorted by the first and then the second."""
    return high << _INDEX_BITS | low


def _unpacked(packed: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return packed >> _INDEX_BITS, packed & (1 << _INDEX_BITS) - 1


def _not_stray(key: NDArray[np.int64], on: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark note-offs of keys that do not sound as False. Rows sorted by key, then time. (R,)."""
    change = np.diff(key, prepend=-1) != 0
    group = np.cumsum(change)
    step = np.where(on, 1, -1)
    level = np.cumsum(step)
    level -= (level - step)[change][group - 1]
    if (level >= 0).all():
        return np.ones(len(key), dtype=bool)
    # Each key far below the last, so that one running minimum serves all of them.
    floor = -group * (2 * len(key) + 1)
    lowest = np.minimum.accumulate(np.minimum(level, 0) + floor)
    lowest_before = np.where(change, floor, np.roll(lowest, 1)) - floor
    not_stray: NDArray[np.bool_] = on | (level >= lowest_before)
    return not_stray


def _voices(events: Events, on: NDArray[np.int64]) -> tuple[tuple[Voice, ...], NDArray[np.int64]]:
    """Find the voices of the file, and which of them plays each note."""
    zone = zone_channels(events, on)
    is_drum = drum_notes(events, on) & (zone < 0)
    channel = np.where(zone < 0, events.channel[on], zone)
    num_channels = _num_channels(events)
    place = events.track[on] * num_channels + channel
    name = (place * 128 + _programs(events, on, zone)) * 2 + is_drum
    found, voice = np.unique(name, return_inverse=True)
    if len(found) > MAX_PARTS:
        raise MidiError(
            phrase(
                "The piece has {count:,} parts; at most {max_parts} are read.",
                count=len(found),
                max_parts=MAX_PARTS,
            ),
            hint="Merge some of its tracks.",
        )
    voices = tuple(
        Voice(v // (256 * num_channels), (v >> 8) % num_channels, v >> 1 & 127, bool(v & 1))
        for v in found.tolist()
    )
    return voices, voice


def _programs(events: Events, on: NDArray[np.int64], zone: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find the program in force at each note-on: set in its own track, else in any, else 0.

    Where a channel speaks for those of its instrument, its program is that of all which have none
    of their own. A reset of the instrument sets all programs to 0.
    """
    changes = np.flatnonzero(events.kind == PROGRAM)
    if not len(changes):
        return np.zeros(len(on), dtype=np.int64)
    # One ascending number for (track and channel, order in the file), and for (channel, tick).
    span = len(events.tick)
    own_change, own_on = (_place(events, at) * span + at for at in (changes, on))
    found, is_set = _last_before(own_change, own_on, span)
    span = int(events.tick.max()) + 1
    shared_change = events.channel[changes] * span + events.tick[changes]
    for channel in (zone, events.channel[on]):
        if is_set.all() or channel.max() < 0:
            continue
        at = np.where(channel < 0, -1, channel * span + events.tick[on])
        in_any, is_set_in_any = _last_before(shared_change, at, span)
        found = np.where(is_set, found, in_any)
        is_set = is_set | is_set_in_any
    last = changes[found]
    is_set &= ~are_cleared(events.tick[last], events.tick[on], reset_ticks(events))
    return np.where(is_set, events.data1[last].astype(np.int64), 0)


def _last_before(
    keys: NDArray[np.int64], at: NDArray[np.int64], span: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Find the last key not after each place, and whether it is of the same span."""
    order = np.argsort(keys, kind="stable")
    last = np.searchsorted(keys[order], at, side="right") - 1
    index = order[np.maximum(last, 0)]
    return index, (last >= 0) & (keys[index] // span == at // span)
