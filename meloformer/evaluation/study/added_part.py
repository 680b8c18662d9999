"""A part that was written to others, beside the one that the song has there.

Chords are recognised with the song's own part, so the real part has a little of an advantage over a
written one where both are compared with them.

Axes: N notes of the part, M notes of the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.evaluation.study.bars import Bars, bars_of
from meloformer.evaluation.study.gaps import PartPassage, SongGap, plays_all_the_time
from meloformer.evaluation.study.harmony import chord_agreement
from meloformer.evaluation.study.histograms import jensen_shannon, onsets, pitch_classes
from meloformer.evaluation.study.passage_study import MeasuredPrompt
from meloformer.evaluation.study.texture import density
from meloformer.score.part import Part

DISSONANT = (1, 2, 6, 10, 11)
"""Semitones between two notes, less octaves: seconds, sevenths and the tritone."""

DISTANCES = (
    "onsets in the bar, Jensen-Shannon",
    "pitch classes, Jensen-Shannon",
    "mean pitch, semitones apart",
    "density ratio",
)
"""Measures that are taken against the part of the song."""


@dataclass(frozen=True, slots=True)
class PartGap:
    """A gap, and the part that is to be written in it."""

    gap: SongGap
    part: Part


def part_gap(gap: SongGap) -> PartGap | None:
    """Choose a pitched part to leave out: one that plays all the time beside others.

    Returns:
        The same part each time; `None` where there is no such part, or it falls silent afterwards.
    """
    truth, following = gap.truth, gap.following
    able = [
        part
        for part in truth.parts
        if not part.is_drum and part in following.parts and plays_all_the_time(truth, part)
    ]
    if not able or sum(not part.is_drum for part in truth.parts) < 2:
        return None
    return PartGap(gap, able[gap.document % len(able)])


def measure_prompt(place: PartGap, written: Sequence[PartPassage]) -> MeasuredPrompt:
    """Measure what was written for a gap, the song's own part, and how that goes on.

    Args:
        place: The gap and the part.
        written: The part alone; one a seed.
    """
    gap, parts = place.gap, [place.part]
    truth, following = gap.truth, gap.following
    others, real = bars_of(truth.without(parts)), bars_of(truth.of(parts))
    later = bars_of(following.of(parts))
    of_real = part_measures(real, others, truth.chords)
    of_later = part_measures(later, bars_of(following.without(parts)), following.chords)
    measured = []
    for one in written:
        bars = bars_of(one.of(parts))
        measured.append(part_measures(bars, others, truth.chords) | _distances(bars, real))
    return MeasuredPrompt(
        gap.document_set,
        tuple(measured),
        of_real | _distances(real, real),
        of_later | _distances(later, real),
    )


def part_measures(part: Bars, others: Bars, chords: Sequence[int]) -> dict[str, float]:
    """Return the harmony, rhythm, register, doubling and density of a part among others.

    Args:
        part: Its notes.
        others: Those of all other parts, drums included, in the same bars.
        chords: Of each bar.
    """
    has_notes = len(part.pitch) > 0
    pitch = part.pitch if has_notes else np.array([np.nan])
    return {
        "agreement with chords": chord_agreement(part, chords),
        "dissonant with others": dissonance(part, others),
        "begins with another part": coincidence(part, others),
        "mean pitch": float(np.mean(pitch)),
        "range, semitones": float(np.ptp(pitch)),
        "doubles another part": doubling(part, others),
        "notes a quarter": density(part),
    }


def dissonance(part: Bars, others: Bars) -> float:
    """Return the share of the time together that is a second, a seventh or a tritone.

    Three notes that sound against one count three times, drums not at all.

    Returns:
        From 0 to 1; not a number where nothing sounds together.
    """
    pitched = ~others.is_drum
    start, end = others.start[pitched], others.start[pitched] + others.duration[pitched]
    together = np.minimum((part.start + part.duration)[:, None], end)
    together = np.maximum(together - np.maximum(part.start[:, None], start), 0)  # (N, M)
    is_dissonant = np.isin((part.pitch[:, None] - others.pitch[pitched]) % 12, DISSONANT)
    return _share(int(together[is_dissonant].sum()), int(together.sum()))


def coincidence(part: Bars, others: Bars) -> float:
    """Return the share of the places where the part begins notes at which another part does, too.

    Returns:
        From 0 to 1; not a number for a part without notes.
    """
    places = np.unique(part.start)
    return _share(int(np.isin(places, others.start).sum()), len(places))


def doubling(part: Bars, others: Bars) -> float:
    """Return the share of notes that begin together with the same pitch class of another part.

    Returns:
        From 0 to 1; not a number for a part without notes.
    """
    pitched = ~others.is_drum
    theirs = _onset_and_class(others.start[pitched], others.pitch[pitched])
    mine = _onset_and_class(part.start, part.pitch)
    return _share(int(np.isin(mine, theirs).sum()), len(mine))


def _distances(part: Bars, real: Bars) -> dict[str, float]:
    both = len(part.pitch) > 0 and len(real.pitch) > 0
    apart = abs(float(part.pitch.mean() - real.pitch.mean())) if both else float("nan")
    values = (
        jensen_shannon(onsets(part), onsets(real)),
        jensen_shannon(pitch_classes(part), pitch_classes(real)),
        apart,
        density(part) / density(real),
    )
    return dict(zip(DISTANCES, values, strict=True))


def _onset_and_class(start: NDArray[np.int64], pitch: NDArray[np.int64]) -> NDArray[np.int64]:
    return start * 12 + pitch % 12


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
