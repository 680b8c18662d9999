"""Beat tracking: the beats of a performance, found from its notes alone.

Onsets become an envelope of 20 ms frames. Its autocorrelation, and pretty_midi's estimate of the
tempo, propose periods. For each, dynamic programming after Ellis, "Beat Tracking by Dynamic
Programming" (Journal of New Music Research 36, 2007) finds beats that fall on strong onsets at
steady distances. Ellis compares each distance with one period for the whole piece; here it is
compared with the distance before it, so that the tempo may drift.

Axes: N notes, F frames, K distances between beats, B beats.
"""

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from meloformer.score.score import PITCH, START, VELOCITY, Score

CHORD_S = 0.03
"""Onsets this close are one chord."""
REACH_S = 0.04
"""Onsets this close to a beat are on it."""
RANGE = 1.3
"""The distance of two beats stays within this ratio of the period."""
STEADINESS, PULL, PRICE = 300.0, 10.0, 1.0
"""What a beat costs, in standard deviations of the envelope: for the squared log ratio of its
distance to the one before, for that to the period, and for itself."""

_FRAME_S = 0.02
_SHORTEST_S, _LONGEST_S, _USUAL_S = 0.34, 1.2, 0.55
"""Periods that are looked for: beats of 50 to 176 a minute, best near 109."""
_CANDIDATES = 3
_THIRDS = 0.3
"""Beats are less likely if much happens on thirds of them: three of them may be two."""
_AWAY = 0.1
"""A part of the beat: onsets this far from both beats are between them."""
_MIN_PULSE = 2.5

_Floats: TypeAlias = NDArray[np.float64]


def find_beats(score: Score) -> _Floats | None:
    """Find the seconds of the beats, at least 4, or nothing if the music has no pulse. (B,)"""
    seconds, weights = _onsets(score)
    if len(seconds) == 0 or seconds[-1] - seconds[0] < 4 * _LONGEST_S:
        return None
    envelope = _envelope(seconds, weights)
    periods = [*_periods(envelope), *_pretty_midi_periods(score)]
    candidates = [follow(envelope, period) for period in periods]
    frames = max(candidates, key=lambda frames: _fit(envelope, frames), default=None)
    if frames is None or len(frames) < 4:
        return None
    beats = _on_onsets(frames * _FRAME_S + seconds[0], seconds, weights)
    return beats if _is_pulse(seconds, beats) else None


def _onsets(score: Score) -> tuple[_Floats, _Floats]:
    """List seconds and weights of all onsets in order; loud and low ones weigh more. 2 of (N,)."""
    none = np.zeros((0, 4), dtype=np.int32)
    notes = np.concatenate([none, *(track.notes for track in score.tracks)])
    is_drum = np.repeat([t.is_drum for t in score.tracks], [len(t.notes) for t in score.tracks])
    depth = np.where(is_drum, 0.0, np.clip((60 - notes[:, PITCH]) / 24, 0.0, 1.0))
    order = np.argsort(notes[:, START], kind="stable")
    weights = notes[:, VELOCITY] / 127 * (1 + depth)
    return score.seconds_at(notes[order, START]), weights[order]


def _envelope(seconds: _Floats, weights: _Floats) -> _Floats:
    """Measure how much begins in each frame from the first onset, in standard deviations. (F,)"""
    frames = np.round((seconds - seconds[0]) / _FRAME_S).astype(np.int64)
    blur = np.exp(-0.5 * np.arange(-4, 5) ** 2)
    strengths: _Floats = np.convolve(np.bincount(frames, weights), blur, mode="same") ** 0.75
    return strengths / float(strengths.std())


def _periods(envelope: _Floats) -> list[float]:
    """Find the distances in frames at which the envelope is most like itself; usual ones first."""
    size = 2 * len(envelope)
    spectrum = np.abs(np.fft.rfft(envelope - envelope.mean(), size)) ** 2
    lags = np.arange(round(_SHORTEST_S / _FRAME_S), round(_LONGEST_S / _FRAME_S) + 1)
    likeness = np.fft.irfft(spectrum, size)[lags[0] - 1 : lags[-1] + 2]
    is_peak = (likeness[1:-1] > likeness[:-2]) & (likeness[1:-1] >= likeness[2:])
    usualness = np.array([_usualness(lag * _FRAME_S) for lag in lags])
    salience = np.where(is_peak, likeness[1:-1] * usualness, 0.0)
    strongest = np.argsort(-salience, kind="stable")[:_CANDIDATES]
    return [float(lags[index]) for index in strongest if salience[index] > 0]


def _pretty_midi_periods(score: Score) -> list[float]:
    """Count frames between beats at pretty_midi's tempo, or return nothing if it has none."""
    import pretty_midi  # takes half a second, and few scores come here

    instrument = pretty_midi.Instrument(program=0)
    for track in score.tracks:
        starts_s = score.seconds_at(track.notes[:, START]).tolist()
        for start_s, note in zip(starts_s, track.notes.tolist(), strict=True):
            sound = pretty_midi.Note(note[VELOCITY], note[PITCH], start_s, start_s)
            instrument.notes.append(sound)
    midi = pretty_midi.PrettyMIDI()
    midi.instruments.append(instrument)
    tempos_qpm, _ = midi.estimate_tempi()
    return [_within_bounds(60 / qpm) / _FRAME_S for qpm in tempos_qpm[:1].tolist()]


def _within_bounds(period_s: float) -> float:
    while period_s < _SHORTEST_S:
        period_s *= 2
    while period_s > _LONGEST_S:
        period_s /= 2
    return period_s


def _usualness(period_s: float) -> float:
    """Rate how usual a tempo is, from 0 to 1; an octave off it is 0.6."""
    return math.exp(-0.5 * math.log2(period_s / _USUAL_S) ** 2)


def follow(envelope: _Floats, period: float) -> NDArray[np.int64]:
    """Find the frames of beats that gather most of the envelope at steady distances. (B,)

    A state is a frame with a beat on it and the distance from the beat before. No distance is
    shorter than a block of frames, so the frames of a block are worked on together.
    """
    distances = np.arange(int(period / RANGE), int(period * RANGE) + 2)  # (K,)
    logs = np.log(distances)
    change = -STEADINESS * (logs[:, None] - logs) ** 2  # (K, K): to, from
    price = -PULL * (logs - math.log(period)) ** 2 - PRICE
    block, reach = int(distances[0]), int(distances[-1])
    totals = np.zeros((reach + len(envelope), len(distances)))  # empty frames come first
    origins = np.zeros((len(envelope), len(distances)), dtype=np.int16)
    for start in range(0, len(envelope), block):
        frames = np.arange(start, min(start + block, len(envelope)))
        sums = totals[reach + frames[:, None] - distances] + change  # (block, K, K)
        origins[frames] = sums.argmax(axis=2)
        totals[reach + frames] = sums.max(axis=2) + envelope[frames, None] + price
    best = int(totals[-reach:].argmax())
    frame, state = len(envelope) - reach + best // len(distances), best % len(distances)
    beats = []
    while frame >= 0:
        beats.append(frame)
        frame, state = frame - int(distances[state]), int(origins[frame, state])
    return np.array(beats[::-1], dtype=np.int64)


def _fit(envelope: _Floats, beats: NDArray[np.int64]) -> float:
    """Measure how much happens on beats rather than on thirds of them, at how usual a tempo."""
    if len(beats) < 4:
        return -math.inf
    distances = np.diff(beats)
    thirds = np.concatenate((beats[:-1] + distances // 3, beats[:-1] + 2 * distances // 3))
    gain = float(envelope[beats].mean() - _THIRDS * envelope[thirds].mean())
    return gain * _usualness(float(np.median(distances)) * _FRAME_S)


def _on_onsets(beats: _Floats, seconds: _Floats, weights: _Floats) -> _Floats:
    """Move each beat to the middle of the onsets within its reach. (B,)"""
    first = np.searchsorted(seconds, beats - REACH_S)
    end = np.searchsorted(seconds, beats + REACH_S)
    weight_before = np.concatenate(([0.0], np.cumsum(weights)))
    moment_before = np.concatenate(([0.0], np.cumsum(weights * seconds)))
    weight = weight_before[end] - weight_before[first]
    moment = moment_before[end] - moment_before[first]
    return np.where(weight > 0, moment / np.maximum(weight, 1e-9), beats)


def _is_pulse(seconds: _Floats, beats: _Floats) -> bool:
    """Check if onsets between the beats keep to places of their own, too, or are few.

    Beats can be laid through any onsets, so those on the beats prove nothing.
    """
    chords = seconds[np.diff(seconds, prepend=-np.inf) > CHORD_S]
    chords = chords[(chords >= beats[0]) & (chords < beats[-1])]
    phases = np.interp(chords, beats, np.arange(len(beats))) % 1
    between = phases[np.minimum(phases, 1 - phases) > _AWAY]
    if 2 * len(between) < len(chords):
        return True
    turns = 2 * np.pi * np.array([2, 3, 4, 6])
    # Even phases from `_AWAY` to 1 - `_AWAY` do not cancel out, as they do around a full circle.
    even = -2 * np.sin(turns * _AWAY) / turns / (1 - 2 * _AWAY)
    gathered = np.abs(np.exp(1j * turns * between[:, None]).mean(axis=0) - even).max()
    return float(gathered) * math.sqrt(len(between)) > _MIN_PULSE
