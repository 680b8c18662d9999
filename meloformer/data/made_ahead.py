"""Columns of batches that other processes make ahead.

Each process makes every so manieth batch and waits until it is taken, so the batches come in the
order of their steps. The processes load no torch: they are there in a second, where torch would
take ten if a dozen of them load it at once.

Axes: B rows, T positions.
"""

import atexit
import multiprocessing
import signal
from collections.abc import Iterator
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import numpy as np

from meloformer.data.columns import Ints
from meloformer.data.rows import TrainingRows
from meloformer.errors import DataError

_SENT = np.int32
"""What columns are sent as: nothing in them needs more."""


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
        self._receivers: list[Connection] = []
        self._processes: list[BaseProcess] = []
        # They ignore being terminated, which is what would be tried when this process ends.
        atexit.register(self.close)
        for first in range(first_step, first_step + workers):
            receiver, sender = context.Pipe(duplex=False)
            process = context.Process(
                target=_make, args=(rows, first, workers, sender), daemon=True
            )
            process.start()
            sender.close()
            self._receivers.append(receiver)
            self._processes.append(process)

    def __iter__(self) -> Iterator[Ints]:
        """Yield the columns of one step after the other. (9, B, T).

        Raises:
            DataError: A process is gone; what it died of is in the log.
        """
        for turn in count():
            receiver = self._receivers[turn % len(self._receivers)]
            try:
                shape = receiver.recv()
                sent = np.frombuffer(receiver.recv_bytes(), _SENT)
            except (EOFError, OSError) as error:
                raise DataError("a process that makes batches is gone") from error
            yield sent.reshape(shape).astype(np.int64)

    def close(self) -> None:
        """End the processes."""
        atexit.unregister(self.close)
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join()
        for receiver in self._receivers:
            receiver.close()


def _make(rows: TrainingRows, first_step: int, stride: int, sender: Connection) -> None:
    """Make and send the columns of every so manieth step until nobody takes them."""
    # The run ends its workers, and may have a checkpoint to write before.
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)
    try:
        for step in count(first_step, stride):
            columns = rows.columns(step)
            sender.send(columns.shape)
            sender.send_bytes(columns.astype(_SENT).data)
    except BrokenPipeError:  # the process that trains is gone
        return
