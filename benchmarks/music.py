"""Long pieces to measure attention with: token streams of MIDI folders or of shards."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meloformer.data.packing import Batch, pack
from meloformer.data.shards import open_shards
from meloformer.errors import MidiError
from meloformer.tokens.vocabulary import Kind, vocabulary

Ids = NDArray[np.uint16]


def pieces(folders: Iterable[Path]) -> Iterator[Ids]:
    """Return the token streams of all pieces of several parts.

    Args:
        folders: Each of MIDI files, or of shards made by `prepare`.
    """
    for folder in folders:
        found = _of_shards(folder) if _shards_in(folder) else _of_midi(folder)
        yield from (ids for ids in found if num_parts(ids) > 1)


def num_parts(ids: Ids) -> int:
    """Return the number of programs that play."""
    kind = vocabulary().kind[ids]
    return len(np.unique(ids[kind == Kind.PROGRAM]))


def medley(streams: Iterable[Ids], num_tokens: int) -> Ids:
    """Pieces played one after the other as one, cut at a length.

    Raises:
        SystemExit: There are not enough.
    """
    begin, end = (vocabulary().id(kind) for kind in (Kind.BOS, Kind.EOS))
    parts: list[Ids] = [np.array([begin], np.uint16)]
    for ids in streams:
        parts.append(ids[(ids != begin) & (ids != end)])
        if sum(map(len, parts)) >= num_tokens:
            return np.concatenate(parts)[:num_tokens]
    raise SystemExit(f"there are only {sum(map(len, parts)):,} tokens of pieces of several parts")


def row_of(ids: Ids) -> Batch:
    """Return a batch of one row, which is full."""
    return Batch(*pack([[ids]], len(ids)))


def _shards_in(folder: Path) -> list[Path]:
    inside = [folder, folder / "train"]
    return [one for one in inside if (one / "tokens.bin").is_file()]


def _of_shards(folder: Path) -> Iterator[Ids]:
    for one in _shards_in(folder):
        shards = open_shards(one)
        yield from (np.asarray(shards.document(n)) for n in range(shards.num_documents))


def _of_midi(folder: Path) -> Iterator[Ids]:
    # Not where only shards are read: a bare GPU image has no MIDI parser.
    from meloformer.score import read_midi
    from meloformer.tokens import encode

    for path in sorted(folder.rglob("*.mid")):
        try:
            yield encode(read_midi(path.read_bytes())).ids
        except MidiError:
            continue
