"""New bars are as loud as their part usually is, as FluidSynth plays them."""

from dataclasses import replace

import numpy as np
import pytest

from meloformer.audio import Synth, Waveform, find_soundfont
from meloformer.audio.loudness import loudness_lufs
from meloformer.errors import AudioError
from meloformer.midi.join import join
from meloformer.midi.read import read_file
from meloformer.score import note_array
from tests.files.seam.playing import GM_ON
from tests.files.seam.test_levels import fading, swelling
from tests.files.seam.writing import (
    BAR,
    continued,
    control,
    file,
    new_bars,
    program,
    quarters,
    sysex,
)

SAMPLE_RATE = 44_100
BAR_S = 2.0


@pytest.fixture(scope="module")
def synth(missing, tmp_path_factory):
    try:
        return Synth(find_soundfont(tmp_path_factory.mktemp("none"), system_folders=()))
    except AudioError as error:
        missing(str(error))


def loudness_of_bars(sound, first_bar, last_bar):
    begin, end = (round(bar * BAR_S * SAMPLE_RATE) for bar in (first_bar, last_bar))
    return loudness_lufs(Waveform(sound.samples[begin:end].astype(np.float32), SAMPLE_RATE))


SITUATIONS = {
    "swells": [program(0, 48), *swelling(num_bars=3), *quarters(0, 3)],
    "a fade": [program(0, 73), control(0, 7, 60), *quarters(0, 3), *fading(7, 2, 3, 60)],
    "a reset": [program(0, 48), control(0, 7, 50), *quarters(0, 3), sysex(3 * BAR - 9, *GM_ON)],
}  # fmt: skip


@pytest.mark.parametrize("name", SITUATIONS)
def test_new_bars_are_as_loud_as_the_ones_before(synth, name):
    whole = continued(file(SITUATIONS[name]), num_bars=2)
    sound = synth.render(read_file(whole))
    before = loudness_of_bars(sound, 0, 2)
    after = loudness_of_bars(sound, 3, 5)
    assert abs(after - before) < 3


def test_a_part_that_moves_to_another_channel_is_as_loud_as_before(synth):
    turns = [
        one
        for bar in range(3)
        for one in [program(bar * BAR, 48 if bar % 2 else 73), *quarters(bar, 1, pitch=72)]
    ]
    piece = read_file(file([control(0, 7, 40), control(0, 10, 20), *turns]))
    strings, flute = new_bars(piece.data).tracks
    quiet = strings.notes.copy()
    quiet[:, 3] = 1
    new = new_bars(piece.data).with_tracks((replace(strings, notes=note_array(quiet)), flute))
    whole = read_file(join(piece, new, seam_tick=3 * BAR, track_of=[0, 1]))
    sound = synth.render(whole)
    assert len({voice.channel for voice in whole.notes.voices}) == 2
    assert abs(loudness_of_bars(sound, 3, 4) - loudness_of_bars(sound, 0, 1)) < 3
