import numpy as np
import pytest

from meloformer.audio import Waveform, loudness_lufs
from meloformer.audio.loudness import PEAK_LIMIT, TARGET_LUFS, limit_peaks, loudness_gain


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_a_full_scale_tone_on_one_side_measures_as_the_standard_says(sine, rate):
    assert loudness_lufs(sine(sides=(1, 0), rate=rate)) == pytest.approx(-3.01, abs=0.01)


def test_on_both_sides_it_is_three_decibels_louder(sine):
    assert loudness_lufs(sine()) == pytest.approx(0.0, abs=0.01)


def test_half_the_amplitude_is_six_decibels_softer(sine):
    assert loudness_lufs(sine(amplitude=0.5)) == pytest.approx(-6.02, abs=0.01)


def test_the_ear_hears_high_tones_louder_and_low_ones_softer(sine):
    low, middle, high = (loudness_lufs(sine(frequency_hz=hz)) for hz in (30, 997, 8000))
    assert low < middle - 3
    assert high > middle + 3


def test_silence_between_sounds_does_not_count(sine):
    tone = sine(duration_s=4.0)
    rest = np.zeros((44_100 * 8, 2), dtype=np.float32)
    gapped = Waveform(np.concatenate([tone.samples, rest, tone.samples]), 44_100)
    assert loudness_lufs(gapped) == pytest.approx(loudness_lufs(tone), abs=0.3)


def test_matching_gives_the_target(sine):
    tone = sine(amplitude=0.01)
    matched = Waveform(tone.samples * np.float32(loudness_gain(tone)), tone.sample_rate)
    assert loudness_lufs(matched) == pytest.approx(TARGET_LUFS, abs=0.01)


def test_a_click_is_not_amplified_beyond_the_peak_limit():
    samples = np.zeros((44_100, 2), dtype=np.float32)
    samples[1000] = 0.5
    gain = loudness_gain(Waveform(samples, 44_100))
    assert 0.5 * gain == pytest.approx(PEAK_LIMIT, abs=1e-6)


@pytest.mark.parametrize("length", [0, 1, 100, 100_000])
def test_silence_stays_silence(length):
    silence = Waveform(np.zeros((length, 2), dtype=np.float32), 44_100)
    assert loudness_lufs(silence) == -np.inf
    assert loudness_gain(silence) == 1.0


def test_what_has_no_peaks_is_not_limited(sine):
    waveform = sine(amplitude=0.8)
    assert limit_peaks(waveform) is waveform


def test_peaks_are_turned_down_and_what_is_far_from_them_stays(sine):
    samples = sine(duration_s=1.0, amplitude=0.5).samples.copy()
    samples[20_000:20_100] *= 4
    limited = limit_peaks(Waveform(samples, 44_100)).samples
    assert np.abs(limited).max() <= PEAK_LIMIT + 1e-6
    away = np.ones(len(samples), dtype=bool)
    away[19_000:21_100] = False
    assert np.array_equal(limited[away], samples[away])


def test_limited_sound_has_no_jumps(sine):
    limited = limit_peaks(sine(amplitude=2.0)).samples
    step = np.abs(np.diff(sine(amplitude=PEAK_LIMIT).samples, axis=0)).max()
    assert np.abs(np.diff(limited, axis=0)).max() < 1.5 * step
