"""Chords: their names, how musicians spell them, and which one a bar of notes makes.

A chord is an integer: `root * 18 + quality` for the 12 roots and 18 qualities, or `NO_CHORD`.
Recognition looks the bar's pitch classes and its bass up in `chord_table.npy`, which music21
filled once (`make_chord_table.py`); nothing here needs music21.

Axes: N notes, B bars, 12 pitch classes, 216 templates.
"""

import re
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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

TABLE_PATH = Path(__file__).with_name("chord_table.npy")

MIN_SHARE = 12
"""A pitch class that sounds for less than 1/12 of the bar's summed note lengths is dropped."""
BASS_BONUS = 8
"""The bass of the downbeat weighs 1/8 of the bar's summed note lengths more than it lasts."""

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
    """The pitch classes of a chord, root first; none for `NO_CHORD`."""
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


@cache
def chord_table() -> NDArray[np.uint8]:
    """The chord of each pitch-class set (bit k: pitch class k) over each bass. (4096, 12)"""
    table: NDArray[np.uint8] = np.load(TABLE_PATH)
    table.setflags(write=False)
    return table


def recognise(
    start: NDArray[np.integer],
    duration: NDArray[np.integer],
    pitch: NDArray[np.integer],
    bar_starts: NDArray[np.integer],
) -> NDArray[np.uint8]:
    """Name the chord of every bar.

    A note counts in each bar it sounds in, by the ticks it sounds there; the bass of the downbeat,
    which may be short and yet carries the harmony, by 1/`BASS_BONUS` of the bar's total more.
    Pitch classes with less than 1/`MIN_SHARE` of the total are dropped. The bass is that of the
    downbeat, else the lowest pitch that is left. The table names what remains; where it cannot,
    the best fitting template does (see `_best_templates`). All arithmetic is on integers, so
    results never differ by machine.

    Args:
        start: First tick of each pitched note; leave drums out. (N,)
        duration: Ticks. (N,)
        pitch: 0 to 127. (N,)
        bar_starts: Ticks of all bar lines, the end of the last bar included; ascending. (B + 1,)

    Returns:
        Chord of each bar. (B,), uint8.
    """
    lines = np.asarray(bar_starts, dtype=np.int64)
    begin = np.asarray(start, dtype=np.int64)
    end = begin + np.asarray(duration, dtype=np.int64)
    inside = (begin < lines[-1]) & (end > lines[0])
    begin, end, key = begin[inside], end[inside], np.asarray(pitch)[inside]
    ticks = _sounding_ticks(begin, end, key, lines)  # (B, 128)
    downbeat = _downbeat_bass(begin, key, lines, ticks)  # (B,)
    padded = np.pad(ticks, ((0, 0), (0, 4)))  # 132 pitches = 11 whole octaves
    weights = padded.reshape(-1, 11, 12).sum(axis=1)  # (B, 12)
    total = weights.sum(axis=1, keepdims=True)
    weights *= BASS_BONUS
    has_downbeat = np.flatnonzero(downbeat >= 0)
    weights[has_downbeat, downbeat[has_downbeat] % 12] += total[has_downbeat, 0]
    weights[weights * MIN_SHARE < total * BASS_BONUS] = 0
    kept = weights > 0
    lowest = ((padded > 0) & np.tile(kept, 11)).argmax(axis=1)
    bass = np.where(downbeat >= 0, downbeat, lowest) % 12
    sets = (kept << np.arange(12)).sum(axis=1)
    chords: NDArray[np.uint8] = chord_table()[sets, bass]
    unnamed = np.flatnonzero((chords == NO_CHORD) & kept.any(axis=1))
    chords[unnamed] = _best_templates(weights[unnamed], bass[unnamed])
    return chords


def _sounding_ticks(
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
    key: NDArray[np.integer],
    lines: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Ticks each pitch sounds in each bar, summed over notes. (B, 128)

    Work grows with notes plus bars, not with the bars a note is held over: held bars are counted
    as running sums of the notes that begin and end.
    """
    begin, end = np.maximum(begin, lines[0]), np.minimum(end, lines[-1])
    # From its first bar on, a note fills whole bars; what it misses before its beginning and from
    # its end on is taken off again.
    first = np.searchsorted(lines, begin, side="right") - 1
    last = np.searchsorted(lines, end, side="left") - 1
    held = np.zeros((len(lines), 128), dtype=np.int64)
    np.add.at(held, (first, key), 1)
    np.add.at(held, (last + 1, key), -1)
    ticks = np.cumsum(held[:-1], axis=0) * np.diff(lines)[:, None]
    np.subtract.at(ticks, (first, key), begin - lines[first])
    np.subtract.at(ticks, (last, key), lines[last + 1] - end)
    return ticks


def _downbeat_bass(
    begin: NDArray[np.int64],
    key: NDArray[np.integer],
    lines: NDArray[np.int64],
    ticks: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Lowest pitch that begins in the first eighth of each bar, -1 if it is no bass. (B,)

    It is none if the bar goes an octave or more below it: the bass then enters later, or is held
    over from the bar before.
    """
    bar = np.searchsorted(lines, begin, side="right") - 1
    early = (bar >= 0) & ((begin - lines[bar]) * 8 < lines[bar + 1] - lines[bar])
    bass = np.full(len(lines) - 1, 128, dtype=np.int64)
    np.minimum.at(bass, bar[early], key[early])
    lowest = (ticks > 0).argmax(axis=1)
    return np.where((bass < 128) & (bass - lowest < 12), bass, -1)


@cache
def _templates() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tones of the 216 chords, and those that must sound: all but a perfect fifth above a third.

    Returns:
        Two arrays of 0 and 1, (216, 12).
    """
    tones = np.zeros((NO_CHORD, 12))
    for chord in range(NO_CHORD):
        tones[chord, list(chord_pitch_classes(chord))] = 1
    needed = tones.copy()
    for chord in range(NO_CHORD):
        root, quality = divmod(chord, NUM_QUALITIES)
        if {3, 4} & set(INTERVALS[quality]) and 7 in INTERVALS[quality]:
            needed[chord, (root + 7) % 12] = 0
    return tones, needed


def _best_templates(weights: NDArray[np.int64], bass: NDArray[np.integer]) -> NDArray[np.uint8]:
    """The template that explains each bar best, or `NO_CHORD` where none explains enough. (B,)

    A template is a candidate if its tones sound and make up at least 3/5 of the bar; a perfect
    fifth above a third may be silent if the bass is the root, or the others make up 4/5. It scores
    its tones' share, plus 1/8 if the bass is its root, less 1/12 for each tone after the third, so
    that passing notes do not turn triads into ninth chords, and less 1/12 for a silent fifth. On a
    tie the quality that comes first in `QUALITIES` wins, then the smaller interval from the bass up
    to the root.

    Args:
        weights: Weight of each kept pitch class, 0 for dropped ones. (B, 12)
        bass: Pitch class. (B,)
    """
    tones, needed = _templates()
    silent = (weights == 0).astype(np.float64)
    total = weights.sum(axis=1, keepdims=True)  # (B, 1)
    # Matrix products are fast in floats, and exact: whole numbers far below 2**53.
    inside = (weights.astype(np.float64) @ tones.T).astype(np.int64)  # (B, 216)
    root, quality = np.divmod(np.arange(NO_CHORD), NUM_QUALITIES)
    above_bass = (root - bass[:, None]) % 12
    silent_fifth = (silent @ (tones - needed).T).astype(np.int64)
    extra_tones = np.maximum(tones.sum(axis=1).astype(np.int64) - 3, 0) + silent_fifth
    score = 24 * inside + (3 * (above_bass == 0) - 2 * extra_tones) * total
    rank = score * 256 - quality * 12 - above_bass
    fifths = 3 + silent_fifth * (above_bass > 0)
    candidate = (silent @ needed.T == 0) & (5 * inside >= fifths * total)
    best = np.where(candidate, rank, np.iinfo(np.int64).min).argmax(axis=1)
    return np.where(candidate.any(axis=1), best, NO_CHORD).astype(np.uint8)
