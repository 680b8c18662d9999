"""Files and folders that are replaced whole, whatever ends the process that writes them."""

import json
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from meloformer import files, folders
from meloformer.lock import locked, try_lock

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    ("kind", "least"),
    [("file", 25), ("folder", 70), pytest.param("checkpoint", 70, marks=pytest.mark.slow)],
)
def test_a_writer_killed_at_any_step_leaves_the_old_or_the_new(
    kind: str, least: int, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "tests.killed_at_each_step", kind, str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) >= least


def test_text_bytes_and_json_are_written_as_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    files.write_bytes(path, b"\x00\xff")
    assert path.read_bytes() == b"\x00\xff"
    files.write_text(path, "ein Lied\n")
    assert path.read_text(encoding="utf-8") == "ein Lied\n"
    files.write_json(path, {"Stück": [1, None]})
    assert json.loads(path.read_bytes()) == {"Stück": [1, None]}
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_files_and_folders_have_the_rights_that_the_user_gives(
    tmp_path: Path, umask: int, mode: int
) -> None:
    before = os.umask(umask)
    try:
        files.write_bytes(tmp_path / "plain", b"")
        with files.replaced_file(tmp_path / "library") as part:
            part.unlink()
            os.close(os.open(part, os.O_CREAT, 0o600))
        with folders.replaced_folder(tmp_path / "folder") as new:
            os.close(os.open(new / "inner", os.O_CREAT, 0o600))
    finally:
        os.umask(before)
    for name in ("plain", "library", "folder/inner"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode
    searchable = mode | (mode & 0o444) >> 2
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == searchable


def test_a_write_that_fails_changes_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    files.write_text(tmp_path / "file", "old")
    with folders.replaced_folder(tmp_path / "folder") as new:
        (new / "one").touch()
    with pytest.raises(TypeError):
        files.write_json(tmp_path / "file", {1, 2})
    with pytest.raises(TypeError), files.replaced_stream(tmp_path / "file") as stream:
        stream.writelines([b"half", "no bytes"])  # type: ignore[list-item]
    with pytest.raises(RuntimeError), folders.replaced_folder(tmp_path / "folder"):
        raise RuntimeError
    assert (tmp_path / "file").read_text(encoding="utf-8") == "old"
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["file", "folder", "one"]


def test_content_is_on_the_disk_before_its_name_and_the_name_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace, rename = os.fsync, os.replace, os.rename

    def name_of(descriptor: int) -> str:
        return Path(f"/proc/self/fd/{descriptor}").readlink().name

    def noting_fsync(descriptor: int) -> None:
        fsync(descriptor)
        done.append("fsync folder" if name_of(descriptor) == tmp_path.name else "fsync new")

    def noting_replace(source: Path, target: Path) -> None:
        replace(source, target)
        done.append("rename")

    def noting_rename(source: Path, target: Path) -> None:
        rename(source, target)
        done.append("rename")

    monkeypatch.setattr(os, "fsync", noting_fsync)
    monkeypatch.setattr(os, "replace", noting_replace)
    monkeypatch.setattr(os, "rename", noting_rename)
    files.write_text(tmp_path / "file", "new")
    assert done == ["fsync new", "rename", "fsync folder"]
    done.clear()
    with folders.replaced_folder(tmp_path / "folder") as new:
        (new / "one").touch()
    assert done == ["fsync new", "fsync new", "rename", "fsync folder"]  # one, and its folder


def test_a_reader_waits_for_a_writer_between_its_renames(tmp_path: Path) -> None:
    folder, old = tmp_path / "folder", tmp_path / ".folder-old"
    old.mkdir()
    (old / "content").write_text("old", encoding="utf-8")
    lock = try_lock(tmp_path / ".folder.lock")
    assert lock is not None

    def finish() -> None:
        time.sleep(0.3)
        folder.mkdir()
        (folder / "content").write_text("new", encoding="utf-8")
        lock.close()

    writer = threading.Thread(target=finish)
    writer.start()
    read = folders.read_folder(folder, lambda one: (one / "content").read_text(encoding="utf-8"))
    writer.join()
    assert read == "new"
    assert (old / "content").exists()  # it was the writer's, and nobody took it


def test_a_folder_replaced_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "folder"

    def write(content: str) -> None:
        with folders.replaced_folder(folder) as new:
            for name in ("one", "two"):
                (new / name).write_text(content, encoding="utf-8")

    def read(found: Path) -> tuple[str, str]:
        one = (found / "one").read_text(encoding="utf-8")
        if one == "old":
            write("new")
        return one, (found / "two").read_text(encoding="utf-8")

    write("old")
    assert folders.read_folder(folder, read) == ("new", "new")


def test_readers_meet_whole_folders_only_while_a_writer_replaces_them(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from meloformer import folders\n"
        "for number in range(200):\n"
        "    with folders.replaced_folder(Path(sys.argv[1])) as new:\n"
        "        (new / 'one').write_text(str(number)); (new / 'two').write_text(str(number))\n"
    )
    folder = tmp_path / "folder"
    with subprocess.Popen([sys.executable, "-c", program, str(folder)], cwd=ROOT) as writer:
        while not folder.exists() and writer.poll() is None:
            time.sleep(0.01)
        seen = set()
        while writer.poll() is None:
            one, two = folders.read_folder(
                folder, lambda found: tuple((found / name).read_text() for name in ("one", "two"))
            )
            assert one == two
            assert folders.folders_in(tmp_path) == [folder]
            seen.add(one)
    assert writer.returncode == 0
    assert len(seen) > 1


def test_a_folder_taken_away_right_after_it_was_found_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer may be between its two renames whenever a reader looks again."""
    folder = tmp_path / "folder"
    folder.mkdir()
    look = Path.stat

    def stat_and_take_away(path: Path, **options: bool) -> os.stat_result:
        found = look(path, **options)
        if path == folder:
            path.rename(tmp_path / ".folder-old")
        return found

    monkeypatch.setattr(Path, "stat", stat_and_take_away)
    assert folders.folders_in(tmp_path) == [folder]


def test_a_folder_taken_away_right_before_it_is_read_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    away = ["before it is read", "and after"]
    look = folders._identity
    monkeypatch.setattr(
        folders, "_identity", lambda path: look(path) if not away or not away.pop() else None
    )
    missing = [FileNotFoundError(folder / "one")]

    def read(found: Path) -> str:
        if missing:
            raise missing.pop()
        return "all of it"

    assert folders.read_folder(folder, read) == "all of it"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert folders.folders_in(tmp_path) == []


def test_what_may_not_be_renamed_is_read_where_it_was_put_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".folder-old").mkdir()

    def refuse(path: Path, *args: object, **options: object) -> None:
        raise PermissionError(path)

    monkeypatch.setattr(folders, "locked", refuse)  # root may write everywhere
    assert folders.recover_folder(tmp_path / "folder") == tmp_path / ".folder-old"
    assert folders.recover_folder(tmp_path / "other") == tmp_path / "other"


def test_a_removed_folder_does_not_come_back(tmp_path: Path) -> None:
    for name in ("folder", ".folder-old"):  # as a writer leaves them that was killed at its end
        (tmp_path / name).mkdir()
    folders.remove_folder(tmp_path / "folder")
    assert folders.folders_in(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_what_killed_writers_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    for name in ("a", ".hidden", ".a-old", ".songs.part"):
        (tmp_path / name).mkdir()
    files.part_of(tmp_path / "a.mid").touch()
    files.part_of(tmp_path / "b").mkdir()
    folders.remove_leftovers(tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        ".a-old",
        ".hidden",
        ".songs.part",
        "a",
    ]


def test_long_names_leave_room_for_a_temporary_one(tmp_path: Path) -> None:
    files.write_text(tmp_path / f"{'n' * 251}.mid", "music")
    with folders.replaced_folder(tmp_path / ("n" * 245)) as new:
        (new / "one").touch()
    assert len(list(tmp_path.iterdir())) == 2


def test_a_lock_is_held_by_one_and_the_next_is_told_why_it_waits(tmp_path: Path) -> None:
    def refusal() -> RuntimeError:
        return RuntimeError("another is at work")

    with locked(tmp_path / "lock", refusal):
        with (
            pytest.raises(RuntimeError, match="another is at work"),
            locked(tmp_path / "lock", refusal, timeout_s=0.1),
        ):
            pass
        assert try_lock(tmp_path / "lock") is None
    with locked(tmp_path / "lock", refusal, keep_file=False):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_goes_with_the_last_process_that_has_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = (
        "import subprocess, sys; from pathlib import Path; from meloformer.lock import try_lock\n"
        "lock = try_lock(Path(sys.argv[1]))\n"
        "child = subprocess.Popen(['sleep', '60'], pass_fds=(lock.fileno(),))\n"
        "print(child.pid, flush=True); child.wait()\n"
    )
    command = [sys.executable, "-c", holder, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.kill()
        process.wait()
        assert try_lock(path) is None
        os.kill(child, 9)
        until = time.monotonic() + 10
        while (lock := try_lock(path)) is None and time.monotonic() < until:
            time.sleep(0.01)
    assert lock is not None
    lock.close()


def test_a_pipe_receives_what_would_replace_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    files.write_bytes(pipe, b"music")
    assert os.read(reader, 100) == b"music"
    os.close(reader)


def test_a_document_that_is_none_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "endless").symlink_to("/dev/zero")
    for name in ("pipe", "folder", "endless", "missing"):
        with pytest.raises(OSError, match=r"no file|directory"):
            files.read_json(tmp_path / name)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, f'"{"x" * 90}"'])
def test_a_document_that_cannot_be_read_is_a_value_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "document.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"Expecting|too deep|more than 80 bytes"):
        files.read_json(path, 80 if len(text) < 100 else len(text))


def test_a_document_is_read(tmp_path: Path) -> None:
    path = tmp_path / "document.json"
    files.write_json(path, {"name": "曲", "bars": [1, 2]})
    assert files.read_json(path) == {"name": "曲", "bars": [1, 2]}
