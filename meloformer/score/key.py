"""The key of a piece, spelled as a musician writes it.

The method is Krumhansl and Schmuckler's: correlate how long each pitch class sounds with a profile
of each key. The profiles are those of Albrecht and Shanahan, "The use of large corpora to train a
new type of key-finding algorithm" (Music Perception 31, 2013). On 195 Bach movements and 186 fiddle
tunes from music21's corpus they named 87 % of all keys right, and 71 % of the minor ones;
Temperley's (1999) named 81 % and 31 %, Krumhansl and Kessler's (1982) 80 % and 67 %.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from meloformer.score.score import DURATION, PITCH, Score

_MAJOR_PROFILE = (
    0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081,
)  # fmt: skip
_MINOR_PROFILE = (
    0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052,
)  # fmt: skip

# The spelling with fewer signs in the key signature; of F# and Gb major, with six each, F#.
_MAJOR_KEYS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_KEYS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")

KEY_NAMES: tuple[str, ...] = (
    *(f"{tonic} major" for tonic in _MAJOR_KEYS),
    *(f"{tonic} minor" for tonic in _MINOR_KEYS),
)
"""The 12 major keys from C up, then the 12 minor keys. (24,)"""


def pitch_class_durations(score: Score) -> NDArray[np.int64]:
    """Count the ticks each pitch class sounds in all tracks but the drums. (12,)"""
    ticks = np.zeros(12, dtype=np.int64)
    for track in score.tracks:
        if not track.is_drum:
            np.add.at(ticks, track.notes[:, PITCH] % 12, track.notes[:, DURATION])
    return ticks


def estimate_key(score: Score) -> str:
    """Find the key whose profile fits the sounding pitch classes best, such as "A minor".

    Returns:
        One of `KEY_NAMES`, or "" if nothing pitched sounds, or every pitch class as long.
    """
    key = key_of(pitch_class_durations(score).astype(np.float64))
    return KEY_NAMES[key] if key >= 0 else ""


def key_of(durations: NDArray[np.float64]) -> int:
    """Find the key that fits how long each pitch class sounds.

    Args:
        durations: In any unit. (12,)

    Returns:
        An index into `KEY_NAMES`, or -1 if all are equal.
    """
    centred = durations - durations.mean()
    return int((_profiles() @ centred).argmax()) if centred.any() else -1


@cache
def _profiles() -> NDArray[np.float64]:
    """Return the profile of each key, centred, of length 1. (24, 12)"""
    profiles = np.stack(
        [np.roll(p, tonic) for p in (_MAJOR_PROFILE, _MINOR_PROFILE) for tonic in range(12)]
    )
    profiles -= profiles.mean(axis=1, keepdims=True)
    return np.asarray(profiles / np.linalg.norm(profiles, axis=1, keepdims=True))
