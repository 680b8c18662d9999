"""Ask music21, once and offline, for the chord of every pitch-class set over every bass.

`python -m meloformer.score.make_chord_table` writes `chord_table.npy` in about a minute; no chord
is recognised by music21 itself.

A set of pitch classes has no spelling, and music21's own root finder depends on one: it stacks
written thirds, so D#-G-Bb is not Eb major to it. So each tone of a set is offered as the root in
turn, with the others spelled in thirds above it, and music21 is asked

1. `harmony.chordSymbolFigureFromChord` for the kind of chord on that root. The answer counts if its
   kind is one of our 18 and its tones are exactly the set ("CaddD" is no C: recognition weighs such
   bars by durations instead). A ninth chord must stand on its root, with or without its fifth: a
   bar that gathers the same five tones over another bass is rarely that chord, and is better
   weighed too. Where music21 moves the root (it reads an inverted sus2 as the sus4 of its bass),
   the answer is left to that other root.
2. else `Chord.commonName` for "incomplete ... seventh chord": a seventh chord without its fifth.
3. else, for two tones, `Chord.quality`: a third alone is the triad it belongs to.

All are asked on C, which makes the table the same in every key. Where several roots answer (C6 is
Am7, Csus2 is Gsus4), the bass decides; if it is neither's root, the quality that comes first in
`QUALITIES`, which is also the one music21's root finder prefers: Am7 before C6.
"""

import numpy as np
from music21.chord import Chord
from music21.harmony import chordSymbolFigureFromChord
from music21.pitch import Pitch
from numpy.typing import NDArray

from meloformer.score.chord_recognition import TABLE_PATH
from meloformer.score.chords import INTERVALS, NO_CHORD, NUM_QUALITIES, QUALITIES

KINDS = {
    "major": "maj",
    "minor": "min",
    "diminished": "dim",
    "augmented": "aug",
    "dominant-seventh": "7",
    "major-seventh": "maj7",
    "minor-seventh": "min7",
    "diminished-seventh": "dim7",
    "half-diminished-seventh": "hdim7",
    "suspended-second": "sus2",
    "suspended-fourth": "sus4",
    "suspended-fourth-seventh": "7sus4",
    "major-sixth": "6",
    "minor-sixth": "min6",
    "dominant-ninth": "9",
    "major-ninth": "maj9",
    "minor-ninth": "min9",
    "power": "5",
}
"""Our name of each kind of chord music21 tells apart."""

INCOMPLETE = {
    "incomplete dominant-seventh chord": "7",
    "incomplete major-seventh chord": "maj7",
    "incomplete minor-seventh chord": "min7",
}
THIRDS = {"major": "maj", "minor": "min"}

_FLAT_NAMES = ("C", "D-", "D", "E-", "E", "F", "G-", "G", "A-", "A", "B-", "B")


def spell(intervals: tuple[int, ...]) -> list[str]:
    """Spell semitones above C as note names, as in a chord on C.

    Sharps where the degree below is free and the one above is taken: C E G#, and Bbb in Cdim7.
    """
    tones = set(intervals)
    names = dict(enumerate(_FLAT_NAMES))
    if 4 in tones:
        names[3] = "D#"
        names[6] = "F#" if 7 in tones else "G-"
        names[8] = "A-" if 7 in tones else "G#"
    elif {3, 6} <= tones and not tones & {7, 10, 11}:
        names[9] = "B--"
    return [names[interval] for interval in intervals]


def ask(intervals: tuple[int, ...], bass: int) -> str | None:
    """Ask music21 to name semitones above the root C with `bass`, one of them, at the bottom.

    Returns:
        One of `QUALITIES`, or None if music21 has no such name with C as the root.
    """
    names = spell(intervals)
    octaves = [2 if interval == bass else 4 for interval in intervals]
    pitches = [Pitch(f"{name}{octave}") for name, octave in zip(names, octaves, strict=True)]
    chord = Chord(pitches)
    chord.root(pitches[0])
    _, kind = chordSymbolFigureFromChord(chord, includeChordType=True)
    quality = KINDS.get(kind)
    if quality is not None and chord.root() is pitches[0]:
        full = INTERVALS[QUALITIES.index(quality)]
        if len(full) == 5:
            complete = set(full) - {7} <= set(intervals) <= set(full)
            return quality if complete and bass == 0 else None
        return quality if intervals == full else None
    if chord.commonName in INCOMPLETE:
        quality = INCOMPLETE[chord.commonName]
        full = INTERVALS[QUALITIES.index(quality)]
        return quality if set(intervals) < set(full) else None
    return THIRDS.get(chord.quality) if len(intervals) == 2 else None


def make_table() -> NDArray[np.uint8]:
    """Ask about all sets and basses. (4096, 12), uint8."""
    table = np.full((4096, 12), NO_CHORD, dtype=np.uint8)
    rank = np.full((4096, 12), len(QUALITIES) + 1)
    for mask in range(1, 4096, 2):  # every set with the root C
        intervals = tuple(k for k in range(12) if mask >> k & 1)
        for bass in intervals:
            name = ask(intervals, bass)
            if name is None:
                continue
            quality = QUALITIES.index(name)
            for root in range(12):
                cell = ((mask << root | mask >> (12 - root)) & 4095, (bass + root) % 12)
                own = -1 if bass == 0 else quality
                if own < rank[cell]:
                    rank[cell] = own
                    table[cell] = root * NUM_QUALITIES + quality
    return table


if __name__ == "__main__":
    np.save(TABLE_PATH, make_table())
