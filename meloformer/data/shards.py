"""Shards: the tokens of many documents in one file, memory-mapped.

A folder with `tokens.bin` (uint16, all documents one after the other), `offsets.npy` (int64, where
each starts and the last ends) and `manifest.json`. Documents of a set are neighbours, so the counts
in the manifest say which document belongs to which set.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

import numpy as np
from numpy.typing import NDArray

from meloformer.errors import DataError
from meloformer.files import read_json, write_json
from meloformer.score.grid import TEMPO_QPM, TICKS_PER_QUARTER
from meloformer.tokens.annotate import METRE_TICKS
from meloformer.tokens.in_force import in_force
from meloformer.tokens.vocabulary import Kind, vocabulary


@dataclass(frozen=True, slots=True)
class Source:
    """The origin of a document set."""

    licence: str
    source: str
    synthetic: str = ""
    """What in its music a program made; empty if people did."""


_MAX_MANIFEST_BYTES = 64 << 20
UNKNOWN = Source("unknown", "unknown")


@dataclass(frozen=True, slots=True)
class DocumentSet:
    """Documents of one source."""

    name: str
    licence: str
    source: str
    documents: int
    tokens: int
    notes: int
    synthetic: str = ""
    """As in `Source`; older shards do not say."""
    bars: int = 0
    """0 in older shards."""
    seconds: float = 0.0
    """At the tempos in the tokens; 0 in older shards."""


@dataclass(frozen=True, eq=False)
class Shards:
    """An opened folder of shards."""

    ids: NDArray[np.uint16]
    """All tokens. (N,), uint16, memory-mapped."""
    offsets: NDArray[np.int64]
    """First token of each document, and N. (D + 1,), int64."""
    sets: tuple[DocumentSet, ...]

    @property
    def num_documents(self) -> int:
        """Number of documents, D."""
        return len(self.offsets) - 1

    @property
    def first_document(self) -> NDArray[np.int64]:
        """First document of each set, and D. (S + 1,), int64."""
        counts = np.array([one.documents for one in self.sets], dtype=np.int64)
        return np.concatenate(([0], np.cumsum(counts)))

    def document(self, index: int) -> NDArray[np.uint16]:
        """Return the tokens of one document, BOS to EOS."""
        return self.ids[self.offsets[index] : self.offsets[index + 1]]


@dataclass(slots=True)
class _Counts:
    """The music of one document set so far."""

    documents: int = 0
    tokens: int = 0
    notes: int = 0
    bars: int = 0
    seconds: float = 0.0


class ShardWriter:
    """A writer of documents in order, for a `with`; those of a set are neighbours."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._offsets = [0]
        self._counts: dict[str, _Counts] = {}
        self._last_set = ""
        self._file: BinaryIO

    def __enter__(self) -> Self:
        self._file = (self._folder / "tokens.bin").open("wb")
        return self

    def add(self, document_set: str, ids: NDArray[np.uint16], notes: int) -> None:
        """Append one document; documents of a set must come one after the other."""
        if document_set in self._counts and document_set != self._last_set:
            raise DataError(f"documents of the set {document_set} are not neighbours")
        self._last_set = document_set
        counts = self._counts.setdefault(document_set, _Counts())
        bar_seconds = _bar_seconds(ids)
        counts.documents += 1
        counts.tokens += len(ids)
        counts.notes += notes
        counts.bars += len(bar_seconds)
        counts.seconds += float(bar_seconds.sum())
        self._file.write(ids.astype("<u2").tobytes())
        self._offsets.append(self._offsets[-1] + len(ids))

    def finish(self, sources: Mapping[str, Source]) -> tuple[DocumentSet, ...]:
        """Write offsets and manifest.

        Args:
            sources: Where each document set comes from.
        """
        sets = tuple(
            DocumentSet(name, **asdict(sources.get(name, UNKNOWN)), **asdict(counts))
            for name, counts in self._counts.items()
        )
        np.save(self._folder / "offsets.npy", np.array(self._offsets, dtype=np.int64))
        manifest = {"vocabulary": vocabulary().fingerprint, "sets": [asdict(one) for one in sets]}
        write_json(self._folder / "manifest.json", manifest)
        return sets

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()


def _bar_seconds(ids: NDArray[np.uint16]) -> NDArray[np.float64]:
    """Return the length of each bar of a document in seconds, 0 without metre or tempo. (bars,)."""
    vocab = vocabulary()
    kind, value = vocab.kind[ids], vocab.value[ids]
    if not all((kind == one).any() for one in (Kind.METRE, Kind.TEMPO)):  # a damaged download
        return np.zeros(np.count_nonzero(kind == Kind.SUM))
    metre, tempo = (value[in_force(kind, of)] for of in (Kind.METRE, Kind.TEMPO))
    quarters = METRE_TICKS[metre] / TICKS_PER_QUARTER
    return np.asarray(quarters * 60 / TEMPO_QPM[tempo])


def open_shards(folder: Path) -> Shards:
    """Open shards for reading.

    Raises:
        DataError: A file is missing or damaged, or the shards are of another vocabulary.
    """
    try:
        manifest = cast("dict[str, Any]", read_json(folder / "manifest.json", _MAX_MANIFEST_BYTES))
        sets = tuple(DocumentSet(**one) for one in manifest["sets"])
        fingerprint = manifest["vocabulary"]
        offsets = np.load(folder / "offsets.npy", allow_pickle=False)
        size = (folder / "tokens.bin").stat().st_size
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{folder} does not hold readable shards: {error}", hint="prepare the music first"
        ) from error
    if fingerprint != vocabulary().fingerprint:
        raise DataError(
            f"the shards in {folder} were made with another vocabulary ({fingerprint})",
            hint="prepare the music again",
        )
    documents = sum(one.documents for one in sets)
    if len(offsets) != documents + 1 or size != 2 * int(offsets[-1]):
        raise DataError(f"the files of the shards in {folder} do not fit together")
    if documents == 0:
        raise DataError(f"the shards in {folder} are empty", hint="give more music to prepare")
    ids = np.memmap(folder / "tokens.bin", dtype="<u2", mode="r")
    return Shards(ids, offsets, sets)
