"""Chunks: the readings of a few files, written at once. A run that was killed goes on after them.

A chunk is made from its files and the filter alone, so any process, of this machine or
of another, writes the same bytes.

Axes: F files, P pieces among them.
"""

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meloformer.corpus.config import FilterConfig
from meloformer.corpus.pieces import (
    NUM_PROGRAMS,
    PIECE_FIELDS,
    CorpusPiece,
    Reading,
    Reason,
    Refusal,
)
from meloformer.files import replaced_stream


@dataclass(frozen=True, slots=True)
class ChunkTask:
    """Files to be read into one chunk, by a process of this machine or of another."""

    index: int
    paths: tuple[Path, ...]
    out: Path
    """The file that receives the chunk."""
    filter: FilterConfig


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """A chunk without its tokens: enough to find duplicates and to count."""

    sha256: tuple[str, ...]
    """Of every file. (F,)."""
    refusals: dict[int, Refusal]
    """By the file's place in the chunk."""
    counts: NDArray[np.void]
    """`PIECE_FIELDS` of every piece. (P,)."""
    programs: NDArray[np.bool_]
    """(P, 129)."""
    content: NDArray[np.uint64]
    """`Signature.content`. (P,)."""
    bars: NDArray[np.uint64]
    """`Signature.bars`, one piece after the other."""
    num_bars: NDArray[np.int64]
    """How many of `bars` each piece has. (P,)."""


def make_chunk(task: ChunkTask, read: Callable[[Path, FilterConfig], Reading]) -> int:
    """Read the files of a task and write their chunk.

    Args:
        task: What to do.
        read: Reads one file.

    Returns:
        The index of the task.

    Raises:
        OSError: The chunk cannot be written.
    """
    write_chunk(task.out, [read(path, task.filter) for path in task.paths])
    return task.index


def write_chunk(path: Path, readings: Sequence[Reading]) -> None:
    """Write a chunk, whole or not at all.

    Raises:
        OSError: It cannot be written.
    """
    pieces = [one.result for one in readings if isinstance(one.result, CorpusPiece)]
    refusals = {
        index: asdict(one.result)
        for index, one in enumerate(readings)
        if isinstance(one.result, Refusal)
    }
    files = json.dumps({"sha256": [one.sha256 for one in readings], "refusals": refusals})
    programs = np.array([one.programs for one in pieces], dtype=bool).reshape(-1, NUM_PROGRAMS)
    arrays = {
        "files": np.frombuffer(files.encode("utf-8", "backslashreplace"), dtype=np.uint8),
        "counts": np.array([one.counts for one in pieces], dtype=PIECE_FIELDS),
        "programs": np.packbits(programs, axis=1),
        "content": np.array([one.signature.content for one in pieces], dtype=np.uint64),
        "bars": _joined([one.signature.bars for one in pieces], np.uint64),
        "num_bars": np.array([len(one.signature.bars) for one in pieces], dtype=np.int64),
        "ids": _joined([one.ids for one in pieces], np.uint16),
    }
    with replaced_stream(path) as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_chunk(path: Path) -> Chunk:
    """Read all of a chunk but its tokens."""
    with np.load(path, allow_pickle=False) as arrays:
        files = json.loads(arrays["files"].tobytes())
        programs = np.unpackbits(arrays["programs"], axis=1, count=NUM_PROGRAMS).astype(bool)
        return Chunk(
            sha256=tuple(files["sha256"]),
            refusals={
                int(index): Refusal(Reason(one["reason"]), one["detail"])
                for index, one in files["refusals"].items()
            },
            counts=arrays["counts"],
            programs=programs,
            content=arrays["content"],
            bars=arrays["bars"],
            num_bars=arrays["num_bars"],
        )


def read_chunk_ids(path: Path) -> list[NDArray[np.uint16]]:
    """Return the tokens of each piece of a chunk."""
    with np.load(path, allow_pickle=False) as arrays:
        ids, ends = arrays["ids"], np.cumsum(arrays["counts"]["tokens"]).tolist()
    return [ids[start:end] for start, end in pairwise([0, *ends])]


def is_whole(path: Path) -> bool:
    """Return whether a chunk of an earlier run can be used."""
    return path.exists() and zipfile.is_zipfile(path)


def _joined(arrays: Sequence[NDArray[np.generic]], dtype: type) -> NDArray[np.generic]:
    return np.concatenate([np.zeros(0, dtype=dtype), *arrays])
