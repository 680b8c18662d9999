"""Which chord each bar of notes makes.

The bar's pitch classes and its bass are looked up in `chord_table.npy`, which music21 filled once
(`make_chord_table.py`); nothing here needs music21.

Axes: N notes, B bars, 12 pitch classes, 216 templates.
"""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meloformer.score.chords import INTERVALS, NO_CHORD, NUM_QUALITIES, chord_pitch_classes

TABLE_PATH = Path(__file__).with_name("chord_table.npy")

MIN_SHARE = 12
"""A pitch class that sounds for less than 1/12 of the bar's summed note lengths is dropped."""
BASS_BONUS = 8
"""The bass of the downbeat weighs 1/8 of the bar's summed note lengths more than it lasts."""

_EXTRA_TONES = np.array([max(len(intervals) - 3, 0) for intervals in INTERVALS])


@cache
def chord_table() -> NDArray[np.uint8]:
    """Return the chord of each pitch-class set (bit k: pitch class k) over each bass. (4096, 12)"""
    table: NDArray[np.uint8] = np.load(TABLE_PATH)
    table.setflags(write=False)
    return table


def recognise(
    start: NDArray[np.integer],
    duration: NDArray[np.integer],
    pitch: NDArray[np.integer],
    bar_starts: NDArray[np.integer],
) -> NDArray[np.uint8]:
    """Name the chord of every bar.

    A note counts in each bar it sounds in, by the ticks it sounds there; the bass of the downbeat,
    which may be short and yet carries the harmony, by 1/`BASS_BONUS` of the bar's total more.
    Pitch classes with less than 1/`MIN_SHARE` of the total are dropped. The bass is that of the
    downbeat, else the lowest pitch that is left. The table names what remains; where it cannot,
    the best fitting template does (see `_best_templates`). All arithmetic is on integers, so
    results never differ by machine.

    Args:
        start: First tick of each pitched note; leave drums out. (N,)
        duration: Ticks. (N,)
        pitch: 0 to 127. (N,)
        bar_starts: Ticks of all bar lines, the end of the last bar included; ascending. (B + 1,)

    Returns:
        Chord of each bar. (B,), uint8.
    """
    lines = np.asarray(bar_starts, dtype=np.int64)
    begin = np.asarray(start, dtype=np.int64)
    end = begin + np.asarray(duration, dtype=np.int64)
    inside = np.flatnonzero((begin < lines[-1]) & (end > lines[0]))
    begin, end, key = begin[inside], end[inside], np.asarray(pitch, dtype=np.int64)[inside]
    key -= int(key.min(initial=120)) // 12 * 12  # octaves below and above all notes are left out
    octaves = int(key.max(initial=0)) // 12 + 1
    bar = np.searchsorted(lines, begin, side="right") - 1  # -1 before the first
    since = begin - lines[bar]
    ticks = _sounding_ticks(bar, since, end, key, lines, octaves)  # (B, octaves, 12)
    sounds = ticks > 0
    downbeat = _downbeat_bass(bar, since, key, lines, _lowest(sounds))  # (B,)
    weights = np.einsum("bop->bp", ticks)  # (B, 12)
    total = weights.sum(axis=1)
    weights *= BASS_BONUS
    has_downbeat = np.flatnonzero(downbeat >= 0)
    weights[has_downbeat, downbeat[has_downbeat] % 12] += total[has_downbeat]
    weights[weights * MIN_SHARE < (total * BASS_BONUS)[:, None]] = 0
    kept = weights > 0
    sounds &= kept[:, None]
    bass = np.where(downbeat >= 0, downbeat, _lowest(sounds)) % 12
    sets = kept @ (1 << np.arange(12))
    chords: NDArray[np.uint8] = chord_table()[sets, bass]
    unnamed = np.flatnonzero((chords == NO_CHORD) & (sets > 0))
    chords[unnamed] = _best_templates(weights[unnamed], bass[unnamed])
    return chords


def _sounding_ticks(
    bar: NDArray[np.int64],
    since: NDArray[np.int64],
    end: NDArray[np.int64],
    key: NDArray[np.int64],
    lines: NDArray[np.int64],
    octaves: int,
) -> NDArray[np.int64]:
    """Count the ticks each pitch sounds in each bar, summed over notes. (B, octaves, 12)

    Work grows with notes plus bars, not with the bars a note is held over: held bars are counted
    as running sums of the notes that begin and end.
    """
    # From its first bar on, a note fills whole bars; what it misses before its beginning and from
    # its end on is taken off again.
    width = octaves * 12
    stop = np.minimum(np.searchsorted(lines, end), len(lines) - 1)
    first_cell = np.maximum(bar, 0) * width + key
    stop_cell = stop * width + key
    held = np.bincount(first_cell, minlength=len(lines) * width)
    held -= np.bincount(stop_cell, minlength=len(lines) * width)
    ticks = held.reshape(-1, width)[:-1].cumsum(axis=0)
    ticks *= np.diff(lines)[:, None]
    flat = ticks.ravel()  # a view
    np.subtract.at(flat, first_cell, np.maximum(since, 0))
    np.subtract.at(flat, stop_cell - width, np.maximum(lines[stop] - end, 0))
    return ticks.reshape(len(ticks), octaves, 12)


def _lowest(sounds: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Find the lowest pitch that sounds in each bar, 0 where none does. (B,)

    Args:
        sounds: (B, octaves, 12).
    """
    lowest: NDArray[np.int64] = sounds.reshape(len(sounds), sounds.shape[1] * 12).argmax(axis=1)
    return lowest


def _downbeat_bass(
    bar: NDArray[np.int64],
    since: NDArray[np.int64],
    key: NDArray[np.int64],
    lines: NDArray[np.int64],
    lowest: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Find the lowest pitch that begins in the first eighth of each bar, -1 if no bass. (B,)

    It is none if the bar goes an octave or more below it: the bass then enters later, or is held
    over from the bar before.
    """
    early = np.flatnonzero((since >= 0) & (since * 8 < np.diff(lines)[bar]))
    bass = np.full(len(lines) - 1, 128, dtype=np.int64)
    np.minimum.at(bass, bar[early], key[early])
    return np.where((bass < 128) & (bass - lowest < 12), bass, -1)


@cache
def _templates() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """List the tones of the 216 chords, and those that must sound.

    They are all but a perfect fifth above a third.

    Returns:
        Two arrays of 0 and 1, (216, 12).
    """
    tones = np.zeros((NO_CHORD, 12))
    for chord in range(NO_CHORD):
        tones[chord, list(chord_pitch_classes(chord))] = 1
    needed = tones.copy()
    for chord in range(NO_CHORD):
        root, quality = divmod(chord, NUM_QUALITIES)
        if {3, 4} & set(INTERVALS[quality]) and 7 in INTERVALS[quality]:
            needed[chord, (root + 7) % 12] = 0
    return tones, needed


def _best_templates(weights: NDArray[np.int64], bass: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Find the template that explains each bar best, or `NO_CHORD` if none explains enough. (B,)

    A template is a candidate if its tones sound and make up at least 3/5 of the bar; a perfect
    fifth above a third may be silent if the bass is the root, or the others make up 4/5. It scores
    its tones' share, plus 1/8 if the bass is its root, less 1/12 for each tone after the third, so
    that passing notes do not turn triads into ninth chords, and less 1/12 for a silent fifth. On a
    tie the quality that comes first in `QUALITIES` wins, then the smaller interval from the bass up
    to the root.

    Args:
        weights: Weight of each kept pitch class, 0 for dropped ones. (B, 12)
        bass: Pitch class. (B,)
    """
    tones, needed = _templates()
    silent = (weights == 0).astype(np.float64)
    # Matrix products are fast in floats, and exact: whole numbers far below 2**53.
    pair = np.flatnonzero(silent @ needed.T == 0)  # (K,) of a bar and a chord that may fit it
    row, chord = np.divmod(pair, NO_CHORD)
    inside = (weights.astype(np.float64) @ tones.T).take(pair).astype(np.int64)
    silent_fifth = (silent @ (tones - needed).T).take(pair).astype(np.int64)
    total = weights.sum(axis=1)[row]
    root, quality = np.divmod(chord, NUM_QUALITIES)
    above_bass = (root - bass[row]) % 12
    extra_tones = _EXTRA_TONES[quality] + silent_fifth
    score = 24 * inside + (3 * (above_bass == 0) - 2 * extra_tones) * total
    rank = score * 256 - quality * 12 - above_bass
    fifths = 3 + silent_fifth * (above_bass > 0)
    fits = np.flatnonzero(5 * inside >= fifths * total)
    lowest = np.iinfo(np.int64).min
    ranks = np.full((len(weights), NO_CHORD + 1), lowest)
    ranks[:, NO_CHORD] = lowest + 1
    ranks[row[fits], chord[fits]] = rank[fits]
    best: NDArray[np.int64] = ranks.argmax(axis=1)
    return best.astype(np.uint8)
