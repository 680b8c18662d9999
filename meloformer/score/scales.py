"""Scales: the pitch classes that a melody or a harmony keeps to, by the names musicians use."""

import re
from dataclasses import dataclass
from functools import cached_property

from meloformer.errors import ConfigError
from meloformer.phrases import Phrase, filled, phrase
from meloformer.score.chord_roots import read_roots
from meloformer.score.chords import ROOTS
from meloformer.score.key import KEY_NAMES, estimate_key, pitch_class_durations
from meloformer.score.score import Score

MODES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic minor": (0, 2, 3, 5, 7, 9, 11),
    "minor with both sevenths": (0, 2, 3, 5, 7, 8, 10, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "whole tone": (0, 2, 4, 6, 8, 10),
}
"""Semitones of each mode above its tonic."""

_MAJOR_ABOVE = {
    "major": 0,
    "dorian": 10,
    "phrygian": 8,
    "lydian": 7,
    "mixolydian": 5,
    "locrian": 1,
    "major pentatonic": 0,
}
"""How many semitones above the tonic the major scale of the same signature is."""
_MINOR = (
    "minor",
    "minor with both sevenths",
    "harmonic minor",
    "melodic minor",
    "minor pentatonic",
    "blues",
)

_OTHER_NAMES = {
    "": "major",
    "ionian": "major",
    "dur": "major",
    "m": "minor",
    "aeolian": "minor",
    "natural minor": "minor",
    "moll": "minor",
    "pentatonic": "major pentatonic",
}
_HINT = phrase(
    "Write a tonic and one of {modes}, such as `D dorian`; or `key`.", modes=", ".join(MODES)
)


@dataclass(frozen=True)
class Scale:
    """The pitch classes of a mode above a tonic."""

    tonic: int
    """From 0, C, to 11."""
    mode: str
    """One of `MODES`."""

    def __post_init__(self) -> None:
        if not 0 <= self.tonic < 12 or self.mode not in MODES:
            raise ConfigError("There is no such scale.", hint=_HINT)

    @property
    def name(self) -> str:
        """What it is called: "D dorian"."""
        return filled("{tonic} {mode}", tonic=ROOTS[self.tonic], mode=Phrase(self.mode))

    @cached_property
    def pitch_classes(self) -> frozenset[int]:
        """Its pitch classes, from 0, C, to 11."""
        return frozenset((self.tonic + step) % 12 for step in MODES[self.mode])


def key_signature(scale: Scale) -> str:
    """Return the key whose signature a scale is written in, "C" or "Am"; empty if it has none."""
    if scale.mode in _MINOR:
        return KEY_NAMES[12 + scale.tonic].removesuffix(" minor") + "m"
    if scale.mode not in _MAJOR_ABOVE:
        return ""
    return KEY_NAMES[(scale.tonic + _MAJOR_ABOVE[scale.mode]) % 12].removesuffix(" major")


def parse_scale(text: str) -> Scale:
    """Read the name of a scale, such as "D dorian", "Am", "F# harmonic minor".

    Raises:
        ConfigError: It is none.
    """
    symbol = " ".join(text.replace("♯", "#").replace("♭", "b").split())
    for root in read_roots(symbol):
        rest = root.rest.strip()
        mode = rest if rest in ("", "m") else rest.casefold()
        mode = _OTHER_NAMES.get(mode, mode)
        if mode in MODES:
            return Scale(root.pitch_class, mode)
    raise ConfigError(phrase("`{text}` is no scale.", text=text[:40]), hint=_HINT)


def scale_of_key(score: Score) -> Scale:
    """Return the scale of the key that a score is in; in minor with the seventh that sounds longer.

    Raises:
        ConfigError: Nothing pitched sounds, or every pitch class as long.
    """
    key = estimate_key(score)
    if not key:
        raise ConfigError("The piece has no key that can be told.", hint="Choose a scale.")
    scale = parse_scale(key)
    durations = pitch_class_durations(score)
    seventh, leading_note = ((scale.tonic + step) % 12 for step in (10, 11))
    if scale.mode == "minor" and durations[leading_note] > durations[seventh]:
        return Scale(scale.tonic, "harmonic minor")
    return scale


_PITCH = re.compile(r"\s*([A-Ga-g])([#b♯♭]?)(-?\d{1,2})\s*")
_STEPS = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11), strict=True))


def parse_pitch(text: str) -> int:
    """Read a note such as "E1" or "F#3"; middle C, MIDI's 60, is C4.

    Raises:
        ConfigError: It is none, or MIDI has no such note.
    """
    match = _PITCH.fullmatch(text)
    pitch = -1
    if match:
        letter, sign, octave = match.groups()
        accidental = {"#": 1, "♯": 1, "b": -1, "♭": -1}.get(sign, 0)
        pitch = _STEPS[letter.upper()] + accidental + 12 * (int(octave) + 1)
    if not 0 <= pitch <= 127:
        raise ConfigError(
            phrase("`{text}` is no note.", text=text[:40]),
            hint="Write notes such as E1 or F#3; middle C is C4.",
        )
    return pitch


def pitch_name(pitch: int) -> str:
    """Return the name of a MIDI note: "C4" for 60."""
    return f"{ROOTS[pitch % 12]}{pitch // 12 - 1}"
