"""The key of a piece, spelled as a musician writes it.

The profiles are those of Temperley, "What's Key for Key?" (Music Perception 17, 1999), who
corrected Krumhansl and Kessler's (1982), whose high tonic-to-dominant ratio mistakes minor for its
relative major; the method, correlating them with the durations of the twelve pitch classes, is
Krumhansl and Schmuckler's.
"""

import numpy as np
from numpy.typing import NDArray

from meloformer.score.score import DURATION, PITCH, Score

_MAJOR_PROFILE = np.array([5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0])
_MINOR_PROFILE = np.array([5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0])

# The spelling with fewer signs in the key signature; of F# and Gb major, with six each, F#.
_MAJOR_KEYS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_KEYS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")

KEY_NAMES: tuple[str, ...] = (
    *(f"{tonic} major" for tonic in _MAJOR_KEYS),
    *(f"{tonic} minor" for tonic in _MINOR_KEYS),
)
"""The 12 major keys from C up, then the 12 minor keys. (24,)"""


def pitch_class_durations(score: Score) -> NDArray[np.int64]:
    """Ticks each pitch class sounds in all tracks but the drums. (12,)"""
    ticks = np.zeros(12, dtype=np.int64)
    for track in score.tracks:
        if not track.is_drum:
            np.add.at(ticks, track.notes[:, PITCH] % 12, track.notes[:, DURATION])
    return ticks


def estimate_key(score: Score) -> str:
    """The key whose profile fits the sounding pitch classes best, such as "A minor".

    Returns:
        One of `KEY_NAMES`, or "" if nothing pitched sounds, or every pitch class as long.
    """
    ticks = pitch_class_durations(score).astype(np.float64)
    centred = ticks - ticks.mean()
    if not centred.any():
        return ""
    profiles = np.stack(
        [np.roll(profile, tonic) for profile in (_MAJOR_PROFILE, _MINOR_PROFILE) for tonic in range(12)]
    )  # (24, 12)
    profiles -= profiles.mean(axis=1, keepdims=True)
    fit = profiles @ centred / np.linalg.norm(profiles, axis=1)
    return KEY_NAMES[int(fit.argmax())]
