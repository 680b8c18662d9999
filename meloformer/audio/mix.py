"""Mixes and stems: the parts of a file, each as loud as a mixer says.

Parts that are turned up by the same factor are rendered together, and the sum of what is rendered
is the mix: FluidSynth adds up its voices, and reverb and chorus add up too.

Axes: N notes of the file.
"""

import numpy as np
from numpy.typing import NDArray

from meloformer.audio.loudness import limit_peaks, loudness_gain
from meloformer.audio.mixer import Mixer
from meloformer.audio.synth import Synth
from meloformer.audio.waveform import Waveform
from meloformer.midi.file import MidiFile


def render_mix(synth: Synth, file: MidiFile, mixer: Mixer, gain: float | None = None) -> Waveform:
    """Play a file with its parts as loud as a mixer says.

    Args:
        synth: What plays.
        file: What is played.
        mixer: The levels of its parts; what is not heard does not ring either.
        gain: The factor by which the whole is turned up, so that the stems of a piece belong
            together; by default that which brings the mix to the usual loudness.

    Returns:
        As long as its last sound; silence of the length of the file if nothing is heard.

    Raises:
        AudioError: The piece is too long.
    """
    gains = _note_gains(file, mixer)
    sounds = [
        factor * synth.play(file, gains == factor).samples
        for factor in np.unique(gains[gains > 0]).astype(np.float32)
    ]
    num_samples = max(
        [len(samples) for samples in sounds], default=round(file.last_note_s * synth.sample_rate)
    )
    mixed = np.zeros((num_samples, 2), dtype=np.float32)
    for samples in sounds:
        mixed[: len(samples)] += samples
    factor = loudness_gain(Waveform(mixed, synth.sample_rate)) if gain is None else gain
    return limit_peaks(Waveform(mixed * np.float32(factor), synth.sample_rate))


def _note_gains(file: MidiFile, mixer: Mixer) -> NDArray[np.float32]:
    """Return the factor of each note. (N,)."""
    of_track = [0.0 if part is None else mixer.gain(part.number) for part in file.part_of_track]
    return np.array(of_track, dtype=np.float32)[file.notes.voice]
