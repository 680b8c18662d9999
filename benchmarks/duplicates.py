"""Seconds and memory to find the duplicates of a corpus, made up or real.

    python -m benchmarks.duplicates --pieces 100000
    python -m benchmarks.duplicates --corpus FOLDER --cache FILE.npz --groups groups.tsv --show 10

Made-up pieces have about 60 distinct bars, drawn like words of a text: few are in most pieces, most
in few. A fifth of the pieces are copies, a twentieth copies with three bars changed. A real corpus
is encoded once and kept in the cache. `worst` are corpora in which everything resembles everything.
`_cpu` is processor time; memory counts the mapped bars too.
"""

import argparse
import csv
import multiprocessing
import resource
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import report
from meloformer.corpus.duplicates import Duplicates, find_duplicates, signature
from meloformer.errors import MidiError
from meloformer.midi.read import read_midi
from meloformer.tokens import crop, encode, to_text
from meloformer.tokens.notes import notes_of

Hashes = NDArray[np.uint64]
SHARE = 0.9
COPIES, NEAR_COPIES = 0.2, 0.05
ARRAYS = ("content", "bars", "offsets")


def scramble(numbers: NDArray[np.int64]) -> Hashes:
    """Spread small numbers over 64 bits, so that they are in the order of hashes."""
    spread = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return (spread ^ spread >> np.uint64(29)) * np.uint64(0xBF58476D1CE4E5B9)


def rows(pieces: list[Hashes]) -> tuple[Hashes, NDArray[np.int64]]:
    """Bars and offsets of pieces."""
    offsets = np.concatenate(([0], np.cumsum([len(piece) for piece in pieces])))
    return np.concatenate([np.sort(piece) for piece in pieces]), offsets


def write_made_up(folder: Path, num_pieces: int) -> None:
    """Write the signatures of a made-up corpus; run apart, so that its memory does not count."""
    rng = np.random.default_rng(0)
    drawn = rng.zipf(1.2, (num_pieces, 100))
    content = np.arange(num_pieces, dtype=np.uint64)
    kind = rng.random(num_pieces)
    copies = np.flatnonzero(kind < COPIES + NEAR_COPIES)
    originals = np.flatnonzero(kind >= COPIES + NEAR_COPIES)
    source = rng.choice(originals, len(copies))
    drawn[copies] = drawn[source]
    content[copies] = content[source]
    near = copies[kind[copies] >= COPIES]
    content[near] = num_pieces + near
    drawn[near, :3] = rng.integers(1 << 40, 1 << 60, (len(near), 3))
    bars = np.sort(scramble(drawn), axis=1)
    is_new = np.ones(bars.shape, dtype=np.bool_)
    is_new[:, 1:] = bars[:, 1:] != bars[:, :-1]
    offsets = np.concatenate(([0], np.cumsum(is_new.sum(axis=1))))
    for name, array in zip(ARRAYS, (content, bars[is_new], offsets), strict=True):
        np.save(folder / f"{name}.npy", array)


def made_up(num_pieces: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        context = multiprocessing.get_context("spawn")
        writer = context.Process(target=write_made_up, args=(folder, num_pieces))
        writer.start()
        writer.join()
        content, bars, offsets = (np.load(folder / f"{n}.npy", mmap_mode="r") for n in ARRAYS)
        before = peak_mib()
        started = time.perf_counter(), time.process_time()
        found = find_duplicates(np.array(content), bars, np.array(offsets), SHARE)
        seconds = time.perf_counter() - started[0]
        cpu_seconds = time.process_time() - started[1]
        name = f"duplicates/pieces_{num_pieces}"
        report(f"{name}/bars", len(bars), "bars")
        report(f"{name}/search", seconds, "s")
        report(f"{name}/search_cpu", cpu_seconds, "s")
        report(f"{name}/peak_memory", peak_mib(), "MiB")
        report(f"{name}/peak_memory_more_than_before", peak_mib() - before, "MiB")
        report_found(name, found)


def worst(num_pieces: int) -> None:
    rng = np.random.default_rng(0)

    def fresh(count: int) -> Hashes:
        return rng.integers(0, 1 << 63, count).astype(np.uint64)

    base, pool, line = fresh(60), fresh(70), fresh(num_pieces + 60)
    corpora = {
        "same_bars": [base] * num_pieces,
        "one_bar_of_60_differs": [np.append(base[1:], fresh(1)) for _ in range(num_pieces)],
        "one_bar_of_60_agrees": [np.append(base[:1], fresh(59)) for _ in range(num_pieces)],
        "53_bars_of_60_agree": [np.append(base[:53], fresh(7)) for _ in range(num_pieces)],
        "60_bars_of_a_pool_of_70": [rng.permutation(pool)[:60] for _ in range(num_pieces)],
        "each_a_bar_on_from_the_last": [line[i : i + 60] for i in range(num_pieces)],
    }
    for name, pieces in corpora.items():
        bars, offsets = rows(pieces)
        content = np.arange(num_pieces, dtype=np.uint64)
        started = time.perf_counter()
        find_duplicates(content, bars, offsets, SHARE)
        seconds = time.perf_counter() - started
        report(f"duplicates/worst/{name}/pieces_{num_pieces}", seconds, "s")


def report_found(name: str, found: Duplicates) -> None:
    is_dropped = found.original != np.arange(len(found.original))
    report(f"{name}/exact", int((is_dropped & ~found.is_near).sum()), "pieces")
    report(f"{name}/near", int(found.is_near.sum()), "pieces")


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write_signatures(folder: Path, cache: Path) -> None:
    """Encode the files of a corpus and keep tokens and signatures."""
    names, streams, contents, bars = [], [], [], []
    seconds = 0.0
    for path in sorted(folder.rglob("*.mid")):
        try:
            ids = encode(read_midi(path.read_bytes())).ids
        except MidiError:
            continue
        notes = notes_of(ids)
        started = time.perf_counter()
        own = signature(notes)
        seconds += time.perf_counter() - started
        names.append(path.relative_to(folder).as_posix())
        streams.append(ids)
        contents.append(own.content)
        bars.append(own.bars)
    report("duplicates/signature", 1000 * seconds / len(names), "ms")
    all_bars, offsets = rows(bars)
    np.savez(
        cache,
        names=np.array(names),
        ids=np.concatenate(streams),
        starts=np.concatenate(([0], np.cumsum([len(ids) for ids in streams]))),
        content=np.array(contents, dtype=np.uint64),
        bars=all_bars,
        offsets=offsets,
    )


def real(folder: str, cache: Path, groups: Path | None, show: int) -> None:
    kept = np.load(cache)
    names = kept["names"].tolist()
    started = time.perf_counter()
    found = find_duplicates(kept["content"], kept["bars"], kept["offsets"], SHARE)
    report(f"duplicates/corpus_{len(names)}/search", time.perf_counter() - started, "s")
    report_found(f"duplicates/corpus_{len(names)}", found)
    group_of = read_groups(groups) if groups else {}
    dropped = [(i, int(j)) for i, j in enumerate(found.original) if i != j]
    where: Counter[str] = Counter()
    for one, other in dropped:
        sets = sorted(names[i].partition("/")[0] for i in (one, other))
        groups_of_pair = {group_of.get(f"{folder}/{names[i]}", names[i]) for i in (one, other)}
        kind = "near" if found.is_near[one] else "exact"
        where[f"{kind}/{'+'.join(sets)}/groups_{len(groups_of_pair)}"] += 1
    for name, count in sorted(where.items()):
        report(f"duplicates/corpus_{len(names)}/{name}", count, "pieces")
    for pair in dropped[:: max(1, len(dropped) // show)][:show] if show else []:
        for piece in sorted(pair):
            ids = kept["ids"][kept["starts"][piece] : kept["starts"][piece + 1]]
            print(names[piece], to_text(crop(ids, 0, 4)), sep="\n")


def read_groups(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["file"]: row["group"] for row in csv.DictReader(lines, delimiter="\t")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pieces", type=int, default=0, help="size of a made-up corpus")
    parser.add_argument("--worst", type=int, default=0, help="pieces in each of the worst corpora")
    parser.add_argument("--corpus", type=Path, help="folder of MIDI files")
    parser.add_argument("--cache", type=Path, help="where the signatures of the corpus are kept")
    parser.add_argument("--groups", type=Path, help="table of file and group")
    parser.add_argument("--show", type=int, default=0, help="pairs of pieces to print")
    arguments = parser.parse_args()
    if arguments.pieces:
        made_up(arguments.pieces)
    if arguments.worst:
        worst(arguments.worst)
    if arguments.corpus:
        if not arguments.cache.is_file():
            write_signatures(arguments.corpus, arguments.cache)
        real(arguments.corpus.name, arguments.cache, arguments.groups, arguments.show)


if __name__ == "__main__":
    main()
