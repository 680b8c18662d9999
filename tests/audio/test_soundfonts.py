import subprocess
import sys

import pytest

from meloformer.audio import find_soundfont, soundfonts
from meloformer.errors import AudioError


@pytest.fixture
def put(tmp_path):
    """Write a file that begins like a SoundFont."""

    def write(name, size=100, head=b"RIFF\0\0\0\0sfbk"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(head.ljust(size, b"\0"))
        return path

    return write


@pytest.fixture
def find(tmp_path):
    return lambda: find_soundfont(tmp_path / "own", system_folders=[tmp_path / "system"])


def test_the_largest_of_the_projects_own_comes_first(put, find):
    put("own/small.sf2", size=100)
    large = put("own/large.sf3", size=200)
    put("system/MuseScore_General.sf3", size=300)
    assert find() == large


def test_of_two_equally_large_the_first_by_name_is_taken(put, find):
    put("own/b.sf2")
    put("own/a.sf2")
    assert find().name == "a.sf2"


def test_then_comes_the_best_general_midi_font_of_the_system(put, find):
    put("system/TimGM6mb.sf2", size=400)
    put("system/FluidR3_GM.sf2", size=300)
    best = put("system/MuseScore_General.sf3", size=200)
    assert find() == best


def test_of_two_editions_the_larger_is_taken(put, find):
    put("system/MuseScore_General_Lite.sf3", size=100)
    whole = put("system/MuseScore_General.sf3", size=200)
    assert find() == whole


def test_a_font_of_one_instrument_does_not_play_the_orchestra(put, find):
    put("system/Steinway.sf2", size=900)
    assert find().name == "TimGM6mb.sf2"


@pytest.mark.parametrize("head", [b"", b"version https://git-lfs", b"RIFF\0\0\0\0WAVE"])
def test_what_only_has_the_name_of_a_soundfont_is_passed_over(put, find, head):
    put("own/broken.sf2", head=head)
    assert find().name == "TimGM6mb.sf2"


def test_other_files_in_the_folder_are_no_soundfonts(put, find):
    put("own/README.md")
    assert find().name == "TimGM6mb.sf2"


def test_without_any_the_sentence_names_the_folder(find, monkeypatch):
    monkeypatch.setattr(soundfonts, "_bundled_soundfont", lambda: None)
    with pytest.raises(AudioError, match="own"):
        find()


def test_the_bundled_font_is_found_without_importing_its_package(tmp_path):
    program = f"""
import sys
from pathlib import Path
from meloformer.audio.soundfonts import find_soundfont
print(find_soundfont(Path({str(tmp_path)!r}), system_folders=()).name, "pretty_midi" in sys.modules)
"""
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["TimGM6mb.sf2", "False"]
