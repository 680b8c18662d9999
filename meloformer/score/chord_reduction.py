"""Chords beyond the 18 qualities: music21 says which tones they have, and the nearest is taken.

music21 takes a second to import, so that only a symbol that `chords.py` does not know imports it.
"""

import re
from functools import cache

from meloformer.score.chords import INTERVALS, NUM_QUALITIES, QUALITIES

_MAX_LENGTH = 24
_WORDS = re.compile(
    r"(?:[Mm]aj|[Mm]in|mi|ma|M|m|-|dim|o|°|aug|\+|[øØh]|Δ|sus|add|omit|no|alt|dom|[#b](?=\d)|"
    r"/(?=[#b]?\d)|69|13|11|[2-79]|\(|\)|,)*"
)
"""All that a kind of chord is spelled with: nothing else is shown to music21."""
_ALTERED = re.compile(r"(?<!add)(?<!omit)([#b])(5|9|11|13)")
_NATURAL = {"5": 7, "9": 2, "11": 5, "13": 9}
_WITHOUT = (
    ("7alt", "7b9#9"),
    ("alt", "7b9#9"),
    ("69", "6add9"),
    ("no", "omit"),
    ("°", "o"),
    ("Ø", "ø"),
)
_PREFIXES = (
    (r"^(?:-|[Mm]in|mi|m)(?=[Mm]|Δ)", "m"),
    (r"^(?:-|[Mm]in|mi(?!n))", "m"),
    (r"[Mm]aj|ma(?!j)|Δ(?=\d)", "M"),
    (r"Δ", "M7"),
    (r"^h", "ø"),
    (r"(?<=\d)-(?=\d)", "b"),
    (r"(?<=\d)\+(?=\d)", "#"),
    (r"^M6", "6"),
    (r"^mM6", "m6"),
    (r"sus(?![24])", "sus4"),
    (r"^(?=[#b])", "add"),  # or it would belong to the root
)


@cache
def nearest_quality(kind: str) -> int | None:
    """Return the quality nearest to a kind of chord.

    The tones that a quality has and the chord has not count most, then the third and the seventh,
    then a fifth that is another, then what is added on top.

    Args:
        kind: What stands behind the root, such as "7b9#11".

    Returns:
        An index of `QUALITIES`; None if music21 does not know the chord either.
    """
    if len(kind) > _MAX_LENGTH or not _WORDS.fullmatch(kind):
        return None
    named = _tones(_as_music21_writes(kind))
    if named is None:
        return None
    tones, own_quality = named

    def distance(quality: int) -> tuple[int, bool, int]:
        return _distance(tones, set(INTERVALS[quality])), quality != own_quality, quality

    return min(range(NUM_QUALITIES), key=distance)


def _tones(figure: str) -> tuple[set[int], int | None] | None:
    """Ask music21 for the semitones above the root, and which of our qualities it calls that."""
    from music21.exceptions21 import Music21Exception
    from music21.harmony import ChordSymbol

    from meloformer.score.make_chord_table import KINDS

    try:
        chord = ChordSymbol(f"C{figure}")
        tones = {int(pitch.pitchClass) for pitch in chord.pitches}
    except (Music21Exception, ValueError, LookupError):
        return None
    if not chord.chordKind:
        return None
    for sign, degree in _ALTERED.findall(figure):  # which music21 leaves natural in C13b9
        natural = _NATURAL[degree]
        tones = (tones - {natural}) | {natural + (1 if sign == "#" else -1)}
    own = KINDS.get(chord.chordKind)
    return tones, None if own is None else QUALITIES.index(own)


def _added(tones: re.Match[str]) -> str:
    return "".join(f"add{tone}" for tone in tones.groups() if tone)


def _as_music21_writes(kind: str) -> str:
    # C7M is Cmaj7 to Brazilians; a number in brackets or behind a slash is a tone on top.
    figure = re.sub(r"7M(?!aj)", "maj7", kind)
    figure = re.sub(r"(?<=\d)\((\d+)(?:,(\d+))?\)", _added, figure)
    figure = re.sub(r"/(?=\d)", "add", figure)
    figure = re.sub(r"[(),/]", "", figure)
    for ours, theirs in _WITHOUT:
        figure = figure.replace(ours, theirs)
    for pattern, theirs in _PREFIXES:
        figure = re.sub(pattern, theirs, figure)
    return figure


def _distance(tones: set[int], quality: set[int]) -> int:
    has_other_fifth = 7 not in tones and bool(tones & {6, 8})
    minor_third = 1 if 4 in tones else 3  # beside the major one it is a raised ninth
    absent = {4: 3, 3: minor_third, 10: 4, 11: 4, 6: 1, 8: 1}
    foreign = {7: 1} if has_other_fifth else {}
    return sum(foreign.get(tone, 3) for tone in quality - tones) + sum(
        absent.get(tone, 1) for tone in tones - quality
    )
