"""The steady beat of music whose file says another tempo, as transcriptions of audio do.

Programs that turn recordings into MIDI write seconds as ticks of 120 quarters a minute, whatever
was played. If the music keeps a tempo, its onsets gather at one phase of that tempo's circle from
the first bar to the last, and at no phase of the circles of the file's own quarters and bars.

Axes: N onsets, F frequencies.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.score.beat_grid import MIN_ONSETS, TICKS_PER_QUARTER
from meloformer.score.beat_tracking import CHORD_S
from meloformer.score.score import PITCH, START, VELOCITY, Score, Tempo, TimeSignature

MIN_QPM, MAX_QPM = 50.0, 200.0
"""Tempos that are followed."""
SAID_BY_DEFAULT = 120.0

_USUAL_S = 0.55
"""The most usual beat, near 109 a minute."""
_LONGEST_S = 90.0
"""So much of the music is looked at."""
_LEAST_GATHERED = 0.2
"""How much onsets gather on a beat that counts: 0 is spread evenly, 1 is all on it."""
_LEAST_ON_PARTS = 0.5
"""The same for the best of the beat and its halves, thirds and quarters."""
_CLEARLY = 1.5
"""How much more they gather there than on the quarters, halves and bars of the file."""
_SAME = 0.007
"""A ratio so near to a simple one is that one."""
_WALTZ = 1.2
_MAX_PULSES_QPM = 360.0
"""The fastest eighths of 6/8, of which three are a beat."""
_LEAST_OF_BASS = 0.6
"""How much the bass gathers on beats of three eighths."""
_NEAR = 0.2
"""A part of the beat: onsets so near to one are on it."""
_LEVELS = (1 / 4, 1 / 3, 1 / 2, 1.0, 2.0, 3.0, 4.0)
"""How the beat may relate to the strongest pulse."""
_LOW, _BASS_DRUMS = 50, (35, 36)
_EXACT = 0.95
_FEWEST_OF_BASS = 8
"""Low notes by which bars can be told."""

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SteadyBeat:
    """Beats at equal distances."""

    period_s: float
    first_s: float
    """The first beat at which, or near which, the music can begin; not negative."""
    beats_of_bar: int
    """3 or 4."""
    downbeat: int
    """How many beats the first bar line comes after the first beat."""


def says_no_tempo(score: Score) -> bool:
    """Check if the file says only what programs write where nobody has said anything."""
    metres = [(metre.numerator, metre.denominator) for metre in score.time_signatures]
    tempos = [tempo.qpm for tempo in score.tempos]
    return metres == [(4, 4)] and len(tempos) == 1 and abs(tempos[0] - SAID_BY_DEFAULT) < 0.01


def find_steady_beat(score: Score, *, against_file: bool = True) -> SteadyBeat | None:
    """Find the beat that the music keeps, if it keeps one.

    Args:
        score: The music.
        against_file: Whether the file's own quarters must explain the music clearly worse.
    """
    seconds, weights = _onsets(score)
    if len(seconds) < MIN_ONSETS or seconds[-1] - seconds[0] < 8 * _USUAL_S:
        return None
    in_threes = _beat_of_three(score, seconds, weights, against_file=against_file)
    if in_threes is not None:
        return _in_bars(score, *_bass(score, seconds, weights), in_threes)
    found = _strongest(seconds, weights, MIN_QPM, MAX_QPM)
    levels = [found * ratio for ratio in _LEVELS]
    levels = [f for f in levels if 0.98 * MIN_QPM <= 60 * f <= 1.02 * MAX_QPM]
    levels.sort(key=lambda level: _beatness(seconds, weights, level))
    gathered = [f for f in levels if abs(_vector(seconds, weights, f)) >= _LEAST_GATHERED]
    if not gathered or (against_file and gathered[-1] != levels[-1] and _is_on_grid(score)):
        return None  # beats that are all alike may be syncopes
    frequency = gathered[-1]
    on_beat = abs(_vector(seconds, weights, frequency))
    parts = np.abs(_vectors(seconds, weights, frequency * np.arange(1.0, 5.0)))
    if parts.max() < _LEAST_ON_PARTS:
        return None
    if against_file and not _beats_file(score, seconds, weights, frequency, on_beat):
        return None
    return _in_bars(score, seconds, weights, frequency)


def steady_grid(score: Score, beat: SteadyBeat) -> Score:
    """Lay a tempo map and bars under a beat; the score has no notes.

    Time before the first beat becomes a whole number of quarters.
    """
    silent = round(beat.first_s / beat.period_s)
    pace = Tempo(silent * TICKS_PER_QUARTER, 60 / beat.period_s)
    tempos: tuple[Tempo, ...] = (pace,)
    if silent:
        tempos = (Tempo(0, 60 * silent / beat.first_s), pace)
    elif beat.first_s:
        first_quarter_s = beat.first_s + beat.period_s
        tempos = (Tempo(0, 60 / first_quarter_s), Tempo(TICKS_PER_QUARTER, pace.qpm))
    metre = beat.beats_of_bar
    short = (silent + beat.downbeat) % metre
    whole = TimeSignature(short * TICKS_PER_QUARTER, metre, 4)
    metres = (TimeSignature(0, short, 4), whole) if short else (whole,)
    return Score(TICKS_PER_QUARTER, (), tempos, metres, end_tick=0)


def _strongest(seconds: _Floats, weights: _Floats, min_qpm: float, max_qpm: float) -> float:
    """Find the frequency on which onsets gather most."""
    span = float(seconds[-1] - seconds[0])
    frequencies = np.arange(min_qpm / 60, max_qpm / 60, 1 / (8 * span))
    rough = frequencies[int(np.abs(_vectors(seconds, weights, frequencies)).argmax())]
    near = rough + np.arange(-20, 21) / (100 * span)
    return float(near[int(np.abs(_vectors(seconds, weights, near)).argmax())])


def _beat_of_three(
    score: Score, seconds: _Floats, weights: _Floats, *, against_file: bool
) -> float | None:
    """Find the beat of fast 6/8: a bass on every third of pulses too fast to be beats.

    Of a waltz, the bass gathers as much on every second.
    """
    pulse = _strongest(seconds, weights, MAX_QPM, _MAX_PULSES_QPM)
    bass = _bass(score, seconds, weights)
    thirds, halves, quarters = np.abs(_vectors(*bass, pulse / np.array([3.0, 2.0, 4.0])))
    on_pulse = abs(_vector(seconds, weights, pulse))
    if min(thirds, on_pulse) < _LEAST_OF_BASS or thirds < _CLEARLY * max(halves, quarters):
        return None
    frequencies = (pulse, pulse / 3) if against_file else ()
    if not all(_beats_file(score, seconds, weights, one, on_pulse) for one in frequencies):
        return None
    return pulse / 3


def _onsets(score: Score) -> tuple[_Floats, _Floats]:
    """List seconds and weights of chords in order: loud, low and full ones weigh more. (N,)."""
    notes = np.concatenate([np.zeros((0, 4), np.int32), *(track.notes for track in score.tracks)])
    is_drum = np.repeat([t.is_drum for t in score.tracks], [len(t.notes) for t in score.tracks])
    order = np.argsort(notes[:, START], kind="stable")
    seconds = score.seconds_at(notes[order, START])
    depth = np.where(is_drum, 0.0, np.clip((60 - notes[:, PITCH]) / 24, 0.0, 1.0))
    weights = (notes[:, VELOCITY] / 127 * (1 + depth))[order]
    early = seconds < (seconds[0] if len(seconds) else 0.0) + _LONGEST_S
    seconds, weights = seconds[early], weights[early]
    chord = np.cumsum(np.diff(seconds, prepend=-np.inf) > CHORD_S) - 1
    total = np.bincount(chord, weights)
    middle = np.bincount(chord, weights * seconds) / np.maximum(total, 1e-9)
    return middle, np.sqrt(total)


def _vectors(seconds: _Floats, weights: _Floats, frequencies: _Floats) -> NDArray[np.complex128]:
    """Add up the onsets as vectors on the circle of each frequency; 1 if all are at one phase.

    Returns:
        (F,), complex.
    """
    turns = np.exp(2j * np.pi * np.outer(frequencies, seconds))
    return np.asarray(turns @ weights / weights.sum())


def _vector(seconds: _Floats, weights: _Floats, frequency: float) -> complex:
    return complex(_vectors(seconds, weights, np.array([frequency]))[0])


def _beats_file(
    score: Score, seconds: _Floats, weights: _Floats, frequency: float, on_beat: float
) -> bool:
    """Check if a beat is another than that of the file, and explains the music clearly better."""
    own = score.tempos[0].qpm / 60
    levels = own * np.array([0.25, 0.5, 1.0, 2.0])
    if np.any(np.abs(frequency / levels - 1) < _SAME):
        return False
    of_file = np.abs(_vectors(seconds, weights, levels[:3])).max()
    return bool(on_beat > _CLEARLY * of_file)


def _is_on_grid(score: Score) -> bool:
    """Check if nearly all notes begin exactly on sixteenths or triplets of the file."""
    starts = np.concatenate([track.notes[:, START] for track in score.tracks])
    parts = [starts % (score.ticks_per_quarter / part) for part in (4, 6)]
    steps = [score.ticks_per_quarter / 4, score.ticks_per_quarter / 6]
    off = [np.minimum(part, step - part) for part, step in zip(parts, steps, strict=True)]
    return bool(np.mean(np.minimum(*off) <= 1) >= _EXACT)


def _beatness(seconds: _Floats, weights: _Floats, frequency: float) -> float:
    """Rate a frequency as that of the beat.

    Tempos near the usual one are likelier, and so are those at which something happens on every
    beat, and between some beats but not all.
    """
    place = seconds * frequency - np.angle(_vector(seconds, weights, frequency)) / (2 * math.pi)
    beat = np.rint(place).astype(np.int64)
    is_on = np.abs(place - beat) < _NEAR
    between = np.floor(place[~is_on]).astype(np.int64)
    num_beats = max(1, int(beat[-1] - beat[0]))
    covered = min(1.0, len(np.unique(beat[is_on])) / num_beats)
    filled = min(1.0, len(np.unique(between)) / num_beats)
    usual = math.exp(-0.5 * math.log2(1 / frequency / _USUAL_S) ** 2)
    parted = (0.5 + min(0.5, filled)) * (1 - 0.75 * max(0.0, filled - 0.6))
    return usual * covered**2 * parted


def _in_bars(score: Score, seconds: _Floats, weights: _Floats, frequency: float) -> SteadyBeat:
    """Find where the beats are, and which of them begin bars: mostly those with a bass."""
    period = 1 / frequency
    offset = float(np.angle(_vector(seconds, weights, frequency))) / (2 * math.pi) * period
    first = offset + math.floor((float(seconds[0]) - offset) / period + 0.5) * period
    if first < 0:
        first = 0.0 if first > -_NEAR * period else first + period
    seconds, weights = _bass(score, seconds, weights)
    three, four, two = np.abs(_vectors(seconds, weights, frequency / np.array([3.0, 4.0, 2.0])))
    beats_of_bar = 3 if three > max(_LEAST_GATHERED, _WALTZ * max(four, two)) else 4
    place = (seconds - first) / period
    beat = np.rint(place).astype(np.int64)
    is_on = (np.abs(place - beat) < _NEAR) & (beat >= 0)
    strength = np.bincount(beat[is_on] % beats_of_bar, weights[is_on], minlength=beats_of_bar)
    downbeat = int(strength.argmax())
    if strength[0] > 0.9 * strength[downbeat]:
        downbeat = 0
    return SteadyBeat(period, first, beats_of_bar, downbeat)


def _bass(score: Score, seconds: _Floats, weights: _Floats) -> tuple[_Floats, _Floats]:
    """List seconds and weights of low notes and bass drums; all onsets where those are few."""
    low = [
        track.notes[np.isin(track.notes[:, PITCH], _BASS_DRUMS)]
        if track.is_drum
        else track.notes[track.notes[:, PITCH] < _LOW]
        for track in score.tracks
    ]
    notes = np.concatenate([np.zeros((0, 4), np.int32), *low])
    if len(notes) < _FEWEST_OF_BASS:
        return seconds, weights
    of_bass: _Floats = score.seconds_at(notes[:, START])
    return of_bass, notes[:, VELOCITY].astype(np.float64)
