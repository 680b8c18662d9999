"""Sound: SoundFonts, FluidSynth, and files to hear."""

from meloformer.audio.files import COMPRESSED_SUFFIX, write_compressed, write_wav
from meloformer.audio.loudness import loudness_lufs
from meloformer.audio.soundfonts import SOUNDFONT_FOLDER, find_soundfont
from meloformer.audio.synth import MAX_RENDER_S, Synth
from meloformer.audio.waveform import Waveform

__all__ = [
    "COMPRESSED_SUFFIX",
    "MAX_RENDER_S",
    "SOUNDFONT_FOLDER",
    "Synth",
    "Waveform",
    "find_soundfont",
    "loudness_lufs",
    "write_compressed",
    "write_wav",
]
