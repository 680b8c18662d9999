"""Sharps and flats as they are printed."""

import re

_FLAT = re.compile(r"(?<=[A-G])b|b(?=\d)")


def with_signs(text: str) -> str:
    """Return the names of chords and keys in a text with the signs of music.

    "Bbm7b5" becomes "B♭m7♭5", "F# minor" becomes "F♯ minor".
    """
    return _FLAT.sub("♭", text).replace("#", "♯")
