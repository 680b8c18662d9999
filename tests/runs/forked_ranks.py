"""Ranks of a run, forked from one process that has imported all that a rank needs.

An import of torch takes seconds of a processor, and a launch by torchrun three of them. Where the
launcher itself is not under test, ranks start from here within milliseconds: real processes with
the environment that torchrun gives them, and the worker's own `main`.
"""

import importlib
import multiprocessing
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path

from meloformer.runs.folder import WORKER
from meloformer.runs.workspace import Run

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        __name__,
        "torch._dynamo",
        "meloformer.training.parallel.sharding",
        "meloformer.training.trainer",
        "meloformer.training.worker",
    ]
)
_ROOT = Path(__file__).parents[2]
SLOWEST_S = 120


def fork(target: Callable[..., object], *arguments: object) -> BaseProcess:
    """Call a function of a module in a process of its own, which begins with torch imported."""
    with chdir(_ROOT):  # or the server would not find this module
        forkserver.ensure_running()
    process = _FORKS.Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


@contextmanager
def forked(run: Run, processes: int = 1, worker: str = WORKER, **env: str) -> Iterator["Ranks"]:
    """The ranks of a run, which are gone in the end.

    Args:
        run: Its log takes what they print.
        processes: How many; each knows its rank, and where to meet the others.
        worker: The module whose `main` they run.
        env: More of their environment.
    """
    rendezvous = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(_free_port())}
    ranks = []
    for rank in range(processes):
        place = {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(processes)}
        environment = place | rendezvous | env if processes > 1 else env
        ranks.append(fork(_run, worker, run.folder, environment))
    try:
        yield Ranks(ranks)
    finally:
        for process in ranks:
            process.kill()
            process.join()


class Ranks:
    """Processes that run."""

    def __init__(self, processes: list[BaseProcess]) -> None:
        self._processes = processes

    def send_signal(self, number: int, rank: int = 0) -> None:
        pid = self._processes[rank].pid
        assert pid is not None
        os.kill(pid, number)

    def wait(self, timeout_s: float = SLOWEST_S) -> list[int | None]:
        """Wait for all, each for so long; their exit codes."""
        for process in self._processes:
            process.join(timeout_s)
        return [process.exitcode for process in self._processes]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _run(worker: str, folder: Path, environment: dict[str, str]) -> None:
    with (folder / "log.txt").open("ab") as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
    os.environ.update(environment)
    sys.argv = [worker, str(folder)]
    sys.exit(importlib.import_module(worker).main())
