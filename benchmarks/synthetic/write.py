"""A made-up corpus on disk, with the truth about it."""

import csv
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass, fields
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import process_time

from benchmarks.synthetic.corpus import make

_CHUNK_FILES = 100


@dataclass(frozen=True, slots=True)
class Truth:
    """The row of a file in `truth.tsv`."""

    file: str
    """Path below the corpus folder."""
    kind: str
    original: str
    """The file that this one tells again; empty for all but duplicates."""
    notes: int
    bars: int
    parts: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Written:
    """Some files of a corpus, and the CPU time they took to make."""

    files: list[Truth]
    cpu_s: float


def write_corpus(folder: Path, songs: int, seed: int = 0, workers: int = 1) -> Iterator[Written]:
    """Write the files a chunk at a time, and `truth.tsv`; yield after each chunk."""
    folder.mkdir(parents=True, exist_ok=True)
    chunks = [
        range(first, min(first + _CHUNK_FILES, songs)) for first in range(0, songs, _CHUNK_FILES)
    ]
    write = partial(_write_chunk, folder, seed)
    with (
        (folder / "truth.tsv").open("w", encoding="utf-8", newline="") as table,
        ProcessPoolExecutor(workers, get_context("spawn")) as pool,
    ):
        rows = csv.writer(table, delimiter="\t", lineterminator="\n")
        rows.writerow(field.name for field in fields(Truth))
        for written in pool.map(write, chunks):
            rows.writerows(map(astuple, written.files))
            yield written


def _write_chunk(folder: Path, seed: int, indices: range) -> Written:
    started = process_time()
    files = []
    for index in indices:
        file = make(seed, index)
        path = folder / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
        counts = file.num_notes, file.num_bars, file.num_parts, len(file.data)
        files.append(Truth(file.name, str(file.kind), file.original, *counts))
    return Written(files, process_time() - started)
