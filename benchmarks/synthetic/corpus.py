"""The files of a made-up corpus: songs, duplicates of songs, and malformed files.

File k follows from the seed and k alone, so any part of a corpus can be made anywhere.
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

import numpy as np

from benchmarks.synthetic.band import compose
from benchmarks.synthetic.smf import to_bytes
from benchmarks.synthetic.song import Song, edited, one_note, told_again

CHANGED_SHARE = 0.05
"""Of the bars of a near-duplicate."""
_SETS = ("attic", "club", "market", "radio", "stage")
_FILES_PER_FOLDER = 1000
_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"


class Kind(StrEnum):
    """The kind of a file."""

    SONG = "song"
    DUPLICATE = "duplicate"
    """An earlier song, transposed, faster or slower, its tracks in another order; or as it is."""
    NEAR_DUPLICATE = "near duplicate"
    """Such a duplicate with some bars changed."""
    MALFORMED = "malformed"
    """Cut off, noise, nothing, or a picture."""
    TOO_SHORT = "too short"
    ONE_NOTE = "one note"


_SHARES = {
    Kind.DUPLICATE: 0.10,
    Kind.NEAR_DUPLICATE: 0.03,
    Kind.MALFORMED: 0.01,
    Kind.TOO_SHORT: 0.01,
    Kind.ONE_NOTE: 0.005,
}
_LIMITS = dict(zip(_SHARES, accumulate(_SHARES.values()), strict=True))


@dataclass(frozen=True, slots=True)
class File:
    """One file of the corpus and the truth about it."""

    name: str
    """Path below the corpus folder."""
    data: bytes
    kind: Kind
    original: str
    """Name of the file that this one tells again; empty for all but duplicates."""
    num_notes: int
    num_bars: int
    num_parts: int


def make(seed: int, index: int) -> File:
    """Make file number `index`."""
    kind, rng = _kind(seed, index)
    original = None
    if kind in (Kind.DUPLICATE, Kind.NEAR_DUPLICATE):
        original = _earlier_song(seed, index, rng)
    song = _song(kind, rng, seed, original)
    data = to_bytes(song, f"Song {index if original is None else original}")
    return File(
        name=name_of(index),
        data=_damaged(data, rng) if kind == Kind.MALFORMED else data,
        kind=kind,
        original="" if original is None else name_of(original),
        num_notes=song.num_notes,
        num_bars=song.num_bars,
        num_parts=len(np.unique(song.notes[0])),
    )


def name_of(index: int) -> str:
    """Path of a file below the corpus folder: set, folder of at most 1,000, song."""
    folder = index // (_FILES_PER_FOLDER * len(_SETS))
    return f"{_SETS[index % len(_SETS)]}/{folder:02}/{index:06}.mid"


def _kind(seed: int, index: int) -> tuple[Kind, np.random.Generator]:
    """Draw the kind of a file, and return the rest of its choices. The first file is a song."""
    rng = np.random.default_rng((seed, index))
    drawn = rng.random()
    for kind, limit in _LIMITS.items():
        if drawn < limit and index > 0:
            return kind, rng
    return Kind.SONG, rng


def _earlier_song(seed: int, index: int, rng: np.random.Generator) -> int:
    while True:
        earlier = int(rng.integers(index))
        if _kind(seed, earlier)[0] == Kind.SONG:
            return earlier


def _song(kind: Kind, rng: np.random.Generator, seed: int, original: int | None) -> Song:
    if original is not None:
        song = compose(_kind(seed, original)[1])
        if kind == Kind.NEAR_DUPLICATE:
            song = edited(song, CHANGED_SHARE, rng)
        return told_again(song, rng)
    if kind == Kind.TOO_SHORT:
        return compose(rng, num_bars=int(rng.integers(1, 4)))
    if kind == Kind.ONE_NOTE:
        return one_note(int(rng.integers(64, 513)), int(rng.integers(36, 85)))
    return compose(rng)


def _damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """Return a file that can't be read; where it is cut off, some of it still can."""
    noise = rng.bytes(int(rng.integers(1, 20_000)))
    return (data[: rng.integers(1, len(data))], noise, b"", _JPEG + noise)[rng.integers(4)]
