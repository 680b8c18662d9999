"""Where instruments are at home: the pitches of a new part, and the keys of a new drummer.

Sounding ranges that players and arrangers count on, not the extremes an instrument can reach.
"""

import numpy as np
from numpy.typing import NDArray

_FAMILY_RANGES = (
    (28, 96),  # pianos
    (53, 96),  # bells and mallets
    (36, 84),  # organs and accordions
    (40, 81),  # guitars
    (28, 57),  # basses
    (40, 88),  # solo strings and harp
    (36, 88),  # ensembles and voices
    (40, 80),  # brass
    (44, 86),  # saxophones and reeds
    (60, 96),  # flutes and whistles
    (48, 91),  # synth leads
    (36, 84),  # synth pads
    (36, 96),  # synth effects
    (45, 86),  # instruments of the world
    (40, 84),  # percussive
    (36, 84),  # sound effects
)
_PROGRAM_RANGES = {
    40: (55, 96),  # violin
    41: (48, 84),  # viola
    42: (36, 74),  # cello
    43: (28, 60),  # double bass
    47: (40, 57),  # timpani
    52: (43, 79),  # choir
    53: (43, 79),
    54: (43, 79),
    56: (55, 82),  # trumpet
    57: (40, 70),  # trombone
    58: (28, 58),  # tuba
    59: (55, 82),  # muted trumpet
    60: (41, 77),  # French horn
    64: (56, 86),  # soprano sax
    65: (49, 80),  # alto sax
    66: (44, 75),  # tenor sax
    67: (36, 68),  # baritone sax
    68: (58, 88),  # oboe
    69: (52, 79),  # English horn
    70: (34, 72),  # bassoon
    71: (50, 89),  # clarinet
    72: (74, 102),  # piccolo
    110: (55, 93),  # fiddle
}
_KIT = (35, 36, 37, 38, 39, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 53, 54, 57)


def home_range(program: int) -> NDArray[np.bool_]:
    """Return the pitches at which a General MIDI program is at home. (128,), bool."""
    low, high = _PROGRAM_RANGES.get(program, _FAMILY_RANGES[program // 8])
    pitches = np.zeros(128, dtype=bool)
    pitches[low : high + 1] = True
    return pitches


def standard_kit() -> NDArray[np.bool_]:
    """Return the keys of a drum kit as most pieces use it. (128,), bool."""
    keys = np.zeros(128, dtype=bool)
    keys[list(_KIT)] = True
    return keys
