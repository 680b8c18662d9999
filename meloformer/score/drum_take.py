"""Drums played by hand to a click, moved from where a drummer struck to where it would be written.

A drummer is early or late by a few hundredths of a second, which at the grid of the tokens is a
step or none by chance. Here each quarter is read as sixteenths, triplets or sextuplets, whichever
its strokes keep to best, and each stroke goes to the nearest place of that reading. Of two strokes
of one drum that meet, as those of a flam do, the louder keeps the place and the other goes to the
free step beside it.

Axes: N strokes, Q quarters.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.score.score import DURATION, PITCH, START, VELOCITY, Score, note_array

_ROLES = (4, 3, 6)
"""Parts of a quarter that strokes may keep to; of equally good ones the first counts."""
_EXACT = 0.02
"""Grid ticks by which a written stroke may miss the grid, as some programs round."""
_CLEAR = 0.25
"""How much strokes gather on a subdivision before a drummer counts as late or early by it."""
_LATEST_S = 0.06
"""More than this is no lateness."""

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class DrumTake:
    """A take on its grid."""

    score: Score
    num_lost: int
    """Strokes that found no place of their own."""


def is_drum_take(score: Score) -> bool:
    """Check if a score is drums alone, most of them struck beside the grid, as hands do."""
    tracks = [track for track in score.tracks if len(track.notes)]
    if not tracks or not all(track.is_drum for track in tracks):
        return False
    starts = np.concatenate([track.notes[:, START] for track in tracks])
    at = starts * TICKS_PER_QUARTER / score.ticks_per_quarter
    return bool((np.abs(at - np.round(at)) > _EXACT).mean() > 0.5)


def on_click(score: Score) -> DrumTake:
    """Move the strokes of a take to the grid of its own tempo map.

    Tempos, metres and loudness stay. The clock is a multiple of the grid's, so that all is exact.
    """
    scale = TICKS_PER_QUARTER // math.gcd(TICKS_PER_QUARTER, score.ticks_per_quarter)
    ticks_per_quarter = score.ticks_per_quarter * scale
    late = _lateness(score)
    step = ticks_per_quarter // TICKS_PER_QUARTER
    tracks, num_lost = [], 0
    for track in score.tracks:
        notes = track.notes.astype(np.int64)
        quarters = np.maximum(0.0, notes[:, START] / score.ticks_per_quarter - late)
        place, is_kept = _places(quarters, notes[:, PITCH], notes[:, VELOCITY])
        notes[:, START] = place * step
        notes[:, DURATION] *= scale
        tracks.append(replace(track, notes=note_array(notes[is_kept])))
        num_lost += int(np.count_nonzero(~is_kept))
    moved = Score(
        ticks_per_quarter,
        tuple(tracks),
        tuple(replace(tempo, tick=tempo.tick * scale) for tempo in score.tempos),
        tuple(replace(metre, tick=metre.tick * scale) for metre in score.time_signatures),
        score.end_tick * scale,
    )
    return DrumTake(moved, num_lost)


def _lateness(score: Score) -> float:
    """Return by how many quarters the strokes are late on the whole; early is below zero.

    The strokes are points on a circle that is a sixteenth or a triplet long. Where they gather on
    one of the two, their mean direction says how late they are.
    """
    starts = np.concatenate([track.notes[:, START] for track in score.tracks])
    quarters = starts / score.ticks_per_quarter
    means = {parts: np.exp(2j * np.pi * parts * quarters).mean() for parts in (4, 3)}
    parts, mean = max(means.items(), key=lambda item: abs(item[1]))
    late = float(np.angle(mean)) / (2 * np.pi * parts)
    is_small = abs(late) * 60 / score.tempos[0].qpm <= _LATEST_S
    return late if abs(mean) >= _CLEAR and is_small else 0.0


def _places(quarters: _Floats, drum: _Ints, velocity: _Ints) -> tuple[_Ints, NDArray[np.bool_]]:
    """Find the grid tick of each stroke of a track, and whether it has one to itself. Both (N,)."""
    at = quarters * TICKS_PER_QUARTER
    quarter = quarters.astype(np.int64)
    place = np.zeros(len(at), dtype=np.int64)
    for strokes in _by_quarter(quarter):
        place[strokes] = _read(at[strokes])
    is_kept = np.ones(len(at), dtype=np.bool_)
    taken = {}
    for stroke in np.argsort(-velocity, kind="stable").tolist():
        wanted = int(place[stroke])
        side = 1 if at[stroke] > wanted else -1
        for tick in (wanted, wanted + side, wanted - side):
            if tick >= 0 and (int(drum[stroke]), tick) not in taken:
                taken[int(drum[stroke]), tick] = stroke
                place[stroke] = tick
                break
        else:
            is_kept[stroke] = False
    return place, is_kept


def _by_quarter(quarter: _Ints) -> Iterator[_Ints]:
    """Yield the strokes of each quarter that has some."""
    order = np.argsort(quarter, kind="stable")
    edges = np.flatnonzero(np.diff(quarter[order])) + 1
    yield from np.split(order, edges)


def _read(at: _Floats) -> _Ints:
    """Find the nearest places of the parts of a quarter that strokes keep to best, in grid ticks.

    A miss is measured in parts: sextuplets are near to anything.
    """
    steps = [TICKS_PER_QUARTER // parts for parts in _ROLES]
    rounded = [np.floor(at / step + 0.5).astype(np.int64) * step for step in steps]
    misses = [
        float((((at - near) / step) ** 2).mean()) for near, step in zip(rounded, steps, strict=True)
    ]
    return rounded[int(np.argmin(misses))]
