import numpy as np

from meloformer.audio.loudness import loudness_gain
from meloformer.audio.stems import render_stems
from meloformer.midi.read import read_file
from meloformer.resources import EXAMPLES

CLOSE_DB = -45.0
"""What is left of the whole, when the stems are taken from it, was -54 dB for the band and -62 dB
for the jazz lead: reverb and chorus add up as notes do, up to rounding in FluidSynth."""


def level_db(samples) -> float:
    return float(10 * np.log10(np.mean(samples.astype(np.float64) ** 2)))


def test_the_sum_of_the_stems_is_the_whole(synth):
    file = read_file((EXAMPLES / "jazz-lead.mid").read_bytes())
    whole = synth.play(file)
    gain = loudness_gain(whole)
    stems = list(render_stems(synth, file, gain, len(whole.samples)))
    assert tuple(part for part, _ in stems) == file.parts
    assert {len(stem.samples) for _, stem in stems} == {len(whole.samples)}
    mixed = whole.samples * np.float32(gain)
    left = sum(stem.samples for _, stem in stems) - mixed
    assert level_db(left) - level_db(mixed) < CLOSE_DB
