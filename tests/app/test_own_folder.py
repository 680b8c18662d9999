import os
import subprocess
import sys

import pytest

from meloformer.app.own_folder import OwnFolder
from meloformer.errors import MeloFormerError

_DIES = """
import os, signal, sys
from pathlib import Path
from meloformer.app.own_folder import OwnFolder
own = OwnFolder(Path(sys.argv[1]))
(own.path / "session").mkdir()
(own.path / "session" / "take.wav").write_bytes(b"RIFF")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_each_app_has_a_folder_of_its_own_that_goes_with_it(tmp_path):
    one, other = OwnFolder(tmp_path), OwnFolder(tmp_path)
    assert one.path != other.path
    assert one.path.is_dir()
    one.remove()
    assert not one.path.exists()
    assert other.path.is_dir()
    other.remove()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_app_has_left_goes_when_another_starts(tmp_path):
    living = OwnFolder(tmp_path)
    (living.path / "take.wav").write_bytes(b"RIFF")
    dead = subprocess.run([sys.executable, "-c", _DIES, str(tmp_path)], check=False)
    assert dead.returncode < 0
    assert len(list(tmp_path.rglob("*.wav"))) == 2
    other = OwnFolder(tmp_path)
    assert list(tmp_path.rglob("*.wav")) == [living.path / "take.wav"]
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {
        living.path.name,
        other.path.name,
    }
    living.remove()
    other.remove()


def test_what_apps_without_a_lock_have_left_goes_after_a_day(tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "old").mkdir()
    os.utime(tmp_path / "old", (0, 0))
    OwnFolder(tmp_path).remove()
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_where_there_is_no_place_a_sentence_says_so(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(MeloFormerError, match="no place for files"):
        OwnFolder(tmp_path / "file")
