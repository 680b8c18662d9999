import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from meloformer.corpus.chunks import ChunkTask, make_chunk, read_chunk
from meloformer.corpus.config import FilterConfig
from meloformer.corpus.pieces import Reading, Reason, read_piece
from meloformer.corpus.pool import run_local
from tests.corpus.deadly import read_or_die, read_or_die_once, read_slowly
from tests.corpus.small_corpus import write_corpus

Reader = Callable[[Path, FilterConfig], Reading]


def tasks_of(folder: Path, out: Path, size: int = 3) -> list[ChunkTask]:
    out.mkdir()
    paths = sorted(folder.rglob("*.mid"))
    return [
        ChunkTask(index, tuple(paths[at : at + size]), out / f"{index}.npz", FilterConfig())
        for index, at in enumerate(range(0, len(paths), size))
    ]


def test_processes_write_the_same_chunks_as_one_does(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 4)
    plain, pooled = (tasks_of(folder, tmp_path / name) for name in ("plain", "pooled"))
    for task in plain:
        make_chunk(task, read_piece)
    assert sorted(run_local(pooled, workers=2)) == [0, 1, 2]
    for one, other in zip(plain, pooled, strict=True):
        assert one.out.read_bytes() == other.out.read_bytes()


def refusals_and_bytes(task: ChunkTask) -> tuple[dict[str, str], bytes]:
    chunk = read_chunk(task.out)
    return {
        task.paths[index].stem: refusal.detail for index, refusal in chunk.refusals.items()
    }, chunk.content.tobytes()


@pytest.mark.parametrize(
    ("name", "reader"), [("deadly", read_or_die), ("unlucky", read_or_die_once)]
)
def test_a_file_that_kills_its_reader_costs_no_other(
    tmp_path: Path, name: str, reader: Reader
) -> None:
    folder = write_corpus(tmp_path / "corpus", 4)
    (folder / "band" / "1.mid").rename(folder / "band" / f"{name}.mid")
    tasks = tasks_of(folder, tmp_path / "out")
    assert sorted(run_local(tasks, workers=2, read=reader)) == [0, 1, 2]
    refused = {
        task.paths[index].stem: refusal
        for task in tasks
        for index, refusal in read_chunk(task.out).refusals.items()
    }
    pieces = sum(len(read_chunk(task.out).content) for task in tasks)
    if name == "unlucky":  # an accident is forgiven
        assert (refused, pieces) == ({}, 8)
    else:
        assert pieces == 7
        assert [refusal.reason for refusal in refused.values()] == [Reason.FAILED]
        assert list(refused) == ["deadly"]


def test_killing_the_workers_from_outside_loses_nothing(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 12)
    tasks = tasks_of(folder, tmp_path / "out", size=4)
    stop = threading.Event()

    def kill_children() -> None:
        for _ in range(2):  # a file is given up only after three readers died with it
            time.sleep(0.7)
            for pid in children(os.getpid()):
                if not stop.is_set():
                    os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_children)
    killer.start()
    done = sorted(run_local(tasks, workers=2, read=read_slowly))
    stop.set()
    killer.join()
    assert done == list(range(6))
    assert sum(len(read_chunk(task.out).content) for task in tasks) == 24


def children(pid: int) -> list[int]:
    """Processes started by `multiprocessing` in this one; its resource tracker is spared."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            command = stat.with_name("cmdline").read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[1]) == pid and b"spawn_main" in command:
            found.append(int(stat.parent.name))
    return found


def test_a_disk_error_reaches_the_caller(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path / "corpus", 2)
    tasks = tasks_of(folder, tmp_path / "out")
    (tmp_path / "out").rmdir()
    with pytest.raises(FileNotFoundError):
        list(run_local(tasks, workers=1))
