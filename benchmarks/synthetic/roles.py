"""The roles in a made-up band: rhythm, register and instruments of each.

A bar of sixteenths has steps of five classes: the downbeat, strong beats, back beats, eighths off
the beat, and sixteenths. A line of music says how likely it starts a note on each.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmarks.synthetic.song import DRUMS

STEPS = 16
"""Sixteenths of the longest bar."""
METRES = ((4, 4), (3, 4), (6, 8), (2, 4))
METRE_SHARES = (0.85, 0.08, 0.05, 0.02)
METRE_STEPS = np.array([16, 12, 12, 8])
X = 5
"""Class of a step beyond the bar."""
STEP_CLASSES = np.array(
    [
        [0, 4, 3, 4, 2, 4, 3, 4, 1, 4, 3, 4, 2, 4, 3, 4],
        [0, 4, 3, 4, 2, 4, 3, 4, 2, 4, 3, 4, X, X, X, X],
        [0, 4, 3, 4, 3, 4, 2, 4, 3, 4, 3, 4, X, X, X, X],
        [0, 4, 3, 4, 2, 4, 3, 4, X, X, X, X, X, X, X, X],
    ]
)
"""Of each metre and step. (metres, STEPS)."""
ACCENTS = np.array([12, 6, 4, 0, -6])
"""Velocity added on steps of each class."""


@dataclass(frozen=True, slots=True)
class Line:
    """One rhythm of a part: a melody, a bass, or one drum of a kit."""

    chances: tuple[float, float, float, float, float]
    """Of a note on a step of each class."""
    base: int
    """Pitch of the tonic C, or of the drum."""
    offsets: tuple[int, int, int, int]
    """Drawn from for each step: degrees of the scale above the chord, or keys of the drum kit."""
    periods: tuple[int, int, int]
    """Drawn from: after so many bars of a section the rhythm repeats."""
    voices: int = 1
    """Notes at once."""
    walks: bool = False
    """Whether offsets are steps from note to note, and the chord does not matter."""
    is_drum: bool = False
    bars: Literal["all", "first", "last"] = "all"
    """Which bars of a section it plays in; in the last only the second half."""


@dataclass(frozen=True, slots=True)
class Role:
    """One part of a band."""

    lines: tuple[Line, ...]
    programs: tuple[int, ...]


_KIT = (
    Line((0.97, 0.70, 0.10, 0.30, 0.06), 36, (0, 0, 0, 0), (1, 2, 4), is_drum=True),
    Line((0.02, 0.05, 0.92, 0.06, 0.05), 38, (0, 0, 0, 2), (1, 2, 4), is_drum=True),
    Line((0.95, 0.95, 0.95, 0.80, 0.15), 42, (0, 0, 0, 4), (1, 1, 2), is_drum=True),
    Line((0.90, 0.00, 0.00, 0.00, 0.00), 49, (0, 0, 0, 8), (1, 2, 4), is_drum=True, bars="first"),
    Line((0.50, 0.50, 0.50, 0.60, 0.60), 41, (0, 4, 6, 7), (1, 2, 4), is_drum=True, bars="last"),
)
_BASS = Line((0.97, 0.70, 0.55, 0.35, 0.08), 36, (0, 0, 4, 7), (1, 2, 4))
_CHORDS = Line((0.85, 0.40, 0.35, 0.20, 0.05), 60, (0, 0, 0, 1), (1, 2, 4), voices=3)
_PAD = Line((0.95, 0.25, 0.02, 0.00, 0.00), 60, (0, 0, 0, 2), (1, 2, 4), voices=3)
_RIFF = Line((0.85, 0.75, 0.70, 0.60, 0.25), 60, (0, 2, 4, 7), (1, 2, 4))
_LEAD = Line((0.60, 0.60, 0.55, 0.40, 0.15), 72, (-1, 0, 1, 1), (2, 4, 8), walks=True)

DRUM_ROLE = Role(_KIT, (DRUMS,))
BASS_ROLE = Role((_BASS,), (32, 33, 33, 34, 35, 36, 38, 39))
OTHER_ROLES = (
    Role((_LEAD,), (0, 22, 26, 29, 30, 40, 56, 57, 65, 66, 68, 71, 73, 75, 80, 81)),
    Role((_CHORDS,), (0, 0, 1, 2, 4, 5, 16, 17, 18, 24, 25, 26, 27, 29, 30, 61)),
    Role((_RIFF,), (0, 6, 11, 12, 24, 25, 28, 45, 46, 80, 81, 87)),
    Role((_PAD,), (48, 48, 49, 50, 51, 52, 53, 88, 89, 90, 91, 95)),
)

SCALES = np.array([[0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 8, 10]])
"""Major and minor, in semitones."""
PROGRESSIONS = np.array(
    [[0, -3, -2, 3], [-2, 3, 0, -3], [0, 3, -3, -3], [0, -2, 3, -3], [1, -3, 0, 0], [0, 0, 3, -3],
     [0, 2, 3, -3], [0, -1, -2, -3], [0, 3, 0, -3], [-2, -3, 0, 1], [0, 0, 0, 3], [3, 2, 1, 0]]
)  # fmt: skip
"""Degrees that four chords stand on, from the tonic."""
