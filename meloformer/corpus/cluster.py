"""Chunks on several machines, by Ray Data.

Every machine must see the corpus and the output folder under the same paths.
"""

import importlib.util
import logging
from collections.abc import Iterable, Iterator
from typing import Any

from meloformer.corpus.chunks import ChunkTask, make_chunk
from meloformer.corpus.pieces import read_piece
from meloformer.errors import ConfigError

_RETRIES = 2
LOCAL = "local"
"""The address that starts a cluster on this machine alone."""


def run_on_cluster(tasks: Iterable[ChunkTask], address: str, workers: int) -> Iterator[int]:
    """Make chunks on a Ray cluster, one task a core.

    A chunk whose process died is tried again elsewhere; one that keeps dying is left out, and must
    be made by `run_local`.

    Args:
        tasks: What to do.
        address: Of the cluster, such as `10.0.0.1:6379`, or `local`.
        workers: How many chunks are made at once; 0 is as many as the cluster has cores.

    Yields:
        The index of each chunk that has been written.

    Raises:
        ConfigError: Ray is not installed, or there is no cluster at the address.
    """
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # what fails is made again here
    if importlib.util.find_spec("ray") is None:
        raise ConfigError(
            "Ray is not installed, and a cluster needs it.",
            hint="pip install 'meloformer[cluster]'",
        )
    import ray

    is_ours = not ray.is_initialized()
    if is_ours:
        _connect(address, workers)
    try:
        context = ray.data.DataContext.get_current()
        context.max_errored_blocks = -1
        context.enable_progress_bars = False
        rows = [{"task": task} for task in tasks]
        blocks = ray.data.from_items(rows, override_num_blocks=max(1, len(rows)))
        made = blocks.map(_make, num_cpus=1, max_retries=_RETRIES, concurrency=workers or None)
        for row in made.iter_rows():
            yield int(row["index"])
    finally:
        if is_ours:
            ray.shutdown()


def _make(row: dict[str, Any]) -> dict[str, Any]:
    return {"index": make_chunk(row["task"], read_piece)}


def _connect(address: str, workers: int) -> None:
    import ray

    try:
        if address == LOCAL:
            ray.init(num_cpus=workers or None, include_dashboard=False, log_to_driver=False)
        else:
            ray.init(address=address, log_to_driver=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise ConfigError(
            f"There is no Ray cluster at {address}: {error}",
            hint="Start one with `ray start --head`, or leave --cluster out.",
        ) from error
