"""The runs of notes of the music that a model was trained on, as an index of a few megabytes.

It says of `RUN_NOTES` notes in a row of a part, in any key, whether a training piece has them. One
note more is shared with a piece only where two neighbouring runs are known. The other way round
that is nearly always so: with 12 bits a run, of the runs of 17 notes in held-out music of which
both halves were known, 99 in 100 were in one piece. Eight bits leave room for more music.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from meloformer.data.bloom_filter import NUM_PROBES, BloomFilter
from meloformer.data.shards import Shards
from meloformer.errors import DataError
from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.score.note_runs import run_hashes
from meloformer.tokens.lines import lines_of_stream

RUN_NOTES = 16
"""Notes of the runs that are indexed."""
MAX_BYTES = 8_000_000
"""Of a file."""
_MAX_HEADER_BYTES = 4_096
_BITS_PER_RUN = 8
_MOST_FALSE_POSITIVES = 0.05
"""Of an index that music was added to; it is half of that when one is made."""
_BITS = "bits"


@dataclass(frozen=True, slots=True, eq=False)
class KnownRuns:
    """Runs of notes that one piece or another of some music has."""

    num_pieces: int
    num_notes: int
    """Of pitched parts."""
    num_runs: int
    """Different ones."""
    filter: BloomFilter
    """Of their hashes."""

    @classmethod
    def of_shards(
        cls, shards: Shards, on_progress: Callable[[int, int], None] | None = None
    ) -> "KnownRuns":
        """Index all documents of shards.

        Args:
            shards: The music.
            on_progress: Told how many of how many documents are read.
        """
        found, num_notes = [np.zeros(0, dtype=np.uint64)], 0
        for own, own_notes in _documents(shards, on_progress):
            num_notes += own_notes
            found.append(own)
        runs = np.unique(np.concatenate(found))
        known = BloomFilter.of(runs, filter_bytes(len(runs)))
        return cls(shards.num_documents, num_notes, len(runs), known)

    def and_of_shards(
        self, shards: Shards, on_progress: Callable[[int, int], None] | None = None
    ) -> "KnownRuns":
        """Return an index of the same size that has the documents of other shards too.

        A document counts as a piece more if most of its runs were not known; one that was only
        prepared a little otherwise does not.

        Args:
            shards: More music, such as that of a later leg of a training.
            on_progress: Told how many of how many documents are read.

        Raises:
            DataError: So much more does not fit in.
        """
        found, num_pieces, num_notes = [np.zeros(0, dtype=np.uint64)], 0, 0
        for own, own_notes in _documents(shards, on_progress):
            unknown = own[~self.filter.contain(own)]
            found.append(unknown)
            if 2 * len(unknown) > len(own):
                num_pieces += 1
                num_notes += own_notes
        runs = np.unique(np.concatenate(found))
        both = self.filter.having(runs)
        if both.false_positive_rate > _MOST_FALSE_POSITIVES:
            raise DataError(
                "the index of training music has no room for so much more",
                hint="index all of it anew, from shards that have all of it",
            )
        return KnownRuns(
            self.num_pieces + num_pieces,
            self.num_notes + num_notes,
            self.num_runs + len(runs),
            both,
        )

    def write(self, path: Path) -> None:
        """Write the index as one file of at most `MAX_BYTES`."""
        facts = {
            "pieces": self.num_pieces,
            "notes": self.num_notes,
            "runs": self.num_runs,
            "checksum": zlib.crc32(self.filter.bits.data),
        }
        about = {name: str(value) for name, value in facts.items()}
        save_file({_BITS: self.filter.bits}, path, about | {"definition": _definition()})

    @classmethod
    def read(cls, path: Path) -> "KnownRuns":
        """Read what `write` wrote.

        Raises:
            DataError: It is missing, too large, damaged, or counts as a run what we do not.
        """
        try:
            size = path.stat().st_size
            if size > MAX_BYTES:
                raise DataError(f"{path} is {size:,} bytes, more than the {MAX_BYTES:,} allowed")
            with safe_open(path, framework="numpy") as file:
                about, bits = file.metadata() or {}, file.get_tensor(_BITS)
            definition = about["definition"]
            pieces, notes, runs, checksum = (
                int(about[name]) for name in ("pieces", "notes", "runs", "checksum")
            )
        except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
            raise DataError(f"the index of training music {path} is damaged: {error}") from error
        is_filter = bits.dtype == np.uint8 and bits.ndim == 1 and len(bits) > 0
        if not is_filter or zlib.crc32(bits.data) != checksum:
            raise DataError(f"the index of training music {path} is damaged")
        if definition != _definition():
            raise DataError(
                f"the index of training music {path} was made by another version of MeloFormer",
                hint="make it again from the music that the model was trained on",
            )
        return cls(pieces, notes, runs, BloomFilter(bits))


def filter_bytes(num_runs: int) -> int:
    """Return how large a filter is made for so many runs."""
    return min(_BITS_PER_RUN * num_runs // 8 + 1, MAX_BYTES - _MAX_HEADER_BYTES)


def _documents(
    shards: Shards, on_progress: Callable[[int, int], None] | None
) -> Iterator[tuple[NDArray[np.uint64], int]]:
    """Yield the runs of each document and how many notes its pitched parts have."""
    for document in range(shards.num_documents):
        lines = lines_of_stream(np.asarray(shards.document(document)))
        yield run_hashes(lines, RUN_NOTES), sum(map(len, lines))
        if on_progress:
            on_progress(document + 1, shards.num_documents)


def _definition() -> str:
    """Return what tells this way of counting and hashing runs from others: the hash of one."""
    line = np.array([[n * n, 60 + n * n % 12] for n in range(RUN_NOTES)], dtype=np.int64)
    (known,) = run_hashes([line], RUN_NOTES)
    return (
        f"{RUN_NOTES} notes, {TICKS_PER_QUARTER} ticks to a quarter, {NUM_PROBES} probes, "
        f"{known:016x}"
    )
