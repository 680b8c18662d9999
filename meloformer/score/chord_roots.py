"""The roots of chord symbols: in letters, in German (H, Fis, Es) and in solfège (Do, Ré, Sol).

The three overlap: "Faug" is F and not Fa, "Asus4" is A and not As, so a symbol may be read in
several ways, and what stands behind the root decides.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11, "H": 11}
_SOLFEGE = {
    "do": 0, "ut": 0, "re": 2, "mi": 4, "fa": 5, "sol": 7, "la": 9, "si": 11,
}  # fmt: skip
_ACCIDENTALS = {"#": 1, "b": -1}
_LETTER = re.compile(r"([A-Ha-h])(#{1,2}|b{0,2})")
_GERMAN = re.compile(r"([CDFGHcdfgh](?:is|es)|[AEae](?:is|s))")
_SYLLABLE = re.compile(r"(do|ut|re|mi|fa|sol|la|si)(#{1,2}|b{0,2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RootReading:
    """One way to read how a chord symbol begins."""

    pitch_class: int
    """From 0, C, to 11."""
    rest: str
    """What stands behind the root."""
    is_german: bool = False
    """Whether only Germans and their neighbours write it."""
    is_german_b: bool = False
    """Whether it is a B that is B flat."""


def read_roots(symbol: str, *, german: bool = False) -> Iterator[RootReading]:
    """Read how a chord symbol begins, in all possible ways, the likeliest first.

    Args:
        symbol: With # and b for accidentals.
        german: Whether B is B flat, as where H is B.
    """
    symbol = _without_accents(symbol)
    solfege = _in_solfege(symbol)
    if symbol[:2].casefold() == "do":  # or it would be a diminished D
        yield from solfege
    yield from _in_letters(symbol, german=german)
    yield from _in_german(symbol)
    if symbol[:2].casefold() != "do":
        yield from solfege


def is_root(text: str) -> bool:
    """Return whether a text is the name of a note and no more, as the bass of a slash chord is."""
    return any(not reading.rest for reading in read_roots(text))


def _in_letters(symbol: str, *, german: bool) -> Iterator[RootReading]:
    match = _LETTER.match(symbol)
    if match:
        letter, signs = match[1].upper(), match[2]
        root = _STEPS[letter] + sum(_ACCIDENTALS[sign] for sign in signs)
        is_flat = german and letter == "B" and not signs
        rest, is_german = symbol[match.end() :], letter == "H" or is_flat
        yield RootReading((root - is_flat) % 12, rest, is_german, is_flat)


def _in_german(symbol: str) -> Iterator[RootReading]:
    match = _GERMAN.match(symbol)
    if match:
        letter, ending = match[1][0].upper(), match[1][1:]
        root = _STEPS[letter] + (1 if ending == "is" else -1)
        yield RootReading(root % 12, symbol[match.end() :], is_german=True)


def _in_solfege(symbol: str) -> list[RootReading]:
    match = _SYLLABLE.match(symbol)
    if not match:
        return []
    root = _SOLFEGE[match[1].casefold()] + sum(_ACCIDENTALS[sign] for sign in match[2])
    return [RootReading(root % 12, symbol[match.end() :])]


def _without_accents(symbol: str) -> str:
    """Take the accents from Ré, Dó, Fá and Lá."""
    return "".join(
        letter
        for letter in unicodedata.normalize("NFD", symbol)
        if not unicodedata.combining(letter)
    )
