"""Spelling: the name of a pitch in a key, so that a scale in it has each letter once."""

from meloformer.score.key import KEY_NAMES

_LETTERS = "FCGDAEB"
"""On the line of fifths, from F up."""
_LOWEST = -3
"""Where the twelve names of a key begin on that line, counted from its major tonic: in C from E
flat to G sharp, the raised seventh of A minor."""
_FLATTEST = -7
"""C flat: what lies beyond is written by its plain name."""
_MAJOR_FIFTHS = {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F#": 6}
_MAJOR_FIFTHS |= {"F": -1, "Bb": -2, "Eb": -3, "Ab": -4, "Db": -5}


def signature_of(key: str) -> int:
    """Return the sharps of a key, or its flats as a negative number.

    Args:
        key: One of `KEY_NAMES`; "" has none.
    """
    if key not in KEY_NAMES:
        return 0
    tonic, mode = key.split()
    if mode == "major":
        return _MAJOR_FIFTHS[tonic]
    if tonic == "Eb":
        return -6
    major = KEY_NAMES[(KEY_NAMES.index(key) - 12 + 3) % 12].split()[0]
    return _MAJOR_FIFTHS[major]


def spelled(pitch: int, key: str) -> tuple[str, int]:
    """Return the name of a pitch as music21 takes it, "F#" or "B-", and its octave: C4 is 60.

    Args:
        pitch: MIDI's number.
        key: One of `KEY_NAMES`, or "".
    """
    lowest = max(signature_of(key) + _LOWEST, _FLATTEST)
    # A fifth up is 7 semitones: of twelve neighbours on the line, just one has the pitch class.
    fifths = lowest + (pitch * 7 - lowest) % 12
    letter = _LETTERS[(fifths + 1) % 7]
    accidentals = (fifths + 1) // 7
    natural = pitch - accidentals
    sign = "#" * accidentals if accidentals > 0 else "-" * -accidentals
    return letter + sign, natural // 12 - 1
