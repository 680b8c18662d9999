"""Duplicates in a corpus: the same music found by its notes, before a corpus is split.

Axes: N notes, D pieces, H distinct bars of all pieces in a row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from meloformer.corpus.split import Components, Ints
from meloformer.errors import ConfigError
from meloformer.tokens.notes import Notes
from meloformer.tokens.vocabulary import MAX_BAR_TICKS

Hashes = NDArray[np.uint64]
Integer = TypeVar("Integer", np.int64, np.uint64)

MIN_BARS = 4
"""Pieces of fewer distinct bars repeat others only note for note: two exercises may be made of the
same three bars, one going up the scale and one down."""

_KEY_BITS = 16  # 7 of onset, 1 for drums, 7 of pitch; the highest bit is set for a bar's length
_BAR_LENGTH = 1 << 15
if MAX_BAR_TICKS > 1 << 7:
    raise ConfigError(f"Onsets below {MAX_BAR_TICKS} do not fit the 7 bits of a bar's key.")
_CHUNK_BARS = 1 << 19
_TABLE_BITS = 24


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """Hashes that identify a piece, the same on every machine."""

    content: int
    """Hash of the whole piece, from its first bar with notes to the last. 64 bits, unsigned."""
    bars: Hashes
    """Hashes of its bars with notes, ascending and distinct."""


@dataclass(frozen=True, slots=True, eq=False)
class Duplicates:
    """Pieces of a corpus that repeat earlier ones. All (D,)."""

    original: Ints
    """The first kept piece that each piece repeats; its own index if it is kept."""
    is_near: NDArray[np.bool_]
    """Whether it repeats the original nearly, not note for note."""
    cluster: Ints
    """The first of all pieces linked with it by a chain of repeats, dropped ones included. A
    cluster belongs on one side of a split."""


def signature(notes: Notes) -> Signature:
    """Hash a piece with notes, and its bars, by which notes begin when and how long bars are.

    Key, instruments, loudness, tempo, the order of tracks, and silence before and after do not
    count; nor does how long notes are held, which differs from one take or export to the next.

    A bar is a set of keys: of each note its onset, its pitch above the lowest of the bar, and
    whether it is a drum, whose pitch stays; and the bar's length. The whole is the set of the keys
    of all bars, each with the number of its bar, and pitches above the lowest of the piece: bars
    transposed each in its own way are another piece.

    A set is hashed by the sum of its mixed keys, modulo 2**64, each counted once. Sums of two sets
    are equal only if the mixed value of a key that one of them lacks is just what is missing: with
    probability 2**-64, as far as mixed keys look random (AdHash: Bellare and Micciancio 1997, "A
    new paradigm for collision-free hashing").
    """
    ticks = notes.bar_ticks[notes.bar[0] : notes.bar[-1] + 1]
    place = (notes.bar - notes.bar[0]) << _KEY_BITS | notes.onset << 8
    keys = _distinct(place | notes.is_drum << 7 | notes.pitch)
    bar = keys >> _KEY_BITS
    starts = np.flatnonzero(np.diff(bar, prepend=-1))
    is_drum = (keys >> 7 & 1).astype(np.bool_)
    lowest = np.minimum.reduceat(np.where(is_drum, 127, keys & 127), starts)
    in_bar = keys - np.where(is_drum, 0, np.repeat(lowest, np.diff(starts, append=len(keys))))
    sums = np.add.reduceat(_mix(in_bar & (1 << _KEY_BITS) - 1), starts)
    bars = _mix(sums + _mix(_BAR_LENGTH + ticks[bar[starts]]))
    in_piece = keys - np.where(is_drum, 0, lowest.min())
    lengths = np.arange(len(ticks)) << _KEY_BITS | _BAR_LENGTH + ticks
    content = _mix(np.concatenate((in_piece, lengths))).sum()
    return Signature(int(content), _distinct(bars))


def find_duplicates(content: Hashes, bars: Hashes, offsets: Ints, share: float) -> Duplicates:
    """Find the pieces that repeat an earlier one, note for note or nearly.

    In the order of the pieces, one that repeats a kept piece is dropped, and others are kept. Two
    pieces of at least `MIN_BARS` distinct bars are near when they have `share` of the distinct bars
    of the longer in common.

    All pairs that can be near are compared. Sort the bars of every piece in one order: near pieces
    have one in common among the first `n - ceil(share * n) + 1` of each (Chaudhuri, Ganti and
    Kaushik 2006, "A primitive operator for similarity joins in data cleaning"; Bayardo, Ma and
    Srikant 2007, "Scaling up all pairs similarity search"). With the rarest first, few pieces do.

    Args:
        content: `Signature.content` of each piece. (D,), uint64.
        bars: `Signature.bars` of all pieces in a row; may be memory-mapped. (H,), uint64.
        offsets: First bar of each piece, and H. (D + 1,), int64.
        share: Above 0, up to 1.
    """
    pieces = _Pieces(np.asarray(bars), offsets, share)
    is_long = pieces.sizes >= MIN_BARS
    whole = np.where(is_long, pieces.hashes(), content)
    first = _first_of_equals(whole[_first_of_equals(content)])
    original = np.arange(len(content))
    linked = Components(len(content))
    is_kept = first == original
    places = pieces.rarest(is_kept & is_long)
    holders, rare = pieces.owners(places), pieces.bars[places]
    for piece, earlier in _sharing(holders, rare, holders, is_kept):
        near = pieces.near(piece, earlier)
        original[piece] = near.min(initial=piece)
        is_kept[piece] = not len(near)
        linked.join(piece, *near.tolist())
    for piece, earlier in _sharing(holders, rare, linked.names(holders), np.ones_like(is_kept)):
        unlinked = earlier[linked.names(earlier) != linked.name(piece)]
        linked.join(piece, *pieces.near(piece, unlinked).tolist())
    original = original[first]
    return Duplicates(original, content != content[original], linked.names(first))


class _Pieces:
    """The distinct bars of all pieces, and how many of them near ones share."""

    def __init__(self, bars: Hashes, offsets: Ints, share: float) -> None:
        self.bars = bars
        self.sizes = np.diff(offsets)
        self._offsets = offsets
        self._share = share

    def near(self, piece: int, others: Ints) -> Ints:
        """Return those of the others that are near to the piece, ascending and distinct."""
        if not len(others):
            return others
        own = self.bars[self._offsets[piece] : self._offsets[piece + 1]]
        others = _distinct(others)
        needed = self._needed(np.maximum(self.sizes[others], len(own)))
        is_near = np.minimum(self.sizes[others], len(own)) >= needed
        others, needed = others[is_near], needed[is_near]
        ends = np.cumsum(self.sizes[others])
        places = np.repeat(self._offsets[others + 1] - ends, self.sizes[others])
        theirs = self.bars[places + np.arange(len(places))]
        at = np.minimum(np.searchsorted(own, theirs), len(own) - 1)
        common: Ints = np.diff(np.cumsum(own[at] == theirs)[ends - 1], prepend=0)
        return others[common >= needed]

    def hashes(self) -> Hashes:
        """Hash the set of bars of each piece. (D,), uint64."""
        hashes = [np.zeros(0, np.uint64)]
        for first, end in self._chunks():
            edges = self._offsets[first : end + 1]
            sums = np.cumsum(_mix(self.bars[edges[0] : edges[-1]]))
            hashes.append(np.diff(np.append(np.uint64(0), sums)[edges - edges[0]]))
        return np.concatenate(hashes)

    def rarest(self, taken: NDArray[np.bool_]) -> Ints:
        """Return where the first bars of the taken pieces are that others may share. (E,), int64.

        Bars are counted in a table that does not grow with the corpus. Two that fall on one entry
        look more common than they are, which costs time only: any one order is right.
        """
        # Pieces too short to be near to one with a bar more are near to their equals only.
        taken = taken & (self._needed(self.sizes + 1) <= self.sizes)
        length = self.sizes - self._needed(self.sizes) + 1
        bits = min(_TABLE_BITS, len(self.bars).bit_length() + 1)
        counts = np.zeros(1 << bits, np.uint32)
        for places in self._places(taken):
            np.add.at(counts, self.bars[places] >> (64 - bits), np.uint32(1))
        found = [np.zeros(0, np.int64)]
        for places in self._places(taken):
            owners = self.owners(places)
            count = counts[self.bars[places] >> (64 - bits)]
            # The sort is stable: equally rare bars of a piece stay ascending.
            order = np.lexsort((count, owners))
            rank = np.arange(len(owners)) - np.searchsorted(owners, owners)
            found.append(places[order[(rank < length[owners]) & (count[order] > 1)]])
        return np.concatenate(found)

    def owners(self, places: Ints) -> Ints:
        """Return the piece of the bar at each place."""
        return np.asarray(np.searchsorted(self._offsets[1:], places, side="right"))

    def _needed(self, sizes: Ints) -> Ints:
        """Return how many bars a near piece, not longer, has in common; 55 % of 100 are 55."""
        return np.asarray(np.ceil(self._share * sizes - 1e-9), dtype=np.int64)

    def _places(self, taken: NDArray[np.bool_]) -> Iterator[Ints]:
        """Yield the places of the bars of the taken pieces, chunk by chunk."""
        for first, end in self._chunks():
            is_taken = np.repeat(taken[first:end], self.sizes[first:end])
            yield self._offsets[first] + np.flatnonzero(is_taken)

    def _chunks(self) -> Iterator[tuple[int, int]]:
        """Yield the first and the end of neighbouring pieces whose bars fit into memory at ease."""
        edges = np.searchsorted(self._offsets, np.arange(0, len(self.bars), _CHUNK_BARS))
        return pairwise(sorted({0, *edges.tolist(), len(self.sizes)}))


def _sharing(
    pieces: Ints, bars: Hashes, names: Ints, is_listed: NDArray[np.bool_]
) -> Iterator[tuple[int, Ints]]:
    """Yield each piece with the earlier listed ones that have a bar in common with it, in order.

    Args:
        pieces: Of each bar, ascending. (E,), int64.
        bars: (E,), uint64.
        names: Of the pieces; a bar of pieces of one name only is passed over. (E,), int64.
        is_listed: Whether a piece goes on the lists once the next is asked for. (D,), bool.
    """
    _, first, bar = np.unique(bars, return_index=True, return_inverse=True)
    is_shared = np.zeros(len(first), np.bool_)
    is_shared[bar[names != names[first[bar]]]] = True
    pieces, bar = pieces[is_shared[bar]], bar[is_shared[bar]]
    counts = np.bincount(bar, minlength=len(first))
    starts = np.cumsum(counts) - counts
    filled = starts.copy()
    listed = np.empty_like(pieces)
    edges = np.flatnonzero(np.diff(pieces, prepend=-1, append=-1))
    for low, high in pairwise(edges.tolist()):
        piece, own = int(pieces[low]), bar[low:high]
        spans = zip(starts[own].tolist(), filled[own].tolist(), strict=True)
        yield piece, np.concatenate([listed[start:end] for start, end in spans])
        if is_listed[piece]:
            listed[filled[own]] = piece
            filled[own] += 1


def _first_of_equals(values: Hashes) -> Ints:
    """Return where each value comes first."""
    _, first, same = np.unique(values, return_index=True, return_inverse=True)
    return first[same]


def _distinct(values: NDArray[Integer]) -> NDArray[Integer]:
    """Sort values, each once; of some thousand, `np.unique` takes twenty times as long."""
    values = np.sort(values)
    is_new = np.ones(len(values), np.bool_)
    is_new[1:] = values[1:] != values[:-1]
    return values[is_new]


def _mix(keys: NDArray[np.integer]) -> Hashes:
    """Make keys look random: the finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    mixed: Hashes = keys.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ mixed >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ mixed >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return mixed ^ mixed >> np.uint64(31)
