"""Chunks on the cores of this machine.

A process that dies takes one chunk with it. Its files are then read one by one, so that only the
file that did it is refused.
"""

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from meloformer.corpus.chunks import ChunkTask, make_chunk, write_chunk
from meloformer.corpus.config import FilterConfig
from meloformer.corpus.pieces import Reading, Reason, Refusal, read_piece
from meloformer.errors import DataError

CHUNK_TIMEOUT_S = 600
FILE_TIMEOUT_S = 60
"""The slowest file of the training music takes a hundredth of this."""
_AHEAD = 2
"""Tasks sent to each process in advance."""

_Read = Callable[[Path, FilterConfig], Reading]
_LOST = (ProcessExpired, TimeoutError, BrokenProcessPool)


def run_local(tasks: Iterable[ChunkTask], workers: int, read: _Read = read_piece) -> Iterator[int]:
    """Make chunks in `workers` processes.

    Args:
        tasks: What to do; taken as they are needed.
        workers: At least 1.
        read: Reads one file; runs in the processes.

    Yields:
        The index of each chunk that has been written, in the order they are ready.

    Raises:
        OSError: A chunk cannot be written.
        DataError: No process can be started.
    """
    waiting = deque(tasks)
    while waiting:
        before = len(waiting)
        lost: list[ChunkTask] = []
        with _pool(workers) as pool:
            yield from _drain(pool, waiting, lost, _AHEAD * workers, read)
        for task in lost:
            write_chunk(task.out, list(_one_by_one(task, read)))
            yield task.index
        if len(waiting) == before:
            raise DataError(
                "The processes that read the files cannot be started.",
                hint="Look at the messages above; try again with one worker.",
            )


def _drain(
    pool: ProcessPool, waiting: deque[ChunkTask], lost: list[ChunkTask], ahead: int, read: _Read
) -> Iterator[int]:
    """Make chunks until none waits or the pool breaks; chunks whose process died go to `lost`."""
    running: dict[Future[int], ChunkTask] = {}
    is_broken = False
    while running or (waiting and not is_broken):
        while waiting and not is_broken and len(running) < ahead:
            task = waiting.popleft()
            running[pool.schedule(make_chunk, (task, read), timeout=CHUNK_TIMEOUT_S)] = task
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            task = running.pop(future)
            try:
                yield future.result()
            except _LOST as error:
                lost.append(task)
                is_broken = is_broken or isinstance(error, BrokenProcessPool)


def _one_by_one(task: ChunkTask, read: _Read) -> Iterator[Reading]:
    """Read each file of a lost chunk; one that is lost once more gets a process of its own."""
    with _pool(1) as pool:
        readings = [_read_in(pool, path, task.filter, read) for path in task.paths]
    for path, reading in zip(task.paths, readings, strict=True):
        if reading is not None:
            yield reading
            continue
        with _pool(1) as pool:
            again = _read_in(pool, path, task.filter, read)
        yield again or Reading("", Refusal(Reason.FAILED, "stops the program that reads it"))


def _read_in(pool: ProcessPool, path: Path, limits: FilterConfig, read: _Read) -> Reading | None:
    """Read a file in the pool; `None` if its process died or took too long."""
    try:
        return pool.schedule(read, (path, limits), timeout=FILE_TIMEOUT_S).result()
    except _LOST:
        return None
    except RuntimeError:  # the pool broke with the file before
        return None


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPool]:
    # Spawned, not forked: the app that starts this has threads of its own.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPool(workers, initializer=_leave_interrupts_to_parent, context=context)
    try:
        yield pool
        pool.close()  # type: ignore[no-untyped-call]
    except BaseException:
        pool.stop()  # type: ignore[no-untyped-call]
        raise
    finally:
        pool.join()


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
