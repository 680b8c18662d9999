"""ZIP archives to take into a DAW: a file for each part, or all there is of a piece."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from meloformer.audio.files import WAV_SUFFIX, write_wav
from meloformer.audio.waveform import Waveform
from meloformer.engine.part_words import name_of
from meloformer.engine.piece import Piece
from meloformer.engine.recipe_event import without_recipe
from meloformer.engine.sheet_music import MUSICXML_SUFFIX, sheet_music
from meloformer.errors import AudioError, OutputError
from meloformer.files import replaced_file
from meloformer.midi.file import MidiFile
from meloformer.midi.stem import stem_of
from meloformer.outputs import LEAST_FREE_BYTES, disk_problem
from meloformer.phrases import phrase
from meloformer.score.part import Part

MAX_STEMS_BYTES: Final = 1_000_000_000
"""Of WAV, before it is packed: ten parts of nine minutes."""
_BYTES_PER_SAMPLE = 4
_LONGEST_NAME = 80
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The same music makes the same archive."""
_UNSAFE = frozenset('<>:"/\\|?*')
"""What file systems take for something else."""

Stems = Iterable[tuple[Part, Waveform]]
"""Parts and their sound, made one by one."""


def safe_name(name: str) -> str:
    """Return a name that any file system takes: no slash, no dot before it, not too long."""
    plain = "".join(one if one.isprintable() and one not in _UNSAFE else "_" for one in name)
    return plain.strip(". ")[:_LONGEST_NAME].strip(". ") or "piece"


def stem_names(file: MidiFile) -> dict[Part, str]:
    """Return what the file of each part is called, without its ending: "02 Piano"."""
    return {
        part: f"{number:02} {safe_name(str(name_of(part)))}"
        for number, part in enumerate(file.parts, start=1)
    }


def check_stems_size(file: MidiFile, num_samples: int, folder: Path) -> None:
    """Check that the stems of a file can be kept as WAV.

    Args:
        file: Whose parts are played.
        num_samples: Of each.
        folder: Where they are written.

    Raises:
        AudioError: They are too large, or the disk has no room.
    """
    wanted = len(file.parts) * num_samples * _BYTES_PER_SAMPLE
    if wanted > MAX_STEMS_BYTES:
        raise AudioError(
            phrase(
                "The stems would take {wanted} MB; up to {most} MB are made.",
                wanted=f"{wanted // 1_000_000:,}",
                most=f"{MAX_STEMS_BYTES // 1_000_000:,}",
            ),
            hint="Take the stems as MIDI, and render them in your DAW.",
        )
    if shutil.disk_usage(folder).free < wanted + LEAST_FREE_BYTES:
        raise AudioError(
            phrase("The disk has no room for {wanted} MB of stems.", wanted=wanted // 1_000_000),
            hint="Make room, or take the stems as MIDI.",
        )


def write_midi_stems(path: Path, piece: Piece) -> None:
    """Write a ZIP archive with a MIDI file for each part.

    Args:
        path: Receives it, whole or not at all.
        piece: Whose parts they are.
    """
    with _archive(path) as archive:
        _add_midi_stems(archive, f"{safe_name(piece.name)} stems", piece)


def write_wav_stems(path: Path, piece: Piece, stems: Stems) -> None:
    """Write a ZIP archive with a WAV file for each part.

    Args:
        path: Receives it, whole or not at all.
        piece: Whose parts they are.
        stems: Their sound.

    Raises:
        AudioError: Something can't be rendered or written.
    """
    with _archive(path) as archive:
        _add_wav_stems(archive, f"{safe_name(piece.name)} stems", piece, stems)


def write_everything(
    path: Path, piece: Piece, stems: Stems, wav: Path | None, *, with_recipe: bool
) -> None:
    """Write a ZIP archive with all there is of a piece: MIDI, WAV, MusicXML, stems, recipe.

    Args:
        path: Receives it, whole or not at all.
        piece: What is taken away.
        stems: The sound of its parts; none where nothing plays it.
        wav: The sound of the whole, if there is one.
        with_recipe: Whether how its new bars were asked for comes along.

    Raises:
        AudioError: Something can't be rendered or written.
        MidiError: It has more bars or notes than a page is written with.
    """
    name = safe_name(piece.name)
    recipe = piece.recipe.recipe if with_recipe else None
    with _archive(path) as archive:
        _add(archive, f"{name}/{name}.mid", piece.data if recipe else without_recipe(piece.data))
        _add(archive, f"{name}/{name}{MUSICXML_SUFFIX}", sheet_music(piece))
        if recipe is not None:
            _add(archive, f"{name}/recipe.json", recipe.to_text().encode())
        if wav is not None:
            _add_file(archive, f"{name}/{name}{WAV_SUFFIX}", wav)
        _add_midi_stems(archive, f"{name}/stems (MIDI)", piece)
        _add_wav_stems(archive, f"{name}/stems (WAV)", piece, stems)


@contextmanager
def _archive(path: Path) -> Iterator[ZipFile]:
    try:
        with (
            replaced_file(path) as part,
            ZipFile(part, "w", ZIP_DEFLATED, compresslevel=1) as archive,
        ):
            yield archive
    except OSError as error:
        said = phrase("`{name}` could not be written: {error}", name=path.name, error=error)
        raise disk_problem(error) or OutputError(said) from error


def _add_midi_stems(archive: ZipFile, folder: str, piece: Piece) -> None:
    for part, name in stem_names(piece.file).items():
        _add(archive, f"{folder}/{name}.mid", without_recipe(stem_of(piece.file, part)))


def _add_wav_stems(archive: ZipFile, folder: str, piece: Piece, stems: Stems) -> None:
    names = stem_names(piece.file)
    with tempfile.TemporaryDirectory() as room:
        for part, sound in stems:
            wav = Path(room) / "stem.wav"
            write_wav(wav, sound)
            _add_file(archive, f"{folder}/{names[part]}{WAV_SUFFIX}", wav)


def _add(archive: ZipFile, name: str, content: bytes) -> None:
    archive.writestr(_entry(name), content)


def _add_file(archive: ZipFile, name: str, path: Path) -> None:
    with path.open("rb") as source, archive.open(_entry(name), "w", force_zip64=True) as target:
        shutil.copyfileobj(source, target, 1 << 20)


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _LONG_AGO)
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
