"""The state of a MIDI channel: what is in force there, parameter by parameter.

A parameter is a number: a controller is its own, and every other kind has a range of numbers above
those of the controllers. What is valid for all channels, such as the master volume, belongs to
`ALL_CHANNELS`.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

BANK, BANK_LSB = 0, 32
VOLUME, PAN, EXPRESSION, SUSTAIN, SOSTENUTO, HOLD, TIMBRE = 7, 10, 11, 64, 66, 69, 74
"""Controllers."""
PROGRAM: Final = 1 << 14
"""Its value is a sound: program and bank, as `sound` packs them."""
BEND: Final = 2 << 14
PRESSURE: Final = 3 << 14
"""Aftertouch of the whole channel."""
MONO: Final = 4 << 14
"""0 where several notes may sound at once, else the data byte of the mono mode and 1."""
KEY_PRESSURE: Final = 5 << 14
"""Aftertouch of one key, its pitch added."""
REGISTERED: Final = 6 << 14
"""A registered parameter (RPN), its 14-bit number added; the value has 14 bits."""
NON_REGISTERED: Final = 7 << 14
"""A parameter of a maker (NRPN), in the same way."""
MASTER_VOLUME: Final = 8 << 14
"""Volume of the whole instrument, its way of being said added: see `sysex`."""
PART_LEVEL: Final = MASTER_VOLUME + (1 << 13)
"""Volume of a channel as a system exclusive message writes it, its maker added: see `sysex`."""
SYSTEM_MODE: Final = 9 << 14
"""The last reset of the whole instrument; the value is the row of its message."""
ADDRESS: Final = 10 << 14
"""What a system exclusive message writes to an address of a maker's, a number for each address
added; the value is the row of the message."""

ALL_CHANNELS: Final = -1
UNSET: Final = -1
"""The value of what no message has set since the beginning or a reset."""
BEND_CENTRE: Final = 0x2000
BEND_RANGE, FINE_TUNING, COARSE_TUNING = REGISTERED, REGISTERED + 1, REGISTERED + 2

PEDALS_UP: Final = (SUSTAIN, SOSTENUTO, HOLD)
"""What holds notes beyond their ends: never pressed for new notes, whose lengths say it all."""
LEVELS: Final = (2, VOLUME, EXPRESSION)
"""Controllers that a piece fades out with; the first is breath."""

State: TypeAlias = Mapping[int, int]
"""What is set in one channel: values by parameter; 0 to 127, of a bend 0 to 16,383."""

_DEFAULTS: Final = {
    VOLUME: 100,
    8: 64,
    PAN: 64,
    EXPRESSION: 127,
    **dict.fromkeys(range(70, 80), 64),
    91: 40,
    BEND: BEND_CENTRE,
    BEND_RANGE: 2 << 7,
    FINE_TUNING: BEND_CENTRE,
    COARSE_TUNING: BEND_CENTRE,
}


def default_of(parameter: int) -> int:
    """Return the value that General MIDI gives a parameter that nobody sets."""
    if NON_REGISTERED <= parameter < MASTER_VOLUME:
        return BEND_CENTRE  # makers count from the middle
    if PART_LEVEL <= parameter < SYSTEM_MODE:
        return _DEFAULTS[VOLUME]
    if MASTER_VOLUME <= parameter < PART_LEVEL:  # the makers' have 7 bits
        return (1 << 14) - 1 if parameter == MASTER_VOLUME else 127
    return _DEFAULTS.get(parameter, 0)


def value_in(state: State, parameter: int) -> int:
    """Return the value in force, set or not."""
    return state.get(parameter, default_of(parameter))


def sound(program: int, bank: int = 0, bank_lsb: int = 0) -> int:
    """Pack a program and its bank into one value."""
    return bank << 14 | bank_lsb << 7 | program


def program_of(packed: int) -> int:
    """Return the program of a sound, 0 to 127."""
    return packed & 127


def is_reset_by_controller(parameter: int) -> bool:
    """Check if controller 121 brings a parameter to rest; volume, pan and programs stay."""
    if KEY_PRESSURE <= parameter < REGISTERED:
        return True
    return parameter in (1, 2, EXPRESSION, 64, 65, 66, 67, 68, HOLD, BEND, PRESSURE)
