"""What is taken away of a piece beside its MIDI and its sound: sheet music and ZIP archives.

All is made when it is asked for. Of archives only the last one of a session stays.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from meloformer.app.renderer import Renderer
from meloformer.app.session import Session
from meloformer.app.take import Sound
from meloformer.audio.synth import Synth
from meloformer.audio.waveform import Waveform
from meloformer.engine.piece import Piece
from meloformer.engine.sheet_music import MUSICXML_SUFFIX, sheet_music
from meloformer.engine.stems import (
    check_stems_size,
    safe_name,
    write_everything,
    write_midi_stems,
    write_wav_stems,
)
from meloformer.score.part import Part

MUSICXML, MIDI_STEMS, WAV_STEMS, EVERYTHING = "musicxml", "stems_midi", "stems_wav", "everything"
_ARCHIVES: Final = (MIDI_STEMS, WAV_STEMS, EVERYTHING)
ENDINGS: Final = {
    MUSICXML: MUSICXML_SUFFIX,
    MIDI_STEMS: "-stems-midi.zip",
    WAV_STEMS: "-stems-wav.zip",
    EVERYTHING: "-everything.zip",
}
"""What is made here, and how the names end."""


def make_archive(
    renderer: Renderer, session: Session, piece: Piece, kind: str, sound: Sound | None
) -> Path:
    """Make sheet music or an archive of what is looked at.

    Args:
        renderer: Plays the stems.
        session: Receives the file.
        piece: What is looked at.
        kind: One of `ENDINGS`.
        sound: Of the piece; needed for stems as sound.

    Raises:
        MeloFormerError: The piece is too long for it, or the disk has no room.
    """
    if kind in _ARCHIVES:
        _forget_archives(session)
    filename = f"{safe_name(piece.name)}{ENDINGS[kind]}"
    if kind == MUSICXML:
        return session.write_file(filename, sheet_music(piece))
    path = session.new_file(filename)
    if kind == MIDI_STEMS:
        write_midi_stems(path, piece)
    elif kind == WAV_STEMS:
        write_wav_stems(path, piece, _stems(renderer, piece, sound, path))
    else:
        stems, wav = _stems(renderer, piece, sound, path), sound.wav if sound else None
        write_everything(path, piece, stems, wav, with_recipe=session.has_recipes)
    return path


def _stems(
    renderer: Renderer, piece: Piece, sound: Sound | None, path: Path
) -> Iterator[tuple[Part, Waveform]]:
    if sound is None:
        return
    num_samples = round(sound.duration_s * Synth.sample_rate)
    check_stems_size(piece.file, num_samples, path.parent)
    yield from renderer.stems(piece.file, sound, num_samples)


def _forget_archives(session: Session) -> None:
    """Delete the archives that were made before: some take hundreds of megabytes."""
    for files in (session.files, *(take.files for take in session.takes)):
        for kind in _ARCHIVES:
            earlier = files.pop(kind, None)
            if earlier is not None:
                earlier.unlink(missing_ok=True)
