"""The split of a corpus: linked pieces stay on one side, and neither side is empty.

Axes: D pieces.
"""

import hashlib
import math
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from meloformer.tokens.annotate import bar_ends
from meloformer.tokens.crop import crop
from meloformer.tokens.notes import notes_of
from meloformer.tokens.vocabulary import Kind, vocabulary

Ints = NDArray[np.int64]

_LONG_BARS = 16
_PHRASE_BARS = 4


class Components:
    """Components of numbered things (union-find), each named by its smallest member."""

    def __init__(self, count: int) -> None:
        self._above = np.arange(count)

    def name(self, thing: int) -> int:
        """Return the smallest thing that `thing` is joined with."""
        above = self._above
        while above[thing] != thing:
            above[thing] = above[above[thing]]
            thing = int(above[thing])
        return thing

    def names(self, things: Ints) -> Ints:
        """Return the names of many things."""
        found = self._above[things]
        while not np.array_equal(above := self._above[found], found):
            found = above
        return found

    def join(self, thing: int, *others: int) -> None:
        """Join things, so that they have one name."""
        for other in others:
            low, high = sorted((self.name(thing), self.name(other)))
            self._above[high] = low


def held_out(
    document_set: Sequence[str], group: Sequence[str], cluster: Ints, share: float
) -> NDArray[np.bool_]:
    """Choose the pieces that are never trained on.

    Pieces of one group or of one cluster stay together, and so do those that a chain of either
    links. Of every document set that has several such components, a share is held out, and at least
    one, so that each style is measured; or else one of all, so that something is. What is left to
    train on is never empty. The hash of the smallest group name in a component decides, so that the
    order of the files does not matter.

    Args:
        document_set: Of each piece. (D,).
        group: Of each piece. (D,).
        cluster: `Duplicates.cluster` of each piece. (D,), int64.
        share: Of the components of each set, from 0 to below 1.

    Returns:
        Whether each piece is held out; none is if the share is 0 or all belong together. (D,),
        bool.
    """
    component = _components(group, cluster.tolist()).tolist()
    name_of: dict[int, str] = {}
    in_set: dict[str, set[int]] = {}
    for one, name, set_name in zip(component, group, document_set, strict=True):
        name_of[one] = min(name, name_of.get(one, name))
        in_set.setdefault(set_name, set()).add(one)
    rank = {one: hashlib.sha256(name.encode()).digest() for one, name in name_of.items()}
    held: set[int] = set()
    for those in in_set.values():
        count = min(math.ceil(share * len(those)), len(those) - 1)
        held.update(sorted(those, key=rank.__getitem__)[:count])
    if share > 0 and not held and len(rank) > 1:
        held.add(min(rank, key=rank.__getitem__))
    return np.array([one in held for one in component], dtype=np.bool_)


def cut_for_held_out(
    ids: NDArray[np.uint16], share: float
) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Hold out the end of a piece, for a folder in which all pieces belong together.

    A share of the bars is held out: at least one, of a longer piece at least four, and as many as
    it takes to hold a note.

    Args:
        ids: A piece with notes, from BOS to EOS. (T,), uint16.
        share: Of the bars, from 0 to below 1.

    Returns:
        What to train on and what is held out, each from BOS to EOS. The second is empty if the
        share is 0, or if no bar line has notes on both sides.
    """
    num_bars = len(bar_ends(ids))
    sounding = notes_of(ids).bar
    at_least = _PHRASE_BARS if num_bars >= _LONG_BARS else 1
    cut = num_bars - max(math.ceil(share * num_bars), at_least)
    cut = max(min(cut, int(sounding[-1])), int(sounding[0]) + 1)
    if share <= 0 or sounding[0] == sounding[-1]:
        return ids, ids[:0]
    eos = np.array([vocabulary().id(Kind.EOS)], dtype=np.uint16)
    return np.concatenate((crop(ids, 0, cut), eos)), crop(ids, cut, num_bars)


def _components(*labels: Sequence[Hashable]) -> Ints:
    """Number pieces such that those with any label in common, or linked by others, agree. (D,)."""
    linked = Components(len(labels[0]))
    for of_piece in labels:
        first: dict[Hashable, int] = {}
        for piece, label in enumerate(of_piece):
            linked.join(piece, first.setdefault(label, piece))
    return linked.names(np.arange(len(labels[0])))
