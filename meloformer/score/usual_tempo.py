"""The tempo in which a piece goes on: a last ritardando is taken back, a new tempo is not."""

import numpy as np
from numpy.typing import NDArray

from meloformer.score.score import Score, Tempo

_BARS_BEFORE = 16
_HELD_BARS = 3
"""A tempo that lasts so long is one to stay in, and no end of a ritardando."""
_SAME = 1.03
"""Tempos within this ratio are one: a step of a ritardando is no tempo to stay in."""
_SLOWER = 0.93
"""Less than this share of the usual tempo is slower, and not only uneven."""


def usual_tempo(score: Score, bar_starts: NDArray[np.int64]) -> float:
    """Find the tempo in which a piece goes on at a bar line, in quarters a minute.

    It is the last tempo before the line if that holds for some bars or is about as fast as the last
    tempo before that has held for some bars; else that. Where none has, it is the commonest.

    Args:
        score: The piece.
        bar_starts: Bar lines up to the one where it goes on, at least two. (n,).
    """
    lines = bar_starts[-_BARS_BEFORE - 1 :].tolist()
    seam, bar = lines[-1], lines[-1] - lines[-2]
    spans = _spans(score, lines[0], seam)
    last = spans[-1][2]
    following = [tempo.tick for tempo in score.tempos if tempo.tick >= seam]
    until = min([*following, max(seam, score.end_tick)])
    held = until - max(tempo.tick for tempo in score.tempos if tempo.tick < seam)
    if held >= _HELD_BARS * bar:
        return last
    for begin, end, qpm in reversed(_merged(spans)):
        if end - begin >= _HELD_BARS * bar:
            return qpm if last < _SLOWER * qpm else last
    in_force: dict[float, int] = {}
    for begin, end, qpm in spans:
        in_force[qpm] = in_force.get(qpm, 0) + end - begin
    usual = max(in_force, key=lambda qpm: in_force[qpm])
    if in_force[usual] < bar:  # every beat has a tempo of its own
        usual = float(np.median(_bar_tempos(score, np.array(lines))))
        return last if last > usual / _SLOWER else usual
    return usual if last < _SLOWER * usual else last


def tempos_between(score: Score, begin: int, end: int, ticks_per_quarter: int) -> tuple[Tempo, ...]:
    """Return the tempos of a stretch of a piece, in ticks of another clock from its beginning."""
    return tuple(
        Tempo((at - begin) * ticks_per_quarter // score.ticks_per_quarter, qpm)
        for at, _, qpm in _spans(score, begin, end)
    )


def _spans(score: Score, begin: int, end: int) -> list[tuple[int, int, float]]:
    """List what is in force in a stretch: from, until, and quarters a minute."""
    ticks = [*(tempo.tick for tempo in score.tempos), end]
    return [
        (max(tempo.tick, begin), min(until, end), tempo.qpm)
        for tempo, until in zip(score.tempos, ticks[1:], strict=True)
        if until > begin and tempo.tick < end
    ]


def _merged(spans: list[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    """Join neighbours that have one tempo, however exactly; it is the longest of theirs."""
    merged: list[tuple[int, int, float]] = []
    low = high = longest = 0.0
    for begin, end, qpm in spans:
        low, high = min(low, qpm), max(high, qpm)
        if merged and high <= _SAME * low:
            first, _, usual = merged[-1]
            merged[-1] = first, end, qpm if end - begin > longest else usual
            longest = max(longest, end - begin)
        else:
            merged.append((begin, end, qpm))
            low, high, longest = qpm, qpm, end - begin
    return merged


def _bar_tempos(score: Score, lines: NDArray[np.int64]) -> NDArray[np.float64]:
    quarters = np.diff(lines) / score.ticks_per_quarter
    return np.asarray(quarters * 60 / np.maximum(np.diff(score.seconds_at(lines)), 1e-9))
