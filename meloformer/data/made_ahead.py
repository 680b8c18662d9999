"""Columns of batches that other processes make ahead.

Each process makes every so manieth batch and lays it into memory that this one reads, too, so the
batches come in the order of their steps. Pipes only say that one is there, or was taken: batches
would go through them in pieces of 64 KiB, and the process that trains would wait until the other
one had been woken for each. The processes load no torch: they are there in a second, where torch
would take ten if a dozen of them load it at once.

Axes: B rows, T positions.
"""

import atexit
import multiprocessing
import signal
from collections.abc import Iterator
from ctypes import Array, c_int32
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import numpy as np
from numpy.typing import NDArray

from meloformer.data.rows import TrainingRows
from meloformer.errors import DataError

Columns = NDArray[np.int32]
"""Nothing in them needs more."""


class MadeAhead:
    """The columns of batches from a step on, without end. Iterate, and close.

    Args:
        rows: Makes them.
        first_step: Where to begin.
        workers: How many processes, at least 1. They are started at once.
    """

    def __init__(self, rows: TrainingRows, first_step: int, workers: int) -> None:
        # A fork would copy threads' locks and a CUDA context.
        context = multiprocessing.get_context("spawn")
        self._ends: list[Connection] = []
        self._slots: list[Columns] = []
        self._processes: list[BaseProcess] = []
        # They ignore being terminated, which is what would be tried when this process ends.
        atexit.register(self.close)
        for first in range(first_step, first_step + workers):
            shared = context.RawArray(c_int32, int(np.prod(rows.shape)))
            here, there = context.Pipe()
            process = context.Process(
                target=_make, args=(rows, first, workers, shared, there), daemon=True
            )
            process.start()
            there.close()
            self._ends.append(here)
            self._slots.append(_slot(shared, rows))
            self._processes.append(process)

    def __iter__(self) -> Iterator[Columns]:
        """Yield the columns of one step after the other. (9, B, T).

        Raises:
            DataError: A process is gone; what it died of is in the log.
        """
        for turn in count():
            which = turn % len(self._ends)
            try:
                self._ends[which].recv_bytes()  # it is there
                columns = self._slots[which].copy()
                self._ends[which].send_bytes(b"")  # it was taken
            except (EOFError, OSError) as error:
                raise DataError("a process that makes batches is gone") from error
            yield columns

    def close(self) -> None:
        """End the processes."""
        atexit.unregister(self.close)
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join()
        for end in self._ends:
            end.close()


def _slot(shared: "Array[c_int32]", rows: TrainingRows) -> Columns:
    """Return shared memory as the columns of a batch. (9, B, T)."""
    return np.frombuffer(shared, np.int32).reshape(rows.shape)


def _make(
    rows: TrainingRows, first_step: int, stride: int, shared: "Array[c_int32]", end: Connection
) -> None:
    """Make the columns of every so manieth step, until nobody takes them."""
    # The run ends its workers, and may have a checkpoint to write before.
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)
    slot = _slot(shared, rows)
    try:
        slot[:] = rows.columns(first_step)
        for step in count(first_step + stride, stride):
            end.send_bytes(b"")
            upcoming = rows.columns(step)
            end.recv_bytes()  # the one before was taken
            slot[:] = upcoming
    except (EOFError, OSError):  # the process that trains is gone
        return
