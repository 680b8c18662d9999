"""A WAV file in which a stretch of another is replaced; all else is copied, sample for sample."""

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from meloformer.audio.files import WAV_SUFFIX, written_sound
from meloformer.audio.loudness import limit_peaks
from meloformer.audio.partial_render import Stretch
from meloformer.audio.waveform import Waveform

_FRAMES = 1 << 18
"""Copied at a time."""


def write_with_stretch(path: Path, base: Path, stretch: Stretch, gain: float) -> float:
    """Write the sound of a version from that of its piece.

    Args:
        path: The new file, ending in .wav.
        base: The sound of the piece, of `write_wav`.
        stretch: What is new.
        gain: The factor by which the sound of the piece was turned up.

    Returns:
        The length in seconds.

    Raises:
        AudioError: A file cannot be read or written.
    """
    with (
        written_sound(path) as part,
        soundfile.SoundFile(base) as old,
        soundfile.SoundFile(
            part, "w", old.samplerate, old.channels, "PCM_16", format=WAV_SUFFIX[1:].upper()
        ) as new,
    ):
        _copy(old, new, stretch.first)
        new.write(_faded(old, stretch, gain))
        if stretch.resumes:
            _copy(old, new, old.frames - old.tell())
        return float(new.tell() / new.samplerate)


def _copy(old: soundfile.SoundFile, new: soundfile.SoundFile, frames: int) -> None:
    while frames > 0:
        read = old.read(min(frames, _FRAMES), dtype="int16", always_2d=True)
        if not len(read):
            return
        new.write(read)
        frames -= len(read)


def _faded(old: soundfile.SoundFile, stretch: Stretch, gain: float) -> NDArray[np.float32]:
    """Return the stretch with the old sound fading at its ends; `old` is left where it goes on."""
    sound = stretch.waveform
    loud = Waveform(sound.samples * np.float32(gain), sound.sample_rate)
    samples = limit_peaks(loud).samples
    _fade(samples[: stretch.fade_in], old, stretch.first, rises=True)
    if stretch.resumes:
        end = stretch.first + len(samples)
        _fade(samples[len(samples) - stretch.fade_out :], old, end - stretch.fade_out, rises=False)
        old.seek(end)
    return samples


def _fade(
    samples: NDArray[np.float32], old: soundfile.SoundFile, first: int, *, rises: bool
) -> None:
    old.seek(first)
    under = old.read(len(samples), dtype="float32", always_2d=True)
    share = np.linspace(0, 1, len(under), dtype=np.float32)[:, None]
    share = share if rises else 1 - share
    samples[: len(under)] = samples[: len(under)] * share + under * (1 - share)
