"""Channels that play drums: the tenth, and those that a file turns into drums.

Yamaha's XG and General MIDI 2 choose drums by the bank of a program; Roland's GS and XG can also
set the mode of a part. Some programs write drums on any channel, under a name that says so.

Axes: E messages, N notes.
"""

import re

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.events import CHANNELS_OF_PORT, CONTROL, DRUM_CHANNEL, PROGRAM, Events
from meloformer.midi.sysex import channel_of_block, is_reset, to_any_device

_SYSEX = 0xF0
_BANK = 0
"""The controller that chooses a bank."""
_XG_BANKS, _GM2_DRUMS, _GM2_MELODY = (126, 127), 120, 121
_GS, _XG = b"\x41\x42\x12", b"\x43\x4c"
"""How messages of the two makers begin, the device number left out."""
_GS_PORTS = (b"\x40", b"\x50")
"""How the addresses of parts begin, by the port that plays them."""
_XG_PARTS = 64
"""Of all ports."""
_END = b"\xf7"
_GS_RESET, _XG_RESET = _GS + b"\x40\x00\x7f", _XG + b"\x00\x00\x7e"

_HAND_DRUMS = (
    r"percus|perkus|\bperc\b|tambour|shaker|conga|bongo|cowbell|\bclaves?\b|maraca|g[uü]iro|cabasa"
    r"|\btabla|caj[oó]n|djembe"
)
_HAND_DRUM_WORDS = re.compile(_HAND_DRUMS, re.IGNORECASE)
_DRUM_WORDS = re.compile(
    r"drum|\bkit\b|schlagz|schlagw|slagv|slagw|trommel|trummo|rummut|batter|bater[ií]a|tambor|bębn"
    r"|bicí|барабан|ударн|ドラム|打楽器|鼓|打击|打擊|드럼|타악|\bkick|\bsnare|\brim\b|rim ?shot"
    r"|becken|caisse|\bcaixa|\bcaja|cassa\b|rullante|\bbombo|\bbumbo|piatt[io]|platillo|\bpratos?\b"
    r"|chimbal|\bbd\b|\bsd\b|\bhh\b|side ?stick|hi-?\s?hat|\bhats?\b|cymbal"
    r"|\btoms?\b|\bclaps?\b|\bride\b|\bcrash\b|\bbeats?\b|" + _HAND_DRUMS,
    re.IGNORECASE,
)
_PITCHED_DRUMS = re.compile(r"steel|kettle|timpani", re.IGNORECASE)
_PLAUSIBLE_PROGRAMS = (0, *range(115, 120))
"""What programs set for drums that they write on another channel: none, or something struck."""
_KEYS, _USUAL_KEYS = range(27, 88), range(35, 60)
_MOSTLY = 0.8
_FEW_KEYS = 6
"""Tracks of drums played by hand have no more, and theirs lie above those of a kit."""


def drum_notes(events: Events, on: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Find which notes play in a channel that is set to drums.

    Args:
        events: All messages.
        on: The messages that begin notes. (N,).
    """
    channels = events.channel[on]
    is_drum: NDArray[np.bool_] = channels % CHANNELS_OF_PORT == DRUM_CHANNEL
    for channel, changes in _mode_changes(events).items():
        own = np.flatnonzero(channels == channel)
        ticks = np.array([tick for tick, _ in changes])
        modes = np.array([_is_drum_channel(channel), *(mode for _, mode in changes)])
        is_drum[own] = modes[np.searchsorted(ticks, events.tick[on[own]], side="right")]
    return is_drum


def _is_drum_channel(channel: int) -> bool:
    """Check if a channel plays drums as long as nothing is said."""
    return channel % CHANNELS_OF_PORT == DRUM_CHANNEL


def is_drum_track(name: str, program: int, pitches: NDArray[np.integer]) -> bool:
    """Check if notes are drums that were written on another channel, going by the track's name.

    Args:
        name: Of the track.
        program: That the notes have.
        pitches: Of all notes. (N,).
    """
    if program not in _PLAUSIBLE_PROGRAMS or not _DRUM_WORDS.search(name):
        return False
    if _PITCHED_DRUMS.search(name):
        return False
    is_kit = np.isin(pitches, _USUAL_KEYS).mean() >= _MOSTLY
    by_hand = _HAND_DRUM_WORDS.search(name) and len(np.unique(pitches)) <= _FEW_KEYS
    return bool(np.isin(pitches, _KEYS).all() and (is_kit or by_hand))


def _mode_changes(events: Events) -> dict[int, list[tuple[int, bool]]]:
    """Collect, by channel, the ticks at which it is set to drums or to melody, in order.

    Only channels that are ever set to what they are not by default are there.
    """
    kind, channels = events.kind, events.channel
    is_bank = (kind == CONTROL) & (events.data1 == _BANK)
    is_sysex = events.status == _SYSEX
    if not is_bank.any() and not is_sysex.any():
        return {}
    rows = np.flatnonzero(is_bank | (kind == PROGRAM) | is_sysex)
    banks: dict[int, tuple[int, int]] = {}  # when, and which
    fixed: set[int] = set()  # by the mode of a part, which outlasts banks
    changes: dict[int, list[tuple[int, bool]]] = {}
    is_gs = False
    for row in rows[np.argsort(events.tick[rows], kind="stable")].tolist():
        tick, channel = int(events.tick[row]), int(channels[row])
        if is_sysex[row]:
            contents = events.buffer[events.payload[row] : events.end[row]]
            is_gs = (is_gs or _is_reset(contents, _GS_RESET)) and not _is_reset(contents, _XG_RESET)
            if is_reset(to_any_device(contents)):
                banks = {of: bank for of, bank in banks.items() if bank[0] == tick}
                fixed -= _set_back(changes, tick)
            mode = _part_mode(contents)
            if mode is not None:
                port = int(events.port[row]) if mode[0] < CHANNELS_OF_PORT else 0
                channel = port * CHANNELS_OF_PORT + mode[0]
                fixed.add(channel)
                changes.setdefault(channel, []).append((tick, mode[1]))
        elif is_bank[row]:
            banks[channel] = tick, int(events.data2[row])
        elif channel in banks and channel not in fixed:
            is_drum = _is_drum_bank(banks[channel][1], channel, is_gs)
            changes.setdefault(channel, []).append((tick, is_drum))
    return {
        channel: modes
        for channel, modes in changes.items()
        if any(mode != _is_drum_channel(channel) for _, mode in modes)
    }


def _set_back(changes: dict[int, list[tuple[int, bool]]], tick: int) -> set[int]:
    """Set channels back to what they play by default, as a reset does; at its tick they stay.

    Returns:
        The channels that were set before.
    """
    earlier = {channel for channel, modes in changes.items() if modes[-1][0] < tick}
    for channel in earlier:
        changes[channel].append((tick, _is_drum_channel(channel)))
    return earlier


def _is_reset(contents: bytes, reset: bytes) -> bool:
    """Check if a message is a maker's reset, to whatever device."""
    return (contents[:1] + contents[2:]).startswith(reset)


def _is_drum_bank(bank: int, channel: int, is_gs: bool) -> bool:
    """Check if a program of a bank is a drum kit; to GS, bank 127 is that of an older melody."""
    if _is_drum_channel(channel):
        return bank != _GM2_MELODY
    return bank == _GM2_DRUMS or (bank in _XG_BANKS and not is_gs)


def _part_mode(contents: bytes) -> tuple[int, bool] | None:
    """Read a message that sets a part to drums or to melody.

    Returns:
        Its channel, behind 16 that of the next port, and whether it plays drums; `None` if the
        message is another.
    """
    written = contents.removesuffix(_END)
    if contents[:1] + contents[2:4] == _GS and contents[4:5] in _GS_PORTS:
        values = written[7:-1] or written[7:8]  # with a check sum, or without
        block, value = contents[5:6], _written_at(0x15, contents[6:7], values)
        if value is not None and block[0] & 0xF0 == 0x10:
            port = _GS_PORTS.index(contents[4:5])
            return port * CHANNELS_OF_PORT + channel_of_block(block[0] & 0x0F), value > 0
    if contents[:1] + contents[2:3] == _XG and contents[3:4] == b"\x08":
        part, value = contents[4:5], _written_at(0x07, contents[5:6], written[6:])
        if value is not None and part[0] < _XG_PARTS:
            return part[0], value > 0
    return None


def _written_at(address: int, first: bytes, values: bytes) -> int | None:
    """Return what is written to an address; several values go to those from the first on."""
    at = address - first[0] if first else -1
    return values[at] if 0 <= at < len(values) else None
