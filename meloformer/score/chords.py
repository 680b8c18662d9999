"""Chords: their names, and how musicians spell them.

A chord is an integer: `root * 18 + quality` for the 12 roots and 18 qualities, or `NO_CHORD`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from meloformer.errors import ConfigError
from meloformer.phrases import phrase
from meloformer.score.chord_roots import RootReading, is_root, read_roots
from meloformer.score.chord_spellings import EXACT, NEAREST

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
_PLAIN = str.maketrans(
    {
        " ": "",
        "♮": "",
        "♯": "#",
        "♭": "b",
        "△": "Δ",
        "∆": "Δ",
        "^": "Δ",
        "º": "°",
        "–": "-",
        "−": "-",
    }
)
_SEPARATORS = re.compile(
    r"(?:[\s,;|]+[-–−]+(?=[\s,;|])|[\s,;|]++(?!\()|[-–−](?=[A-H]|Do|R[eé]|Mi|Sol|La|Si))"
    r"(?![^()|]{0,16}\))"
)
"""What stands between chords, but not within or before brackets: C7 (b9, #11) is one."""
_CAPITALS = re.compile(r"MIN|MI|MAJ|MA|DIM|AUG|SUS|ADD|ALT|OMIT")
_EXACT, _NEAREST = (
    {
        spelling: QUALITIES.index(quality)
        for quality, spellings in table.items()
        for spelling in spellings.split()
    }
    for table in (EXACT, NEAREST)
)
_EXACT[""] = QUALITIES.index("maj")


@dataclass(frozen=True, slots=True)
class ChordReading:
    """A chord symbol, and the chord that it is played as."""

    symbol: str
    """As it was written."""
    chord: int
    is_exact: bool = True
    """Whether the symbol says no more than the chord."""
    is_german: bool = False
    """Whether its root is one that only Germans and their neighbours write, such as H or Es."""

    @property
    def name(self) -> str:
        """The name of the chord."""
        return CHORD_NAMES[self.chord]


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


def read_chord(text: str, *, german: bool = False) -> ChordReading:
    """Read one chord symbol in any of the usual spellings.

    What the 18 qualities cannot say goes to the nearest of them: G13 to G9, C7b9 to C7, Cadd9 to C.
    A slash bass is dropped. The root may be a small letter; after it, M is major and m is minor.
    Roots may be German or in solfège.

    Args:
        text: The symbol.
        german: Whether B is B flat, as where H is B.

    Raises:
        ConfigError: The symbol is unknown.
    """
    written = text.strip()
    symbol = written.translate(_PLAIN)
    if symbol.upper().replace(".", "") in {"N", "NC"}:
        return ChordReading(written, NO_CHORD)
    above, slash, bass = symbol.rpartition("/")
    has_bass = bool(slash) and is_root(bass)
    roots = tuple(read_roots(above if has_bass else symbol, german=german))
    root, quality, is_exact = _first_known(roots) or _nearest(roots, written)
    return ChordReading(
        written,
        root.pitch_class * NUM_QUALITIES + quality,
        is_exact and not has_bass and not root.is_german_b,
        root.is_german,
    )


def read_chords(text: str) -> tuple[ChordReading, ...]:
    """Read a progression such as `Am F C G`, `| Am | F | % | G |` or `Am - F - C - G`.

    `%` repeats the chord before it. Where a root is German, such as H or Es, B is B flat. An empty
    text is an empty progression.

    Raises:
        ConfigError: A symbol is unknown, or the first one is `%`.
    """
    readings: list[ChordReading] = []
    for symbol in filter(None, _SEPARATORS.split(f" {text} ")):
        if symbol != "%":
            readings.append(read_chord(symbol))
        elif readings:
            readings.append(readings[-1])
        else:
            raise ConfigError(
                "`%` repeats the chord before it, and here it comes first.", hint=_HINT
            )
    if any(one.is_german for one in readings):
        readings = [read_chord(one.symbol, german=True) for one in readings]
    return tuple(readings)


def parse_chord(text: str) -> int:
    """Return the chord of a symbol; `read_chord` also says whether the symbol said more.

    Raises:
        ConfigError: The symbol is unknown.
    """
    return read_chord(text).chord


def parse_chords(text: str) -> tuple[int, ...]:
    """Return the chords of a progression; see `read_chords`.

    Raises:
        ConfigError: A symbol is unknown, or the first one is `%`.
    """
    return tuple(reading.chord for reading in read_chords(text))


def reductions(readings: Sequence[ChordReading]) -> str:
    """Say which symbols are played as simpler chords: "C7b9 is played as C7, C/E is played as C."

    Returns:
        A sentence; empty if all are played as written.
    """
    simpler = dict.fromkeys((one.symbol, one.name) for one in readings if not one.is_exact)
    said = [f"{symbol} is played as {name}" for symbol, name in simpler]
    return f"{', '.join(said)}." if said else ""


_Reading = tuple[RootReading, int, bool]
"""A root, a quality, and whether the symbol says no more."""


def _first_known(roots: Sequence[RootReading]) -> _Reading | None:
    for root in roots:
        for qualities, is_exact in ((_EXACT, True), (_NEAREST, False)):
            quality = qualities.get(_in_small_letters(root.rest))
            if quality is not None:
                return root, quality, is_exact
    return None


def _in_small_letters(kind: str) -> str:
    """Write words that are all in capitals, as in C MI7 and CMA7, in small letters."""
    return _CAPITALS.sub(lambda word: word[0].lower(), kind)


def _nearest(roots: Sequence[RootReading], written: str) -> _Reading:
    from meloformer.score.chord_reduction import nearest_quality  # may import music21

    for root in roots:
        quality = nearest_quality(_in_small_letters(root.rest))
        if quality is not None:
            return root, quality, False
    raise ConfigError(
        phrase(
            "`{written}` is not a chord I can read.",
            written=written[:40],
        ),
        hint=_HINT,
    )
