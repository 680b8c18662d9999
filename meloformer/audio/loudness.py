"""The loudness of a waveform, and the gain that brings it to one level.

Loudness is that of ITU-R BS.1770-4 in LUFS: K-weighted power of 400 ms blocks, the quiet ones gated
out. The weighting is applied to the spectrum of each block instead of by a filter over the samples,
which is as exact for a mean and needs no signal library.

Axes: F frequency.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from meloformer.audio.waveform import Waveform

TARGET_LUFS = -18.0
"""Loud enough to compare by ear, with headroom for drums below `PEAK_LIMIT`."""
PEAK_LIMIT = 10 ** (-1 / 20)
"""-1 dBFS: what lossy encoding overshoots still fits."""

_LIMITER_S = 0.002
"""Length of the pieces that are looked at for peaks."""
_LIMITER_REACH = 5
"""So many pieces around a peak are turned down with it."""
_BLOCK_S = 0.4
_BLOCKS_PER_LENGTH = 4  # blocks overlap by 75 %
_BLOCKS_AT_ONCE = 64
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_OFFSET_LU = -0.691


def loudness_gain(waveform: Waveform, target_lufs: float = TARGET_LUFS) -> float:
    """Return the factor that brings a waveform to a loudness, its peak not passing `PEAK_LIMIT`."""
    loudness = loudness_lufs(waveform)
    if loudness == -np.inf:
        return 1.0
    samples = waveform.samples
    peak = max(float(samples.max()), -float(samples.min()))
    return float(min(10 ** ((target_lufs - loudness) / 20), PEAK_LIMIT / peak))


def limit_peaks(waveform: Waveform) -> Waveform:
    """Return a waveform turned down around those of its peaks that pass `PEAK_LIMIT`.

    What has none is returned as it is. For sound whose gain is given by other sound.
    """
    samples = waveform.samples
    size = max(1, round(_LIMITER_S * waveform.sample_rate))
    padded = np.pad(np.abs(samples).max(axis=1, initial=0), (0, -len(samples) % size))
    peaks = padded.reshape(-1, size).max(axis=1, initial=0)
    if peaks.max(initial=0) <= PEAK_LIMIT:
        return waveform
    wanted = np.minimum(1.0, PEAK_LIMIT / np.maximum(peaks, 1e-9))
    edges = np.pad(wanted, 2 * _LIMITER_REACH, mode="edge")
    lowest = np.lib.stride_tricks.sliding_window_view(edges, 2 * _LIMITER_REACH + 1).min(axis=1)
    smooth = np.lib.stride_tricks.sliding_window_view(lowest, 2 * _LIMITER_REACH + 1).mean(axis=1)
    middles = np.arange(len(peaks)) * size + size / 2
    gain = np.interp(np.arange(len(samples)), middles, smooth).astype(np.float32)
    limited = np.clip(samples * gain[:, None], -PEAK_LIMIT, PEAK_LIMIT)
    return Waveform(limited, waveform.sample_rate)


def loudness_lufs(waveform: Waveform) -> float:
    """Measure integrated loudness in LUFS; -inf if there is nothing but silence."""
    power = np.concatenate(list(_block_powers(waveform)))
    power = power[power > _power(_ABSOLUTE_GATE_LUFS)]
    if not len(power):
        return -np.inf
    gate = power.mean() * 10 ** (_RELATIVE_GATE_LU / 10)
    return float(_OFFSET_LU + 10 * np.log10(power[power > gate].mean()))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET_LU) / 10))


def _block_powers(waveform: Waveform) -> Iterator[NDArray[np.float64]]:
    """Measure K-weighted mean powers of overlapping blocks, both sides added, in runs of blocks."""
    length = round(_BLOCK_S * waveform.sample_rate)
    hop = length // _BLOCKS_PER_LENGTH
    samples = waveform.samples
    if len(samples) < length:  # shorter than one block: rests are put behind it
        samples = np.pad(samples, ((0, length - len(samples)), (0, 0)))
    blocks = np.lib.stride_tricks.sliding_window_view(samples, length, axis=0)[::hop]
    weight = _k_weight(np.arange(length // 2 + 1) / length, waveform.sample_rate)
    weight[1:-1] *= 2  # a real signal's spectrum is folded onto its positive half
    for first in range(0, len(blocks), _BLOCKS_AT_ONCE):
        spectrum = np.fft.rfft(blocks[first : first + _BLOCKS_AT_ONCE], axis=-1)
        energy = (spectrum.real**2 + spectrum.imag**2) @ weight  # (blocks, 2)
        yield energy.sum(axis=1) / length**2


def _k_weight(frequency: NDArray[np.float64], sample_rate: int) -> NDArray[np.float64]:
    """Return the power gain of the K-weighting: a high shelf for the head, a high pass for the ear.

    Args:
        frequency: As a fraction of the sample rate, 0 to 0.5. (F,).
    """
    warped = 1j * np.tan(np.pi * np.minimum(frequency, 0.4999))  # as the bilinear transform does
    s = warped / np.tan(np.pi * 1681.974450955533 / sample_rate)
    high = 10 ** (3.999843853973347 / 20)
    shelf_q = 0.7071752369554196
    shelf = (high * s**2 + high**0.4996667741545416 / shelf_q * s + 1) / (s**2 + s / shelf_q + 1)
    corner = np.tan(np.pi * 38.13547087602444 / sample_rate)
    pass_q = 0.5003270373238773
    s = warped / corner
    high_pass = s**2 / (s**2 + s / pass_q + 1)
    high_pass *= 1 + corner / pass_q + corner**2  # the standard leaves the numerator unscaled
    weight: NDArray[np.float64] = np.abs(shelf * high_pass) ** 2
    return weight
