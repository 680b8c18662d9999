"""A song of 24 bars for bass, piano and drums, as a gap, and what may be written into it."""

from dataclasses import replace

from meloformer.evaluation.study.gaps import PartPassage, SongGap
from meloformer.score.part import Part
from meloformer.score.score import Score
from meloformer.tokens import encode
from tests.evaluation.small_music import BAR, Note, score, track

BASS, PIANO, DRUMS = Part(32), Part(0), Part(128)
ROOTS = (0, 5, 7, 0)
"""Of the chords of every four bars, above C."""


def song(bars: int = 24) -> Score:
    """Return triads of the piano over roots of the bass, and a beat that ends in toms."""
    piano: list[Note] = []
    bass: list[Note] = []
    for bar in range(bars):
        root = ROOTS[bar % 4]
        piano += [(bar * BAR + at, 24, 60 + root + tone) for at in (0, 24) for tone in (0, 4, 7)]
        bass += [(bar * BAR + at, 12, 36 + root) for at in range(0, BAR, 12)]
    return score(track(piano), track(bass, 32), track(beat(bars), drums=True), bars=bars)


def beat(bars: int, *, fills: bool = True) -> list[Note]:
    """Return kick, snare and hi-hat; the last bar of four has toms in the place of its hi-hat."""
    notes: list[Note] = []
    for bar in range(bars):
        key = 45 if fills and bar % 4 == 3 else 42
        notes += [(bar * BAR + at, 6, key) for at in range(0, BAR, 6)]
        notes += [(bar * BAR + at, 6, 36 if at % 24 == 0 else 38) for at in range(0, BAR, 12)]
    return notes


def gap(first_bar: int = 8, last_bar: int = 16) -> SongGap:
    return SongGap(0, "small", encode(song()), first_bar, last_bar)


def passage(part: Part, notes: list[Note], bars: int = 8) -> PartPassage:
    program = 0 if part.is_drum else part.program
    music = score(track(notes, program, drums=part.is_drum), bars=bars)
    return PartPassage(replace(music), (part,), (0,) * bars)
