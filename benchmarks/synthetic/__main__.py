"""Make a corpus of bands: `python -m benchmarks.synthetic --songs 100000 --out FOLDER`.

The same seed gives the same files with any number of workers. `truth.tsv` in the folder tells what
each file is, and of which one it is a duplicate.
"""

import argparse
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.report import report
from benchmarks.synthetic.corpus import Kind
from benchmarks.synthetic.write import Truth, write_corpus

_PERCENTILES = (5, 50, 95)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--songs", type=int, default=10_000, help="files, of whatever kind")
    parser.add_argument("--out", type=Path, required=True, help="a folder, new or empty")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.out.is_dir() and any(arguments.out.iterdir()):
        parser.error(f"{arguments.out} is not empty")
    started = perf_counter()
    files: list[Truth] = []
    cpu_s = 0.0
    for written in write_corpus(arguments.out, arguments.songs, arguments.seed, arguments.workers):
        files += written.files
        cpu_s += written.cpu_s
    report("synthetic/rate", len(files) / (perf_counter() - started), "songs/s")
    report("synthetic/rate_per_core", len(files) / cpu_s, "songs per CPU s")
    report("synthetic/size", sum(file.bytes for file in files) / 1e6, "MB")
    for kind in Kind:
        report(f"synthetic/{kind}", sum(file.kind == kind for file in files), "files")
    songs = [file for file in files if file.kind == Kind.SONG]
    for column in ("notes", "bars", "parts", "bytes"):
        values = np.percentile([getattr(song, column) for song in songs], _PERCENTILES)
        for percent, value in zip(_PERCENTILES, values.tolist(), strict=True):
            report(f"synthetic/{column}/percentile_{percent}", value, f"{column} a song")


if __name__ == "__main__":
    main()
