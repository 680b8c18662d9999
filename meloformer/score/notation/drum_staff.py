"""The drum staff: line or space and head of each drum, as drummers write them."""

from dataclasses import dataclass

FEET = frozenset({35, 36, 44})
"""Keys of kick drums and the pedal of the hi-hat: written below."""


@dataclass(frozen=True, slots=True)
class DrumPlace:
    """Where a drum stands."""

    step: str
    octave: int
    head: str = "normal"
    """As MusicXML names it."""


_PLACES = {
    35: DrumPlace("F", 4), 36: DrumPlace("F", 4), 37: DrumPlace("C", 5, "x"),
    38: DrumPlace("C", 5), 39: DrumPlace("C", 5, "triangle"), 40: DrumPlace("C", 5),
    41: DrumPlace("A", 4), 42: DrumPlace("G", 5, "x"), 43: DrumPlace("A", 4),
    44: DrumPlace("D", 4, "x"), 45: DrumPlace("B", 4), 46: DrumPlace("G", 5, "circle-x"),
    47: DrumPlace("D", 5), 48: DrumPlace("E", 5), 49: DrumPlace("A", 5, "x"),
    50: DrumPlace("E", 5), 51: DrumPlace("F", 5, "x"), 52: DrumPlace("B", 5, "x"),
    53: DrumPlace("F", 5, "diamond"), 54: DrumPlace("D", 5, "x"), 55: DrumPlace("B", 5, "x"),
    56: DrumPlace("E", 5, "triangle"), 57: DrumPlace("A", 5, "x"), 59: DrumPlace("F", 5, "x"),
    60: DrumPlace("E", 5, "diamond"), 61: DrumPlace("D", 5, "diamond"),
    62: DrumPlace("E", 5, "x"), 63: DrumPlace("D", 5, "diamond"), 64: DrumPlace("B", 4, "diamond"),
    69: DrumPlace("G", 5, "diamond"), 70: DrumPlace("G", 5, "slash"), 75: DrumPlace("D", 5, "x"),
}  # fmt: skip
_OTHER = DrumPlace("E", 5, "diamond")


def drum_place(pitch: int) -> DrumPlace:
    """Return where the drum on a key is written; what a kit has not stands among the toms."""
    return _PLACES.get(pitch, _OTHER)
