"""Candidates, as they come back bar by bar while music is written."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from meloformer.score.chords import CHORD_NAMES
from meloformer.score.part import Part
from meloformer.score.score import DURATION, START, Score, note_array
from meloformer.tokens import Encoding, Kind, annotate, bar_ends, crop, decode, vocabulary


@dataclass(frozen=True, eq=False, slots=True)
class Candidate:
    """One version of what was asked for, or as much of it as was finished."""

    index: int
    """Which of the candidates, from 0."""
    seed: int
    score: Score
    """The new notes alone, on the grid; tick 0 is the first bar line asked for."""
    parts: tuple[Part, ...]
    """The part of each of its tracks."""
    chords: tuple[str, ...]
    """The chord of each finished bar."""
    num_bars: int
    """Bars asked for."""

    def tracks_in(self, encoding: Encoding) -> tuple[int | None, ...]:
        """Find the track of a piece that each track goes on with; `None` for a new part."""
        own = encoding.part_of_track
        return tuple(own.index(part) if part in own else None for part in self.parts)


@dataclass(frozen=True, eq=False, slots=True)
class FinishedBar:
    """One more bar of one candidate."""

    candidate: int
    bar: int
    """Finished bars of this candidate, this one included."""
    num_bars: int
    """Bars asked for."""
    chord: str
    first_tick: int
    """Where this bar begins, in grid ticks from the first."""
    score: Score
    """The notes of this bar alone; ticks count from the first bar."""
    parts: tuple[Part, ...]
    """The part of each track of `score`."""
    so_far: Candidate
    """All finished bars of this candidate: what is kept if it is stopped now."""


def finished_bar(
    written: NDArray[np.uint16], index: int, seed: int, stream_bars: NDArray[np.int64]
) -> FinishedBar | None:
    """Make the report of a bar that has just been finished; `None` if it was only a part of one.

    Args:
        written: The new bars alone, as a stream of their own.
        index: Which candidate.
        seed: What it was drawn with.
        stream_bars: The bar of `written` with which each bar asked for begins, and the end.
    """
    num_written = len(bar_ends(written))
    bars = int(np.searchsorted(stream_bars, num_written))
    if stream_bars[bars] != num_written:
        return None
    so_far, parts = _decode_with_parts(written)
    last, last_parts = _decode_with_parts(
        crop(written, int(stream_bars[bars - 1]), num_written + 1)
    )
    first_tick = so_far.end_tick - last.end_tick
    vocab = vocabulary()
    chords = vocab.value[written[vocab.kind[written] == Kind.CHORD]]
    names = tuple(CHORD_NAMES[chord] for chord in chords[stream_bars[:bars]])
    num_bars = len(stream_bars) - 1
    return FinishedBar(
        candidate=index,
        bar=bars,
        num_bars=num_bars,
        chord=names[-1],
        first_tick=first_tick,
        score=_shifted(last, first_tick),
        parts=last_parts,
        so_far=Candidate(index, seed, so_far, parts, names, num_bars),
    )


def within_bars(score: Score) -> Score:
    """End what would ring beyond the last bar there, so that a piece grows by whole bars."""
    tracks = []
    for track in score.tracks:
        notes = track.notes.copy()
        notes[:, DURATION] = np.minimum(notes[:, DURATION], score.end_tick - notes[:, START])
        tracks.append(replace(track, notes=note_array(notes)))
    return score.with_tracks(tuple(tracks))


def _decode_with_parts(ids: NDArray[np.uint16]) -> tuple[Score, tuple[Part, ...]]:
    numbers = annotate(ids).part[vocabulary().kind[ids] == Kind.ONSET]
    parts = (Part.from_number(int(number)) for number in np.unique(numbers))
    return decode(ids), tuple(sorted(parts, key=lambda part: part.rank))


def _shifted(score: Score, ticks: int) -> Score:
    tracks = []
    for track in score.tracks:
        notes = track.notes.copy()
        notes[:, START] += ticks
        tracks.append(replace(track, notes=note_array(notes)))
    return score.with_tracks(tuple(tracks))
