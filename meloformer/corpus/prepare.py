"""From folders and archives of MIDI files to shards.

    inputs ──find_files──▶ files ──chunks──▶ index_corpus ──find_duplicates, split──▶ shards, report

Chunks are made on all cores, or on a cluster, and stay in `.work` until everything is written: a
run that was stopped, by whatever, goes on where it was when the same command is given again. The
same input gives the same bytes, wherever the chunks are made.
"""

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import meloformer
from meloformer.corpus.archives import is_archive
from meloformer.corpus.chunks import ChunkTask, is_whole
from meloformer.corpus.cluster import run_on_cluster
from meloformer.corpus.config import PrepareConfig
from meloformer.corpus.files import SourceFile, find_files
from meloformer.corpus.index import index_corpus
from meloformer.corpus.pool import run_local
from meloformer.corpus.publish import PrepareReport, publish
from meloformer.errors import DataError
from meloformer.folders import remove_leftovers
from meloformer.lock import locked
from meloformer.outputs import check_output_folder
from meloformer.tokens.vocabulary import vocabulary

WORK = ".work"
"""Folder in the output that holds what a stopped run has done."""
_CHUNK_FILES = 64
_SMALL_CORPUS_CHUNKS = 64
"""Even a small corpus is cut in about so many chunks, so that all cores have work."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

OnProgress = Callable[[int, int], None]
"""Told how many files are done, and how many there are."""


def prepare(config: PrepareConfig, on_progress: OnProgress | None = None) -> PrepareReport:
    """Write `train/`, `held_out/`, `manifest.json`, `files.tsv` and `report.html` below `out`.

    What was there before stays until the new is complete.

    Raises:
        DataError: There is nothing to read, nothing was accepted, or the disk is full.
    """
    check_output_folder(config.out, config.inputs)
    work = config.out / WORK
    with _disk_errors(config.out):
        work.mkdir(parents=True, exist_ok=True)
        with _output_lock(work):
            staging = work / f"unpacked-{_digest(_stamp_inputs(config))}"
            files = find_files(config.inputs, staging, config.groups)
            tasks = _tasks(files, work, config)
            _make_chunks(tasks, config, on_progress or _ignore)
            report = publish(index_corpus(tasks, work), files, config, work / "result")
            shutil.rmtree(work)
    return report


def _make_chunks(tasks: list[ChunkTask], config: PrepareConfig, on_progress: OnProgress) -> None:
    total = sum(len(task.paths) for task in tasks)
    waiting = [task for task in tasks if not is_whole(task.out)]
    done = total - sum(len(task.paths) for task in waiting)
    on_progress(done, total)
    for index in _run(waiting, config):
        done += len(tasks[index].paths)
        on_progress(done, total)


def _run(waiting: list[ChunkTask], config: PrepareConfig) -> Iterator[int]:
    if config.cluster:
        yield from run_on_cluster(waiting, config.cluster, config.workers)
        waiting = [task for task in waiting if not is_whole(task.out)]
    yield from run_local(waiting, config.workers or _num_cores())


def _tasks(files: tuple[SourceFile, ...], work: Path, config: PrepareConfig) -> list[ChunkTask]:
    """Cut the corpus into chunks, which depend on the files and the filter alone."""
    folder = work / f"chunks-{_digest(_stamp_files(files, config))}"
    folder.mkdir(exist_ok=True)
    remove_leftovers(folder)
    size = min(_CHUNK_FILES, -(-len(files) // _SMALL_CORPUS_CHUNKS))
    paths = [file.path for file in files]
    return [
        ChunkTask(index, tuple(paths[start : start + size]), folder / f"{index}.npz", config.filter)
        for index, start in enumerate(range(0, len(files), size))
    ]


def _stamp_inputs(config: PrepareConfig) -> Iterator[str]:
    """Yield what tells an archive from one that was changed."""
    for path in config.inputs:
        if path.is_file() and is_archive(path):
            stat = path.stat()
            yield f"{path.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}"


def _stamp_files(files: tuple[SourceFile, ...], config: PrepareConfig) -> Iterator[str]:
    """Yield what chunks of an earlier run must have been made from to be used again."""
    yield f"{meloformer.__version__}\0{vocabulary().fingerprint}\0{config.filter}"
    for file in files:
        stat = file.path.stat()
        yield f"{file.name}\0{stat.st_size}\0{stat.st_mtime_ns}"


def _digest(lines: Iterator[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode("utf-8", "surrogateescape") + b"\n")
    return digest.hexdigest()[:16]


@contextmanager
def _output_lock(work: Path) -> Iterator[None]:
    """Keep a second run out of the folder."""

    def refusal() -> DataError:
        return DataError(
            f"Another run is preparing {work.parent}.", hint="Wait for it, or give another folder."
        )

    with locked(work.with_suffix(".lock"), refusal):
        yield


@contextmanager
def _disk_errors(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DataError(
                f"The disk is full: {out} cannot take the rest.",
                hint="Make room and prepare it again: it goes on where it stopped.",
            ) from error
        raise DataError(f"{out} cannot be written: {error}") from error


def _num_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _ignore(done: int, total: int) -> None:
    pass
