"""Whether notes keep to a scale, and to the chord that their bar is headed with.

Axes: N notes, B bars.
"""

from collections.abc import Sequence

import numpy as np

from meloformer.evaluation.study.bars import Bars
from meloformer.evaluation.study.histograms import pitch_classes
from meloformer.score.chords import NO_CHORD, chord_pitch_classes

_MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)


def scale_consistency(bars: Bars) -> float:
    """Return the largest share of pitched notes that lie in one major or natural minor scale.

    As `muspy.scale_consistency`, after Mogren, "C-RNN-GAN", 2016. A minor scale has the notes of
    its relative major, so twelve scales are all there are.

    Returns:
        From 7/12 to 1; not a number without pitched notes.
    """
    counts = pitch_classes(bars)
    if not counts.sum():
        return float("nan")
    scale = np.isin(np.arange(12), _MAJOR_SCALE)
    inside = max(int(counts[np.roll(scale, root)].sum()) for root in range(12))
    return inside / int(counts.sum())


def chord_agreement(bars: Bars, chords: Sequence[int]) -> float:
    """Return the share of pitched notes' sounding time that is spent on tones of the bar's chord.

    A note held over a bar line counts in each bar by the ticks it sounds there. Bars without a
    chord are left out.

    Args:
        bars: The music.
        chords: Chord of each bar. (B,).

    Returns:
        From 0 to 1; not a number where nothing sounds over a chord.
    """
    tones = np.zeros((bars.num_bars, 12), dtype=np.bool_)
    for bar, chord in enumerate(chords):
        tones[bar, list(chord_pitch_classes(chord))] = True
    has_chord = np.array([chord != NO_CHORD for chord in chords], dtype=np.bool_)
    ticks = bars.sounding * (has_chord[:, None] & ~bars.is_drum)
    total = int(ticks.sum())
    inside = tones[:, bars.pitch % 12]
    return int(ticks[inside].sum()) / total if total else float("nan")
