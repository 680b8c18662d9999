"""System exclusive messages that set the state of channels: resets, volumes, addresses.

Known are those of General MIDI and of the two makers whose dialects files are written in: Roland
(GS) and Yamaha (XG). Contents are those of a message without its first byte and its length.
"""

from typing import Final

from meloformer.midi.channel_state import ALL_CHANNELS

MASTERS: Final = (b"\x7f\x7f\x04\x01", b"\x41\x10\x42\x12\x40\x00\x04", b"\x43\x10\x4c\x00\x00\x04")
"""How messages of a master volume begin: of any instrument (14 bits), Roland's, Yamaha's (7)."""
PART_LEVELS: Final = (b"\x41\x10\x42\x12\x40\x10\x19", b"\x43\x10\x4c\x08\x00\x0b")
"""The addresses, as `address_of` names them, of the volume of a part: Roland's, Yamaha's."""

_END = b"\xf7"
_GS_RESETS = (b"\x40\x00\x7f", b"\x00\x00\x7f")
_XG_RESETS = (b"\x00\x00\x7e", b"\x00\x00\x7f")
_GS, _XG = b"\x41\x10\x42\x12", b"\x43\x10\x4c"
_ANY_DEVICE: Final = {0x41: 0x10, 0x43: 0x10, 0x7E: 0x7F, 0x7F: 0x7F}
"""The device number that a message is given here, by its first byte: to whom it goes is no
difference in what it sets."""


def to_any_device(contents: bytes) -> bytes:
    """Return a message as if sent to the usual device, so that two that set the same are equal."""
    if len(contents) < 2 or contents[0] not in _ANY_DEVICE:
        return contents
    if contents[0] == 0x43 and contents[1] & 0xF0 != 0x10:
        return contents
    return bytes((contents[0], _ANY_DEVICE[contents[0]])) + contents[2:]


def is_reset(contents: bytes) -> bool:
    """Check if a message sets a whole instrument back: GM, GM2, GS, XG, MT-32."""
    if contents[:1] == b"\x7e":
        return contents[2:3] == b"\x09" and contents[3:4] in (b"\x01", b"\x02", b"\x03")
    if contents.startswith(_GS):
        return contents[4:7] in _GS_RESETS
    if contents.startswith(b"\x41\x10\x16\x12"):
        return contents[4:5] == b"\x7f"
    return contents.startswith(_XG) and contents[3:6] in _XG_RESETS


def master_volume(contents: bytes) -> tuple[int, int] | None:
    """Return which of `MASTERS` a message is, and its volume; `None` if it is none."""
    for index, begins in enumerate(MASTERS):
        data = contents[len(begins) :]
        if contents.startswith(begins) and data:
            return (index, data[0] | data[1] << 7) if index == 0 and data[1:] else (index, data[0])
    return None


def master_message(index: int, volume: int) -> bytes:
    """Make a message of a master volume, with its first byte, its length and its last byte."""
    if index == 0:
        return framed(MASTERS[0] + bytes((volume & 127, volume >> 7)) + _END)
    begins = MASTERS[index]
    return framed(_summed(begins + bytes((volume,)) + _END))


def part_level(contents: bytes) -> tuple[int, int, int] | None:
    """Return which of `PART_LEVELS` a message writes, the channel, and the volume."""
    own = address_of(contents)
    if own is None or own[1] not in PART_LEVELS:
        return None
    channel, address = own
    written = contents[len(address) :].removesuffix(_END)
    is_alone = len(written) == 1 + address.startswith(_GS)  # with a check sum
    return (PART_LEVELS.index(address), channel, written[0]) if is_alone else None


def part_level_message(index: int, channel: int, volume: int) -> bytes:
    """Make a message of the volume of a part, with its first byte, length and last byte."""
    summed = b"\0" if PART_LEVELS[index].startswith(_GS) else b""
    return for_channel(PART_LEVELS[index] + bytes((volume,)) + summed + _END, channel)


def address_of(contents: bytes) -> tuple[int, bytes] | None:
    """Find what a message writes to.

    Returns:
        The channel whose part it is, or `ALL_CHANNELS`; and the address, which is the same for all
        channels. `None` if the message is not known to set anything.
    """
    if contents.startswith(_GS) and len(contents) >= 10:
        block = contents[5]
        if contents[4] == 0x40 and block >= 0x10:
            return channel_of_block(block & 15), contents[:5] + bytes((block & 0xF0, contents[6]))
        return ALL_CHANNELS, contents[:7]
    if contents.startswith(_XG) and len(contents) >= 7:
        if contents[3] == 0x08 and contents[4] < 16:
            return contents[4], contents[:4] + b"\x00" + contents[5:6]
        return ALL_CHANNELS, contents[:6]
    if contents[:1] == b"\x7f" and contents[2:3] == b"\x04" and len(contents) >= 6:
        # Of the global parameters the number comes right before the value.
        return ALL_CHANNELS, contents[:-2] if contents[3] == 5 else contents[:4]
    return None


def for_channel(contents: bytes, channel: int) -> bytes:
    """Return a message, framed, as it is for the part of another channel."""
    own = address_of(contents)
    if own is None or own[0] == ALL_CHANNELS:
        return framed(contents)
    moved = bytearray(contents)
    if contents.startswith(_GS):
        moved[5] = contents[5] & 0xF0 | _block_of_channel(channel)
    else:
        moved[4] = channel & 15
    return framed(_summed(bytes(moved)))


def framed(contents: bytes) -> bytes:
    """Put first byte and length before a message, as a MIDI file has it."""
    size = len(contents)
    groups = [size & 0x7F]
    while size := size >> 7:
        groups.append(0x80 | size & 0x7F)
    return bytes((0xF0, *reversed(groups))) + contents


def _summed(contents: bytes) -> bytes:
    """Put the right check sum into a message of Roland's; others have none."""
    if not contents.startswith(_GS):
        return contents
    body = contents[4:].removesuffix(_END)
    body = body[:-1] if len(body) > 4 else body
    return contents[:4] + body + bytes((-sum(body) & 127,)) + _END


def channel_of_block(block: int) -> int:
    """Return the channel of a block of Roland's, in which the tenth comes first."""
    return 9 if block == 0 else block - (block <= 9)


def _block_of_channel(channel: int) -> int:
    channel &= 15
    return 0 if channel == 9 else channel + (channel < 9)
