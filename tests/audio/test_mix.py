from pathlib import Path

import numpy as np
import pytest

from meloformer.audio.loudness import PEAK_LIMIT
from meloformer.audio.mix import render_mix
from meloformer.audio.mixer import Mixer, PartLevel, mixer_of, solo_of
from meloformer.midi.read import read_file
from tests.midi.played_files import note, played, program

EXAMPLES = Path(__file__).parents[2] / "assets" / "examples"
GAIN = 2.0


@pytest.fixture(scope="module")
def trio():
    """A flute, a bass and drums."""
    return played(
        [program(0, 73), *note(0, 900, 76), *note(1000, 1900, 79)],
        [program(0, 33, 1), *note(0, 1900, 40, 1)],
        [one for ms in range(0, 2000, 250) for one in note(ms, ms + 100, 38, 9)],
    )


def rms(samples):
    return float(np.sqrt(np.square(samples, dtype=np.float64).mean()))


def test_stems_add_up_to_the_whole(synth, trio):
    whole = synth.play(trio).samples * GAIN
    stems = [render_mix(synth, trio, solo_of(part.number), GAIN).samples for part in trio.parts]
    total = np.zeros((max(map(len, stems)), 2))
    for stem in stems:
        total[: len(stem)] += stem
    length = min(len(whole), len(total))
    # FluidSynth's voices fade in from where the last note of their slot was panned.
    assert rms(whole[:length] - total[:length]) < 0.02 * rms(whole)


def test_a_flat_mixer_is_a_plain_render(synth, trio):
    flat = render_mix(synth, trio, Mixer(), GAIN).samples
    assert np.allclose(flat, synth.play(trio).samples * GAIN, atol=1e-6)


def test_a_gain_turns_a_part_by_its_decibels(synth, trio):
    flute = trio.parts[0].number
    plain = render_mix(synth, trio, solo_of(flute), GAIN)
    quiet = render_mix(synth, trio, Mixer({flute: PartLevel(solo=True, gain_db=-12.0)}), GAIN)
    assert 20 * np.log10(rms(quiet.samples) / rms(plain.samples)) == pytest.approx(-12, abs=0.01)


def test_a_part_that_is_muted_leaves_the_others_as_they_are(synth, trio):
    flute, bass, drums = (part.number for part in trio.parts)
    without = render_mix(synth, trio, mixer_of({str(drums): {"muted": True}}), GAIN).samples
    stems = [render_mix(synth, trio, solo_of(part), GAIN).samples for part in (flute, bass)]
    length = min(map(len, (without, *stems)))
    assert rms(without[:length] - sum(stem[:length] for stem in stems)) < 0.02 * rms(without)


def test_a_mix_of_nothing_is_silence_of_the_length_of_the_music(synth, trio):
    muted = Mixer({part.number: PartLevel(muted=True) for part in trio.parts})
    silence = render_mix(synth, trio, muted)
    assert not silence.samples.any()
    assert silence.duration_s == pytest.approx(trio.last_note_s, abs=0.01)


def test_without_a_gain_a_mix_is_as_loud_as_any_render(synth, trio):
    peak = np.abs(render_mix(synth, trio, solo_of(trio.parts[0].number)).samples).max()
    assert 0.1 < peak <= PEAK_LIMIT + 1e-6


def test_parts_of_a_band_turned_up_are_limited_and_not_cut_off(synth):
    band = read_file((EXAMPLES / "band.mid").read_bytes())
    loud = Mixer({part.number: PartLevel(gain_db=12.0) for part in band.parts})
    assert np.abs(render_mix(synth, band, loud, GAIN).samples).max() <= PEAK_LIMIT + 1e-6
