"""Stems as sound: each part alone, all of one length and as loud as in the whole.

FluidSynth adds up its voices, and reverb and chorus add up too, so the sum of the stems is the
whole before its peaks are limited; only where more than 128 voices sound together is it more.
"""

from collections.abc import Iterator

import numpy as np

from meloformer.audio.loudness import limit_peaks
from meloformer.audio.synth import Synth
from meloformer.audio.waveform import Waveform
from meloformer.midi.file import MidiFile
from meloformer.score.part import Part


def render_stems(
    synth: Synth, file: MidiFile, gain: float, num_samples: int
) -> Iterator[tuple[Part, Waveform]]:
    """Play the parts of a file, one after the other.

    Args:
        synth: What plays.
        file: What is played.
        gain: The factor by which the whole is turned up.
        num_samples: The length of the whole; stems begin and end with it.

    Yields:
        A part, and its sound.

    Raises:
        AudioError: The piece is too long.
    """
    for part in file.parts:
        of_voice = np.array([own == part for own in file.part_of_track])
        samples = synth.play(file, of_voice[file.notes.voice]).samples[:num_samples]
        stem = np.zeros((num_samples, 2), dtype=np.float32)
        stem[: len(samples)] = samples * np.float32(gain)
        yield part, limit_peaks(Waveform(stem, synth.sample_rate))
