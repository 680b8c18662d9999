import numpy as np
import pytest

from meloformer.audio import Synth, Waveform, find_soundfont
from meloformer.errors import AudioError
from meloformer.score import Score, Tempo, TimeSignature, Track, note_array


@pytest.fixture(scope="session")
def synth(missing, tmp_path_factory):
    """The bundled SoundFont, so that no test depends on what else is installed."""
    try:
        return Synth(find_soundfont(tmp_path_factory.mktemp("none"), system_folders=()))
    except AudioError as error:
        missing(str(error))


@pytest.fixture
def one_note():
    """Build a score of one note, by default a half note A4 of a flute at 120 quarters a minute."""

    def build(*, start=0, duration=960, pitch=69, velocity=100, program=73, end_tick=960):
        rows = [(start, duration, pitch, velocity)] if duration else []
        return Score(
            ticks_per_quarter=480,
            tracks=(Track("", program, False, note_array(rows)),),
            tempos=(Tempo(0, 120.0),),
            time_signatures=(TimeSignature(0, 4, 4),),
            end_tick=end_tick,
        )

    return build


@pytest.fixture
def sine():
    """Build a sine wave on the sides asked for."""

    def build(*, frequency_hz=997.0, duration_s=2.0, amplitude=1.0, sides=(1, 1), rate=44_100):
        phase = 2 * np.pi * frequency_hz * np.arange(round(duration_s * rate)) / rate
        samples = amplitude * np.sin(phase)[:, None] * np.array(sides)
        return Waveform(samples.astype(np.float32), rate)

    return build
