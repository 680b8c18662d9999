"""OSC messages as datagrams, read and written by python-osc.

Its servers match what they receive as patterns, and sleep until the time that a bundle names; both
are the sender's choice. Here an address is an address, and a message is for now.
"""

import struct
from dataclasses import dataclass

from meloformer.errors import ConfigError

MAX_BYTES = 8_192
"""Of a datagram; longer ones are not read."""
MAX_TEXT = 1_000
"""Characters of a text in a message."""
OscValue = str | int | float


@dataclass(frozen=True, slots=True)
class OscCall:
    """One message: what is asked for, and with what."""

    address: str
    values: tuple[OscValue, ...]


def read_calls(datagram: bytes) -> list[OscCall]:
    """Return the messages in a datagram, those in bundles one after the other.

    Raises:
        ConfigError: It is none, is too long, or has values that are neither numbers nor texts.
    """
    from pythonosc.osc_packet import OscPacket, ParseError

    if len(datagram) > MAX_BYTES:
        raise ConfigError(f"A message has at most {MAX_BYTES:,} bytes.")
    try:
        packet = OscPacket(datagram)
        calls = [OscCall(one.message.address, tuple(one.message.params)) for one in packet.messages]
    except (
        ParseError,
        ValueError,
        IndexError,
        OverflowError,
        RecursionError,
        struct.error,
    ) as error:
        raise ConfigError("This is no OSC message.") from error
    for call in calls:
        for value in call.values:
            if not isinstance(value, str | int | float) or isinstance(value, bool):
                raise ConfigError("Messages have numbers and texts only.")
            if isinstance(value, str) and len(value) > MAX_TEXT:
                raise ConfigError(f"A text has at most {MAX_TEXT:,} characters.")
    return calls


def datagram_of(address: str, *values: OscValue) -> bytes:
    """Return a message as a datagram."""
    from pythonosc.osc_message_builder import OscMessageBuilder

    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)
    return bytes(builder.build().dgram)
