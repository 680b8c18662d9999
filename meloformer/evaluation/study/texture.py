"""Measures of texture: groove, density, polyphony, silence, and activity of the parts.

Axes: B bars.
"""

from collections import defaultdict

import numpy as np

from meloformer.evaluation.study.bars import Bars
from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.score.part import DRUM_PROGRAM
from meloformer.score.score import Score


def groove_consistency(bars: Bars) -> float:
    """Return how alike the onsets of neighbouring bars are: 1 less their mean Hamming distance.

    As `muspy.groove_consistency`, after Wu and Yang, "The Jazz Transformer on the front line",
    2020, with two differences: neighbours of different length are not compared, and there is no
    empty bar after the last.

    Returns:
        From 0 to 1; not a number without two neighbours of one length.
    """
    lengths = np.diff(bars.lines)
    begins = np.zeros((bars.num_bars, int(lengths.max())), dtype=np.bool_)
    begins[bars.bar, bars.onset] = True
    is_alike = lengths[1:] == lengths[:-1]
    if not is_alike.any():
        return float("nan")
    distance = np.count_nonzero(begins[1:] != begins[:-1], axis=1) / lengths[1:]
    return float(1.0 - distance[is_alike].mean())


def density(bars: Bars) -> float:
    """Return the notes that begin in a quarter, drums included."""
    return len(bars.start) / (int(bars.lines[-1]) / TICKS_PER_QUARTER)


def polyphony(bars: Bars) -> float:
    """Return the mean number of pitches that sound together while any does, drums left out.

    As `muspy.polyphony`; a pitch that two parts play counts once.

    Returns:
        At least 1; not a number without pitched notes.
    """
    sounds = np.zeros((int(bars.lines[-1]), 128), dtype=np.bool_)
    for note in np.flatnonzero(~bars.is_drum):
        start = bars.start[note]
        sounds[start : start + bars.duration[note], bars.pitch[note]] = True
    together = sounds.sum(axis=1)
    return float(together[together > 0].mean()) if together.any() else float("nan")


def empty_share(bars: Bars) -> float:
    """Return the share of the bars in which no note begins and none sounds on."""
    return float(np.mean(bars.sounding.sum(axis=1) == 0))


def activity(score: Score, bars: Bars) -> dict[int, float]:
    """Return the share of bars that each program begins a note in, drums being 128.

    Parts that play the same program add up: two violins that play all the time are 2.
    """
    shares: dict[int, float] = defaultdict(float)
    for index, track in enumerate(score.tracks):
        played = len(np.unique(bars.bar[bars.track == index]))
        shares[DRUM_PROGRAM if track.is_drum else track.program] += played / bars.num_bars
    return dict(shares)


def activity_distance(one: dict[int, float], other: dict[int, float]) -> float:
    """Return how differently instruments are employed: 0 for alike, 1 for none in common.

    The differences, added up over the instruments, by the sum of the busier of both.
    """
    names = one.keys() | other.keys()
    most = sum(max(one.get(name, 0.0), other.get(name, 0.0)) for name in names)
    apart = sum(abs(one.get(name, 0.0) - other.get(name, 0.0)) for name in names)
    return apart / most if most else float("nan")
