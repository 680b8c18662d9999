from zipfile import ZipFile

import numpy as np
import pytest

from meloformer.audio import Waveform
from meloformer.engine.piece import Piece
from meloformer.engine.stems import (
    MAX_STEMS_BYTES,
    check_stems_size,
    safe_name,
    stem_names,
    write_everything,
    write_midi_stems,
    write_wav_stems,
)
from meloformer.errors import AudioError
from meloformer.midi.read import read_file
from meloformer.resources import EXAMPLES


@pytest.fixture(scope="module")
def band() -> Piece:
    return Piece.read("band", (EXAMPLES / "band.mid").read_bytes())


def silence(piece: Piece):
    for part in piece.parts:
        yield part, Waveform(np.zeros((100, 2), np.float32), 44_100)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a/b\\c:d", "a_b_c_d"),
        ("  Für Elise. ", "Für Elise"),
        ("月光", "月光"),
        ("\0\n", "__"),
        ("...", "piece"),
        ("x" * 500, "x" * 80),
    ],
)
def test_a_name_is_safe_in_an_archive(name, safe):
    assert safe_name(name) == safe


def test_midi_stems_are_numbered_and_named_after_their_parts(band, tmp_path):
    write_midi_stems(tmp_path / "stems.zip", band)
    with ZipFile(tmp_path / "stems.zip") as archive:
        names = archive.namelist()
        assert names == [f"band stems/{one}.mid" for one in stem_names(band.file).values()]
        notes = [read_file(archive.read(name)).score.num_notes for name in names]
    assert sum(notes) == band.score.num_notes
    assert names[2] == "band stems/03 Piano.mid"


def test_the_same_music_makes_the_same_archive(band, tmp_path):
    for name in ("one.zip", "two.zip"):
        write_midi_stems(tmp_path / name, band)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_wav_stems_are_one_for_each_part(band, tmp_path):
    write_wav_stems(tmp_path / "stems.zip", band, silence(band))
    with ZipFile(tmp_path / "stems.zip") as archive:
        assert len(archive.namelist()) == len(band.parts)
        assert all(archive.read(name).startswith(b"RIFF") for name in archive.namelist())


def test_everything_is_the_piece_its_sound_its_score_and_its_stems(band, tmp_path):
    wav = tmp_path / "whole.wav"
    wav.write_bytes(b"RIFF")
    path = tmp_path / "all.zip"
    write_everything(path, band, silence(band), wav, with_recipe=True)
    with ZipFile(path) as archive:
        names = archive.namelist()
        assert archive.read("band/band.mid") == band.data
        assert b"score-partwise" in archive.read("band/band.musicxml")
    assert "band/band.wav" in names
    assert sum(name.startswith("band/stems (MIDI)/") for name in names) == len(band.parts)
    assert sum(name.startswith("band/stems (WAV)/") for name in names) == len(band.parts)


def test_stems_that_are_too_large_are_refused_before_they_are_played(band, tmp_path):
    samples = MAX_STEMS_BYTES // 4 // len(band.parts) + 1
    with pytest.raises(AudioError, match="The stems would take"):
        check_stems_size(band.file, samples, tmp_path)
    check_stems_size(band.file, 1000, tmp_path)
