"""An index of a corpus: the content of all chunks but the tokens.

Axes: F files, D pieces among them, H bars of all pieces.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meloformer.corpus.chunks import Chunk, ChunkTask, read_chunk
from meloformer.corpus.pieces import NUM_PROGRAMS, PIECE_FIELDS, Refusal


@dataclass(frozen=True, slots=True, eq=False)
class CorpusIndex:
    """Every file and every piece in canonical order."""

    chunks: tuple[Path, ...]
    sha256: tuple[str, ...]
    """(F,)."""
    refusals: dict[int, Refusal]
    """By file."""
    piece_file: NDArray[np.int64]
    """Which file each piece is. (D,)."""
    counts: NDArray[np.void]
    """`PIECE_FIELDS`. (D,)."""
    programs: NDArray[np.bool_]
    """(D, 129)."""
    content: NDArray[np.uint64]
    """(D,)."""
    bars: NDArray[np.uint64]
    """Memory-mapped: the one array that would not fit for a very large corpus. (H,)."""
    offsets: NDArray[np.int64]
    """First bar of each piece, and H. (D + 1,)."""


def index_corpus(tasks: Sequence[ChunkTask], work: Path) -> CorpusIndex:
    """Read all chunks into an index.

    Args:
        tasks: Done, in canonical order.
        work: A folder for the hashes of the bars.
    """
    sha256: list[str] = []
    refusals: dict[int, Refusal] = {}
    pieces: list[Chunk] = []
    piece_file = [np.zeros(0, dtype=np.int64)]
    bars_path = work / "bars.u64"
    with bars_path.open("wb") as bars:
        for task in tasks:
            chunk = read_chunk(task.out)
            first = len(sha256)
            sha256.extend(chunk.sha256)
            refusals.update((first + at, refusal) for at, refusal in chunk.refusals.items())
            accepted = [at for at in range(len(chunk.sha256)) if at not in chunk.refusals]
            piece_file.append(first + np.array(accepted, dtype=np.int64))
            bars.write(chunk.bars.tobytes())
            pieces.append(replace(chunk, bars=np.zeros(0, dtype=np.uint64)))
    num_bars = np.concatenate([np.zeros(0, dtype=np.int64), *(one.num_bars for one in pieces)])
    offsets = np.concatenate(([0], np.cumsum(num_bars))).astype(np.int64)
    is_empty = not offsets[-1]  # an empty file cannot be mapped
    return CorpusIndex(
        chunks=tuple(task.out for task in tasks),
        sha256=tuple(sha256),
        refusals=refusals,
        piece_file=np.concatenate(piece_file),
        counts=np.concatenate([np.zeros(0, PIECE_FIELDS), *(one.counts for one in pieces)]),
        programs=np.concatenate(
            [np.zeros((0, NUM_PROGRAMS), dtype=bool), *(one.programs for one in pieces)]
        ),
        content=np.concatenate([np.zeros(0, np.uint64), *(one.content for one in pieces)]),
        bars=np.zeros(0, dtype=np.uint64) if is_empty else np.memmap(bars_path, np.uint64, "r"),
        offsets=offsets,
    )
