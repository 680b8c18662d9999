"""Sheet music and stems of a piece as files."""

from collections.abc import Sequence
from pathlib import Path

from meloformer.audio.library import load_library
from meloformer.audio.loudness import loudness_gain
from meloformer.audio.soundfonts import SOUNDFONT_FOLDER, find_soundfont
from meloformer.audio.stems import render_stems
from meloformer.audio.synth import Synth
from meloformer.engine.piece import Piece
from meloformer.engine.sheet_music import MUSICXML_SUFFIX, sheet_music
from meloformer.engine.stems import check_stems_size, write_midi_stems, write_wav_stems
from meloformer.errors import OutputError
from meloformer.outputs import check_outputs, write_output

_SCORE_SUFFIXES = (MUSICXML_SUFFIX, ".xml")
_ZIP_SUFFIX = ".zip"


def check_score(path: Path, inputs: Sequence[Path] = ()) -> None:
    """Check that sheet music could be written into a file now.

    Raises:
        OutputError: It can't, or the ending is another.
    """
    _check_suffix(path, _SCORE_SUFFIXES, "Sheet music is written as MusicXML")
    check_outputs([path], inputs)


def check_stems(path: Path, inputs: Sequence[Path] = (), *, wav: bool) -> None:
    """Check that stems could be written into a file now.

    Raises:
        OutputError: They can't, or the ending is another.
        AudioError: There is nothing to play them with.
    """
    _check_suffix(path, (_ZIP_SUFFIX,), "Stems are written into a ZIP archive")
    check_outputs([path], inputs)
    if wav:
        load_library()
        find_soundfont(SOUNDFONT_FOLDER)


def save_score(piece: Piece, path: Path) -> None:
    """Write a piece as MusicXML.

    Raises:
        MidiError: It has more bars or notes than a page is written with.
        OutputError: The file can't be written.
    """
    check_score(path)
    write_output(path, sheet_music(piece))


def save_stems(piece: Piece, path: Path, *, wav: bool) -> None:
    """Write a ZIP archive with a file for each part, as MIDI or as sound.

    Raises:
        AudioError: There is nothing to play them with, or they are too large.
        OutputError: The file can't be written.
    """
    check_stems(path, wav=wav)
    if not wav:
        write_midi_stems(path, piece)
        return
    synth = Synth(find_soundfont(SOUNDFONT_FOLDER))
    whole = synth.play(piece.file)
    num_samples, gain = len(whole.samples), loudness_gain(whole)
    check_stems_size(piece.file, num_samples, path.parent)
    write_wav_stems(path, piece, render_stems(synth, piece.file, gain, num_samples))


def _check_suffix(path: Path, suffixes: tuple[str, ...], said: str) -> None:
    if path.suffix.lower() not in suffixes:
        raise OutputError(f"{said}, not `{path.name}`.", hint=f"Let the name end in {suffixes[0]}.")
