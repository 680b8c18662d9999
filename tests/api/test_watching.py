import shutil
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread

import pytest

from meloformer.api.watching import continued_path, exported_files
from meloformer.errors import ConfigError
from meloformer.resources import EXAMPLES

SETTLED_S = 1.0
"""Longer than a busy machine pauses between two writes."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(EXAMPLES / "jig.mid", tmp_path / "before.mid")
    return tmp_path


def test_what_is_exported_is_told_when_it_is_whole(folder: Path) -> None:
    content = (EXAMPLES / "jig.mid").read_bytes()
    told: SimpleQueue[tuple[Path, bytes]] = SimpleQueue()
    is_watched, stop = Event(), Event()

    def watch() -> None:
        with exported_files(folder, stop, SETTLED_S) as files:
            is_watched.set()
            for path in files:
                told.put((path, path.read_bytes()))

    watcher = Thread(target=watch)
    watcher.start()
    assert is_watched.wait(120)
    with (folder / "song.mid").open("wb") as file:
        for begin in range(0, len(content), 200):
            file.write(content[begin : begin + 200])
            file.flush()
            stop.wait(0.01)
    assert told.get(timeout=120) == (folder / "song.mid", content)
    for name in ("notes.txt", "song-continued.mid", "song-continued-2.mid", "a\nb-continued.mid"):
        (folder / name).write_bytes(content)
    (folder / "part").write_bytes(content)
    (folder / "part").rename(folder / "other.MID")
    assert told.get(timeout=120) == (folder / "other.MID", content)
    (folder / "song.mid").write_bytes(content)  # exported again
    assert told.get(timeout=120) == (folder / "song.mid", content)
    stop.set()
    watcher.join(30)
    assert told.empty()


def test_it_ends_when_it_is_told(folder: Path) -> None:
    stop = Event()
    stop.set()
    with exported_files(folder, stop) as files:
        assert list(files) == []


def test_a_name_that_is_taken_is_not_used_again(folder: Path) -> None:
    path = folder / "song.mid"
    names = []
    for _ in range(3):
        place = continued_path(path)
        place.write_bytes(b"")
        names.append(place.name)
    assert names == ["song-continued.mid", "song-continued-2.mid", "song-continued-3.mid"]


@pytest.mark.parametrize("stem", ["n" * 251, "é" * 125, "曲" * 83 + "ab"])
def test_a_long_name_leaves_room_for_what_is_made_of_it(folder: Path, stem: str) -> None:
    path = folder / f"{stem}.mid"
    path.write_bytes(b"")
    place = continued_path(path)
    place.write_bytes(b"")
    assert place.name.startswith(stem[:60])
    assert continued_path(path).name == f"{place.stem}-2.mid"


def test_a_link_that_leads_nowhere_is_not_replaced(folder: Path) -> None:
    (folder / "song-continued.mid").symlink_to(folder / "nowhere")
    assert continued_path(folder / "song.mid").name == "song-continued-2.mid"


def test_a_file_that_changes_all_the_time_holds_up_no_other(folder: Path) -> None:
    content, stop, told = (EXAMPLES / "jig.mid").read_bytes(), Event(), Event()

    def change() -> None:
        while not told.wait(0.02):
            (folder / "loop.mid").write_bytes(content)

    with exported_files(folder, stop, SETTLED_S) as files:
        (folder / "song.mid").write_bytes(content)
        changing = Thread(target=change)
        changing.start()
        assert next(files) == folder / "song.mid"
        told.set()
        changing.join(30)
        stop.set()


def test_a_folder_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no folder"):
        exported_files(tmp_path / "none", Event()).__enter__()


def test_a_folder_that_goes_is_a_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    watched = exported_files(folder, Event())
    files = watched.__enter__()
    folder.rename(tmp_path / "elsewhere")
    folder.mkdir()
    assert list(files) == []
    with pytest.raises(ConfigError, match="exports is gone"):
        watched.__exit__(None, None, None)
