"""Tunes: pieces that hold the same music without being copies of each other.

Another edition, an arrangement with the same melody and bass, a movement and the whole work share
half of their bars rather than nine in ten. Both may be trained on, but one must not be held out
while the other is trained on.

Axes: D pieces, H distinct bars of all pieces in a row, P pairs.
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from meloformer.corpus.duplicates import Hashes
from meloformer.corpus.split import Ints

TELLING_BARS = 8
"""So many bars in common say by themselves that the tune is the same."""
TITLED_BARS = 4
"""So many do where the file names share a word of a title."""
COMMON = 64
"""A bar or a word of more pieces than this is anybody's, and says nothing."""

_WORD = re.compile(r"[^\W\d_]{4,}")
_SLICES = 16


def tune_pairs(bars: Hashes, offsets: Ints, names: Sequence[str], share: float) -> Ints:
    """Find pairs of pieces of one tune.

    They have `share` of the distinct bars of the shorter in common, and `TELLING_BARS`, or
    `TITLED_BARS` and a word of their names.

    Args:
        bars: `Signature.bars` of all pieces in a row; may be memory-mapped. (H,), uint64.
        offsets: First bar of each piece, and H. (D + 1,), int64.
        names: Path of each piece's file. (D,).
        share: Above 0, up to 1.

    Returns:
        The pieces of each pair, the earlier one first. (P, 2), int64.
    """
    meetings, count = np.unique(_meetings(bars, offsets), axis=0, return_counts=True)
    shorter = np.diff(offsets)[meetings].min(axis=1, initial=np.iinfo(np.int64).max)
    is_enough = (count >= share * shorter - 1e-9) & (count >= TITLED_BARS)
    pairs, count = meetings[is_enough], count[is_enough]
    titles = _titles(names)
    is_tune = [
        shared >= TELLING_BARS or bool(titles[one] & titles[other])
        for (one, other), shared in zip(pairs.tolist(), count.tolist(), strict=True)
    ]
    found: Ints = pairs[np.array(is_tune, dtype=np.bool_)]
    return found


def _meetings(bars: Hashes, offsets: Ints) -> Ints:
    """Return two pieces for each bar that they share, the earlier one first. (M, 2)."""
    found = [np.zeros((0, 2), dtype=np.int64)]
    for index in range(_SLICES):  # by hash, so that a large corpus is never sorted as a whole
        places = np.flatnonzero(bars >> np.uint64(60) == index)
        owners = np.searchsorted(offsets[1:], places, side="right")
        order = np.argsort(bars[places], kind="stable")
        owners, values = owners[order], bars[places[order]]
        starts = np.flatnonzero(np.diff(values, prepend=values[:1] + np.uint64(1)))
        counts = np.diff(starts, append=len(values))
        for size in range(2, COMMON + 1):
            first = starts[counts == size]
            together = owners[first[:, None] + np.arange(size)]  # (bars of this size, size)
            one, other = np.triu_indices(size, 1)
            found.append(np.stack((together[:, one], together[:, other]), axis=-1).reshape(-1, 2))
    return np.concatenate(found)


def _titles(names: Sequence[str]) -> list[set[str]]:
    """Return the words of each file name that may be of a title."""
    words = [set(_WORD.findall(name.rsplit("/", 1)[-1].casefold())) for name in names]
    counts = Counter(word for of_name in words for word in of_name)
    return [{word for word in of_name if counts[word] <= COMMON} for of_name in words]
