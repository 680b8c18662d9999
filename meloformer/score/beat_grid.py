"""A beat grid for music that was recorded without a click.

A musician who plays freely into a sequencer leaves a file that says one tempo, usually the
sequencer's own, while the notes follow another. `is_free` tells such files by their onsets, which
keep no distance from the file's quarters; `on_beat_grid` lays quarters under the beats that the
notes do follow.

Axes: B beats.
"""

import math
from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from meloformer.errors import MidiError
from meloformer.score.beat_tracking import CHORD_S, REACH_S, find_beats
from meloformer.score.score import (
    DURATION,
    PITCH,
    START,
    VELOCITY,
    Score,
    Tempo,
    TimeSignature,
    note_array,
)

MIN_ONSETS = 32
"""Of fewer, it cannot be said that they ignore the quarters."""
FREE_CONCENTRATION = 0.25
"""How much the onsets of a free recording may gather on a subdivision of the quarter: 0 is spread
evenly, 1 is all on one point."""
TICKS_PER_QUARTER = 480

_SUBDIVISIONS, _PHASES = 16, 192
_SEQUENCER_QPM = 120.0
"""The tempo of files in which nobody set one."""
_STRAY_S = 0.005
"""A tempo lasts until beats stray so far from it."""
_SHORTEST_QUARTER_S = 0.06
"""1000 quarters a minute, as fast as a score can be."""

_Floats: TypeAlias = NDArray[np.float64]


def is_free(score: Score) -> bool:
    """Check if the score was recorded without a click: one tempo, and onsets that ignore it.

    Each chord's place in its quarter is a unit vector, on the circle of the quarter and on those
    of its subdivisions. On one of them the vectors of music that was made with a click agree,
    swung or humanised as it may be; those of a free recording cancel out. Fills of drums alone may
    keep to no subdivision, but whoever recorded drums at a tempo that is not the sequencer's own
    had set a click to it.
    """
    if score.tempos[0].qpm != _SEQUENCER_QPM and all(track.is_drum for track in score.tracks):
        return False
    if len(score.tempos) > 1 or len(score.time_signatures) > 1 or score.num_notes < MIN_ONSETS:
        return False
    starts = np.sort(np.concatenate([track.notes[:, START] for track in score.tracks]))
    chord_ticks = CHORD_S * score.ticks_per_quarter * score.tempos[0].qpm / 60
    votes = starts[np.diff(starts, prepend=-np.inf) > chord_ticks].astype(np.int64)
    if len(votes) < MIN_ONSETS:
        return False
    phases = votes % score.ticks_per_quarter * _PHASES // score.ticks_per_quarter
    circles = np.fft.rfft(np.bincount(phases, minlength=_PHASES))[1 : _SUBDIVISIONS + 1]
    concentration = float(np.abs(circles).max()) / len(votes)
    # Squared, the largest of k mean vectors of n random ones is (ln k + 0.58) / n on average.
    by_chance = (math.log(_SUBDIVISIONS) + 0.58) / len(votes)
    return concentration**2 < FREE_CONCENTRATION**2 + by_chance


def on_beat_grid(score: Score) -> Score:
    """Put the music, second for second, on a grid with its beats on quarters and bars of 4/4.

    The first note's beat begins a bar. Silence before it becomes a whole number of quarters.

    Raises:
        MidiError: There is no pulse.
    """
    beats = find_beats(score)
    if beats is None:
        raise MidiError(
            "The piece has no usable bar grid: its notes follow no beat.",
            hint="Record it with a click, or tap its beats in your music program.",
        )
    starts = np.concatenate([track.notes[:, START] for track in score.tracks])
    silent, seconds = _from_zero(beats, float(score.seconds_at(starts.min())))
    return _retimed(score, _tempo_map(seconds, silent), _bars_after(silent))


def _from_zero(beats: _Floats, first_s: float) -> tuple[int, _Floats]:
    """Go back from the first beat found to the first note, and to second 0.

    Returns:
        The number of quarters from second 0 to the first note's beat, and the seconds of that
        beat and all others, (B',).
    """
    period = float(np.median(np.diff(beats[:5])))
    missing = math.ceil((float(beats[0]) - first_s - REACH_S) / period)
    missing = max(0, min(missing, int(beats[0] / period)))
    beats = np.concatenate((beats[0] - period * np.arange(missing, 0, -1), beats))
    if beats[0] < _SHORTEST_QUARTER_S:
        return 0, np.concatenate(([0.0], beats[1:]))
    return max(1, round(float(beats[0]) / period)), beats


def _tempo_map(seconds: _Floats, silent: int) -> tuple[Tempo, ...]:
    """Find the fewest tempos that bring the beats near their seconds."""
    quarters = silent + np.arange(len(seconds))
    if silent:
        quarters, seconds = np.append(0, quarters), np.append(0.0, seconds)
    beats = list(zip(quarters.tolist(), seconds.tolist(), strict=True))
    tempos: list[Tempo] = []
    at, at_s = 0, 0.0  # where the tempo began
    low_s, high_s = 0.0, math.inf  # seconds of a quarter that suit all beats since
    for (last, _), (quarter, second) in pairwise(beats):
        shortest, longest = _paces(quarter - at, second - at_s)
        if max(low_s, shortest) > min(high_s, longest):
            pace_s = (low_s + high_s) / 2
            tempos.append(Tempo(at * TICKS_PER_QUARTER, 60 / pace_s))
            at, at_s = last, at_s + (last - at) * pace_s
            low_s, high_s = _paces(quarter - at, second - at_s)
        else:
            low_s, high_s = max(low_s, shortest), min(high_s, longest)
    tempos.append(Tempo(at * TICKS_PER_QUARTER, 120 / (low_s + high_s)))
    return tuple(tempos)


def _paces(quarters: int, seconds: float) -> tuple[float, float]:
    """Return the least and the most seconds of a quarter with which so many take about so long."""
    return (seconds - _STRAY_S) / quarters, (seconds + _STRAY_S) / quarters


def _bars_after(silent: int) -> tuple[TimeSignature, ...]:
    """Lay bars of 4/4, the silent quarters filling whole ones and, first of all, a short one."""
    short = silent % 4
    common = TimeSignature(short * TICKS_PER_QUARTER, 4, 4)
    return (TimeSignature(0, short, 4), common) if short else (common,)


def _retimed(
    score: Score, tempos: tuple[Tempo, ...], time_signatures: tuple[TimeSignature, ...]
) -> Score:
    """Move the score to the ticks of another tempo map."""
    empty = Score(TICKS_PER_QUARTER, (), tempos, time_signatures, end_tick=0)
    tracks = []
    for track in score.tracks:
        notes = track.notes.astype(np.int64)
        start = empty.ticks_at(score.seconds_at(notes[:, START]))
        end = empty.ticks_at(score.seconds_at(notes[:, START] + notes[:, DURATION]))
        rows = (start, np.maximum(1, end - start), notes[:, PITCH], notes[:, VELOCITY])
        tracks.append(replace(track, notes=note_array(np.stack(rows, axis=1))))
    end_tick = int(empty.ticks_at(score.seconds_at(score.end_tick)))
    return replace(empty, tracks=tuple(tracks), end_tick=end_tick)
