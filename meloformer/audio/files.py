"""Waveforms as files: WAV to work on and to play, MP3 to send.

A file appears under its name when it is whole, never before.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import soundfile

from meloformer.audio.waveform import Waveform
from meloformer.errors import AudioError
from meloformer.files import replaced_file
from meloformer.outputs import LEAST_FREE_BYTES, disk_problem
from meloformer.phrases import phrase

WAV_SUFFIX = ".wav"
COMPRESSED_SUFFIX = ".mp3"
"""MP3: the one compressed format that every browser, phone and mixer plays."""


def check_suffix(path: Path) -> None:
    """Check that sound can be written under this name.

    Raises:
        AudioError: It ends neither in .wav nor in .mp3.
    """
    if path.suffix.lower() not in {WAV_SUFFIX, COMPRESSED_SUFFIX}:
        raise AudioError(
            phrase(
                "Sound is written as {wav_suffix} or {compressed_suffix}, not `{path_name}`.",
                wav_suffix=WAV_SUFFIX,
                compressed_suffix=COMPRESSED_SUFFIX,
                path_name=path.name,
            ),
            hint="Let the name end so.",
        )


def write_wav(path: Path, waveform: Waveform) -> None:
    """Write 16-bit WAV."""
    _write(path, waveform, format="WAV", subtype="PCM_16")


def wav_bytes(duration_s: float, sample_rate: int) -> int:
    """Return about how long a file of `write_wav` becomes, in bytes: two channels of 16 bits."""
    return round(duration_s * sample_rate) * 4


def read_wav(path: Path) -> Waveform:
    """Read a file of `write_wav`.

    Raises:
        AudioError: It is not there, or is no sound.
    """
    try:
        samples, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.SoundFileError) as error:
        raise AudioError(
            phrase(
                "`{path_name}` could not be read: {error}",
                path_name=path.name,
                error=error,
            )
        ) from error
    return Waveform(samples, sample_rate)


def write_compressed(path: Path, waveform: Waveform) -> None:
    """Write MP3 of variable bit rate, around 190 kbit/s.

    Raises:
        AudioError: The name ends otherwise, or the file cannot be written.
    """
    if path.suffix.lower() != COMPRESSED_SUFFIX:
        raise AudioError(
            phrase(
                "Compressed sound is written as {compressed_suffix}, not `{path_name}`.",
                compressed_suffix=COMPRESSED_SUFFIX,
                path_name=path.name,
            )
        )
    _write(path, waveform, format="MP3", subtype="MPEG_LAYER_III")


@contextmanager
def written_sound(path: Path) -> Iterator[Path]:
    """Replace a file of sound by what libsndfile writes.

    Yields:
        The path to write to.

    Raises:
        AudioError: The file cannot be written.
    """
    try:
        with replaced_file(path) as part:
            try:
                yield part
            except soundfile.SoundFileError as error:  # which calls a full disk a system error
                if shutil.disk_usage(part.parent).free < LEAST_FREE_BYTES:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
                raise
    except (OSError, soundfile.SoundFileError) as error:
        disk = disk_problem(error)
        if disk is not None:
            raise AudioError(disk.problem, hint=disk.hint) from error
        raise AudioError(
            phrase(
                "`{path_name}` could not be written: {error}",
                path_name=path.name,
                error=error,
            )
        ) from error


def _write(path: Path, waveform: Waveform, *, format: str, subtype: str) -> None:
    with written_sound(path) as part:
        soundfile.write(
            part, waveform.samples, waveform.sample_rate, format=format, subtype=subtype
        )
