"""Chords: their names, and how musicians spell them.

A chord is an integer: `root * 18 + quality` for the 12 roots and 18 qualities, or `NO_CHORD`.
"""

import re

from meloformer.errors import ConfigError

ROOTS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
"""Names of the 12 roots, from C up."""

QUALITIES = (
    "maj", "min", "dim", "aug", "7", "maj7", "min7", "dim7", "hdim7",
    "sus2", "sus4", "7sus4", "6", "min6", "9", "maj9", "min9", "5",
)  # fmt: skip
"""The 18 kinds of chord, in the order of their indices."""

SUFFIXES = (
    "", "m", "dim", "aug", "7", "maj7", "m7", "dim7", "m7b5",
    "sus2", "sus4", "7sus4", "6", "m6", "9", "maj9", "m9", "5",
)  # fmt: skip
"""What each quality adds to the root in a chord symbol."""

INTERVALS: tuple[tuple[int, ...], ...] = (
    (0, 4, 7), (0, 3, 7), (0, 3, 6), (0, 4, 8), (0, 4, 7, 10), (0, 4, 7, 11),
    (0, 3, 7, 10), (0, 3, 6, 9), (0, 3, 6, 10), (0, 2, 7), (0, 5, 7), (0, 5, 7, 10),
    (0, 4, 7, 9), (0, 3, 7, 9), (0, 2, 4, 7, 10), (0, 2, 4, 7, 11), (0, 2, 3, 7, 10), (0, 7),
)  # fmt: skip
"""Semitones of each quality above its root."""

NUM_QUALITIES = len(QUALITIES)
NO_CHORD = 12 * NUM_QUALITIES
"""The chord of a bar that has none: "N"."""

CHORD_NAMES: tuple[str, ...] = (*(root + suffix for root in ROOTS for suffix in SUFFIXES), "N")
"""The symbol of each chord, by index. (217,)"""

_HINT = "Write chords such as C, Am, F#m7, Bb7, Gsus4 or Bdim, and N for a bar without one."
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11, "H": 11}
_ACCIDENTALS = {"#": 1, "b": -1}
_PLAIN = str.maketrans({"♯": "#", "♭": "b", "△": "Δ", "∆": "Δ", "º": "°", "–": "-", "−": "-"})
_SYMBOL = re.compile(r"([A-Ha-h])([#b]{0,2})(.*)")
_SLASH_BASS = re.compile(r"/[A-Ha-h][#b]{0,2}$")
_SEPARATORS = re.compile(r"[\s,;|]+-+(?=[\s,;|])|[\s,;|]+|-(?=[A-H])")

# How musicians write each quality. What the 18 qualities cannot say goes to the nearest of them:
# G13 to G9, C7b9 to C7, Cadd9 to C. Case is kept, because M7 and m7 differ.
_SPELLINGS: dict[str, str] = {
    "maj": "maj Maj MAJ major Major M Δ add9 add2 (add9) 2",
    "min": "m min Min mi minor - madd9 m(add9) mMaj7 mmaj7 mM7 m(maj7) -Δ -Δ7 minmaj7",
    "dim": "dim Dim ° o diminished mb5 m(b5)",
    "aug": "aug Aug + augmented #5 (#5) +5",
    "7": "7 dom7 dom 7b9 7#9 7b5 7#5 7+ +7 aug7 7alt alt 7(b9) 7(#9) 7#11 7(#11) 7b13 7(b13)",
    "maj7": "maj7 Maj7 MAJ7 major7 M7 Δ7 ma7 j7 maj7#11 maj7(#11) maj7#5 M7#11",
    "min7": "m7 min7 Min7 mi7 minor7 -7",
    "dim7": "dim7 Dim7 °7 o7",
    "hdim7": "m7b5 ø ø7 Ø Ø7 hdim hdim7 min7b5 mi7b5 -7b5 m7(b5) min7(b5) -7(b5) m7-5 m7♭5",
    "sus2": "sus2 Sus2",
    "sus4": "sus4 Sus4 sus Sus 4",
    "7sus4": "7sus4 7sus 7(sus4) 9sus4 9sus 13sus4 13sus sus7 11",
    "6": "6 maj6 M6 add6 69 6/9 6(9) 6add9",
    "min6": "m6 min6 mi6 -6 m69 m6/9",
    "9": "9 dom9 13 9#11 13#11",
    "maj9": "maj9 Maj9 M9 Δ9 ma9 maj13 M13",
    "min9": "m9 min9 mi9 -9 m11 min11 -11 m13 min13 -13",
    "5": "5 power",
}
_QUALITY_OF = {"": 0} | {
    spelling: QUALITIES.index(quality)
    for quality, spellings in _SPELLINGS.items()
    for spelling in spellings.split()
}


def transpose_chord(chord: int, semitones: int) -> int:
    """Move a chord's root up by `semitones`; `NO_CHORD` stays."""
    if chord == NO_CHORD:
        return NO_CHORD
    root, quality = divmod(chord, NUM_QUALITIES)
    return (root + semitones) % 12 * NUM_QUALITIES + quality


def chord_pitch_classes(chord: int) -> tuple[int, ...]:
    """List the pitch classes of a chord, root first; none for `NO_CHORD`."""
    if chord == NO_CHORD:
        return ()
    root, quality = divmod(chord, NUM_QUALITIES)
    return tuple((root + interval) % 12 for interval in INTERVALS[quality])


def parse_chord(text: str) -> int:
    """Read one chord symbol in any of the usual spellings.

    A slash bass is dropped. The root may be a small letter; after it, M is major and m is minor.

    Raises:
        ConfigError: The symbol is unknown.
    """
    symbol = text.strip().translate(_PLAIN)
    if symbol.upper().replace(".", "") in {"N", "NC"}:
        return NO_CHORD
    match = _SYMBOL.fullmatch(_SLASH_BASS.sub("", symbol))
    quality = _QUALITY_OF.get(match[3].strip()) if match else None
    if match is None or quality is None:
        raise ConfigError(f"`{text.strip()}` is not a chord I can read.", hint=_HINT)
    root = _LETTERS[match[1].upper()] + sum(_ACCIDENTALS[sign] for sign in match[2])
    return root % 12 * NUM_QUALITIES + quality


def parse_chords(text: str) -> tuple[int, ...]:
    """Read a progression such as `Am F C G`, `| Am | F | % | G |` or `Am - F - C - G`.

    `%` repeats the chord before it. An empty text is an empty progression.

    Raises:
        ConfigError: A symbol is unknown, or the first one is `%`.
    """
    chords: list[int] = []
    for symbol in _SEPARATORS.split(f" {text.translate(_PLAIN)} "):
        if not symbol:
            continue
        if symbol != "%":
            chords.append(parse_chord(symbol))
        elif chords:
            chords.append(chords[-1])
        else:
            raise ConfigError(
                "`%` repeats the chord before it, and here it comes first.", hint=_HINT
            )
    return tuple(chords)
