"""The messages that bring a channel from one state to another."""

from collections.abc import Callable, Iterator

import mido

from meloformer.midi.channel_state import (
    ADDRESS,
    BANK,
    BANK_LSB,
    BEND,
    KEY_PRESSURE,
    MASTER_VOLUME,
    MONO,
    NON_REGISTERED,
    PART_LEVEL,
    PRESSURE,
    PROGRAM,
    REGISTERED,
    SYSTEM_MODE,
    State,
    default_of,
    value_in,
)
from meloformer.midi.sysex import for_channel, framed, master_message, part_level_message

_MASK = (1 << 14) - 1
_LEFT_ALONE = (BANK, BANK_LSB, 84)
"""Controllers that are set with the program, and the glide to the next note."""


def settle(
    channel: int, have: State, want: State, message_of: Callable[[int], bytes]
) -> Iterator[bytes]:
    """Make the messages that bring a channel from one state to another; none where they agree.

    What is set and is not to be is set to what General MIDI begins with. Programs come first, then
    numbered parameters, bends, and controllers.

    Args:
        channel: Whose state it is.
        have: What is in force.
        want: What is to be.
        message_of: Returns the contents of the system exclusive message that a value stands for.
    """
    changed = {
        parameter: value_in(want, parameter)
        for parameter in have.keys() | want.keys()
        if _differ(parameter, have, want)
    }
    for parameter in sorted(changed, key=_place):
        value = changed[parameter]
        if parameter == PROGRAM:
            yield from _program_messages(channel, have, value)
        elif parameter >= ADDRESS:
            yield for_channel(message_of(value), channel)
        elif parameter == SYSTEM_MODE:
            yield framed(message_of(value))
        elif parameter >= PART_LEVEL:
            yield part_level_message(parameter - PART_LEVEL, channel, value)
        elif parameter >= MASTER_VOLUME:
            yield master_message(parameter - MASTER_VOLUME, value)
        else:
            yield from _channel_messages(channel & 15, parameter, value)
    if any(REGISTERED <= parameter < MASTER_VOLUME for parameter in changed):
        # None is chosen any more, so that no later data is taken for theirs.
        yield from (_control(channel & 15, number, 127) for number in (101, 100))


def settled(have: State, want: State) -> dict[int, int]:
    """Return the state after the messages of `settle`."""
    after = dict(have) | dict(want)
    for parameter in have.keys() - want.keys() - set(_LEFT_ALONE):
        if parameter < SYSTEM_MODE:
            after[parameter] = default_of(parameter)
    if PROGRAM in after:
        after[BANK], after[BANK_LSB] = after[PROGRAM] >> 14, after[PROGRAM] >> 7 & 127
    return after


def _differ(parameter: int, have: State, want: State) -> bool:
    if parameter in _LEFT_ALONE:
        return False
    if parameter not in want:
        return parameter < SYSTEM_MODE and have[parameter] != default_of(parameter)
    if parameter == PROGRAM and parameter not in have:
        return want[parameter] != 0
    return have.get(parameter) != want[parameter]


def _place(parameter: int) -> tuple[int, int]:
    """Order parameters: the whole instrument, program, numbered ones, bends, controllers."""
    if parameter >= MASTER_VOLUME:
        return (1, parameter) if parameter == SYSTEM_MODE else (2, parameter)
    if parameter in (PROGRAM, MONO):
        return 3, parameter
    return (4 if parameter >= REGISTERED else 5 if parameter >= PROGRAM else 6), parameter


def _program_messages(channel: int, have: State, packed: int) -> Iterator[bytes]:
    for controller, bank in ((BANK, packed >> 14), (BANK_LSB, packed >> 7 & 127)):
        if have.get(controller, 0) != bank:
            yield _control(channel & 15, controller, bank)
    yield _bytes("program_change", channel=channel & 15, program=packed & 127)


def _channel_messages(channel: int, parameter: int, value: int) -> Iterator[bytes]:
    if parameter >= REGISTERED:
        high = 101 if parameter < NON_REGISTERED else 99
        number = parameter & _MASK
        yield _control(channel, high, number >> 7)
        yield _control(channel, high - 1, number & 127)
        yield _control(channel, 6, value >> 7)
        if parameter < NON_REGISTERED or value & 127:
            yield _control(channel, 38, value & 127)
    elif parameter >= KEY_PRESSURE:
        yield _bytes("polytouch", channel=channel, note=parameter - KEY_PRESSURE, value=value)
    elif parameter == MONO:
        yield _control(channel, 126 if value else 127, max(0, value - 1))
    elif parameter == PRESSURE:
        yield _bytes("aftertouch", channel=channel, value=value)
    elif parameter == BEND:
        yield _bytes("pitchwheel", channel=channel, pitch=value - default_of(BEND))
    else:
        yield _control(channel, parameter, value)


def _control(channel: int, controller: int, value: int) -> bytes:
    return _bytes("control_change", channel=channel, control=controller, value=value)


def _bytes(kind: str, **values: int) -> bytes:
    return bytes(mido.Message(kind, **values).bytes())
