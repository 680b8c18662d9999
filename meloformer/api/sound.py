"""Music as sound: a waveform, and a file of it where one is wanted."""

from os import PathLike
from pathlib import Path

from meloformer.audio.files import write_compressed, write_wav
from meloformer.audio.soundfonts import SOUNDFONT_FOLDER, find_soundfont
from meloformer.audio.synth import Synth
from meloformer.audio.waveform import Waveform
from meloformer.midi.file import MidiFile


def render(music: MidiFile | bytes, path: str | PathLike[str] | None = None) -> Waveform:
    """Play a MIDI file through FluidSynth.

    Args:
        music: The file, read or not.
        path: Receives the sound, as WAV or MP3 by its ending.

    Raises:
        AudioError: FluidSynth is missing, the piece is too long, or the ending is another.
    """
    waveform = Synth(find_soundfont(SOUNDFONT_FOLDER)).render(music)
    if path is not None:
        write = write_wav if Path(path).suffix.lower() == ".wav" else write_compressed
        write(Path(path), waveform)
    return waveform
