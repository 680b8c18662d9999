"""Chords cut by bar lines: what is heard once is written in each bar it reaches into."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from meloformer.score.notation.measure import Measure
from meloformer.score.notation.voices import WrittenChord


@dataclass(frozen=True, slots=True)
class BarPiece:
    """What of a chord is in one bar."""

    start: int
    """Within the bar."""
    end: int
    """Within the bar."""
    pitches: tuple[int, ...]
    goes_on: bool
    """Whether it began before."""
    is_held: bool
    """Whether it goes on after the bar line."""


def cut_by_bars(
    chords: Iterable[WrittenChord], measures: Sequence[Measure]
) -> list[list[BarPiece]]:
    """Return the pieces of chords in each bar.

    Args:
        chords: Of one voice, in order.
        measures: Of the piece.
    """
    pieces: list[list[BarPiece]] = [[] for _ in measures]
    starts = [measure.start for measure in measures]
    for chord in chords:
        index = bisect_right(starts, chord.start) - 1
        while index < len(measures) and measures[index].start < chord.end:
            bar = measures[index]
            pieces[index].append(
                BarPiece(
                    max(chord.start, bar.start) - bar.start,
                    min(chord.end, bar.end) - bar.start,
                    tuple(sorted(chord.pitches)),
                    goes_on=chord.start < bar.start,
                    is_held=chord.end > bar.end,
                )
            )
            index += 1
    return pieces
