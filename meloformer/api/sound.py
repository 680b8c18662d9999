"""Music as sound: a waveform, and a file of it where one is wanted."""

from os import PathLike
from pathlib import Path

from meloformer.audio.files import WAV_SUFFIX, check_suffix, write_compressed, write_wav
from meloformer.audio.library import load_library
from meloformer.audio.soundfonts import SOUNDFONT_FOLDER, find_soundfont
from meloformer.audio.synth import Synth
from meloformer.audio.waveform import Waveform
from meloformer.midi.file import MidiFile
from meloformer.outputs import check_outputs


def render(music: MidiFile | bytes, path: str | PathLike[str] | None = None) -> Waveform:
    """Play a MIDI file through FluidSynth.

    Args:
        music: The file, read or not.
        path: Receives the sound, as WAV or MP3 by its ending.

    Raises:
        AudioError: FluidSynth is missing, the piece is too long, or the ending is another.
        OutputError: The file can't be written.
    """
    if path is not None:
        check_sound(Path(path))
    waveform = Synth(find_soundfont(SOUNDFONT_FOLDER)).render(music)
    if path is not None:
        write = write_wav if Path(path).suffix.lower() == WAV_SUFFIX else write_compressed
        write(Path(path), waveform)
    return waveform


def check_sound(path: Path) -> None:
    """Check that music could be played into a file now.

    Raises:
        AudioError: There is nothing to play it with, or the ending is no format of sound.
        OutputError: The file can't be written.
    """
    check_suffix(path)
    check_outputs([path])
    load_library()
    find_soundfont(SOUNDFONT_FOLDER)
