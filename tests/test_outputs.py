"""What a musician names is checked before the work, and written whole or not at all."""

import os
import resource
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from meloformer.errors import OutputError
from meloformer.outputs import check_output_folder, check_outputs, write_output


def refusal(*paths: Path, inputs: tuple[Path, ...] = (), force: bool = False) -> str:
    with pytest.raises(OutputError) as caught:
        check_outputs(paths, inputs, force=force)
    return caught.value.problem


def test_a_place_that_can_be_written_to_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "old.mid").write_bytes(b"old")
    check_outputs([tmp_path / "new.mid", tmp_path / "old.mid"])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"old.mid": b"old"}


def test_a_place_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refusal(tmp_path) == f"{tmp_path} is a folder."
    assert refusal(tmp_path / "no" / "x.mid") == f"There is no folder {tmp_path / 'no'}."
    assert "is a file and no folder" in refusal(tmp_path / "file" / "x.mid")
    assert "can't be written: File name too long." in refusal(tmp_path / ("x" * 300))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_of_somebody_else_is_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert "Permission denied" in refusal(tmp_path / "x.mid")
    finally:
        tmp_path.chmod(0o700)


def test_what_is_read_is_replaced_only_by_force(tmp_path: Path) -> None:
    song, link = tmp_path / "song.mid", tmp_path / "link.mid"
    song.touch()
    link.symlink_to(song)
    for path in (song, link, tmp_path / "." / "song.mid"):
        assert "is what is read" in refusal(path, inputs=(song,))
    check_outputs([song], [song], force=True)
    check_outputs([tmp_path / "other.mid"], [song, tmp_path / "missing.mid"])


def test_two_files_of_one_name_are_a_sentence(tmp_path: Path) -> None:
    assert "would be written twice" in refusal(tmp_path / "x.mid", tmp_path / "." / "x.mid")
    check_outputs([Path("/dev/null"), Path("/dev/null")])


def test_a_full_disk_is_seen_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = namedtuple("full", "total used free")(10**9, 10**9, 0)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    assert refusal(tmp_path / "x.mid") == f"The disk is full: {tmp_path / 'x.mid'} is not written."
    with pytest.raises(OutputError, match="The disk is full"):
        check_output_folder(tmp_path / "new")


def test_a_disk_that_fills_up_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.mid"
    write_output(path, b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        with pytest.raises(OutputError, match="The disk is full"):
            write_output(path, b"new" * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"x.mid": b"old"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has such a device")
def test_a_device_is_written_to_as_it_is() -> None:
    check_outputs([Path("/dev/full")])
    with pytest.raises(OutputError, match="The disk is full"):
        write_output(Path("/dev/full"), b"new")


def test_a_folder_is_made_where_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    check_output_folder(tmp_path / "new" / "deep")
    check_output_folder(tmp_path)
    for path in (tmp_path / "file", tmp_path / "file" / "deep"):
        with pytest.raises(OutputError, match="file is a file and no folder"):
            check_output_folder(path)
    with pytest.raises(OutputError, match="is what is read"):
        check_output_folder(tmp_path, [tmp_path / "file", tmp_path])
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
