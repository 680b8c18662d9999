"""The split of a corpus: linked pieces stay on one side, and neither side is empty.

Axes: D pieces.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from meloformer.corpus.earlier import HELD_OUT
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
    document_set: Sequence[str],
    group: Sequence[str],
    cluster: Ints,
    share: float,
    earlier: Sequence[str] = (),
) -> NDArray[np.bool_]:
    """Choose the pieces that are never trained on.

    Pieces of one group or of one cluster stay together, and so do those that a chain of either
    links. Of every document set that has several such components, a share is held out, and at least
    one, so that each style is measured; or else one of all, so that something is. What is left to
    train on is never empty. The hash of the smallest group name in a component decides, so that the
    order of the files does not matter.

    Of a corpus that was split before, what is linked with a piece that was held out is held out,
    and what else is linked with one that was trained on is not. Its groups count no more, but for
    new pieces, which go where the group is. Of the new pieces of each set, a share is held out.

    Args:
        document_set: Of each piece. (D,).
        group: Of each piece. (D,).
        cluster: Number of what is linked, such as `Duplicates.cluster`, of each piece. (D,), int64.
        share: Of the components of each set, from 0 to below 1.
        earlier: Side of each piece before, as `read_earlier` has it, or "". (D,), or empty.

    Returns:
        Whether each piece is held out; none is if the share is 0 or all belong together. (D,),
        bool.
    """
    earlier = earlier or [""] * len(group)
    component = _components(_open_groups(group, earlier), cluster.tolist()).tolist()
    name_of: dict[int, str] = {}
    in_set: dict[str, Counter[int]] = {}
    for one, name, set_name in zip(component, group, document_set, strict=True):
        name_of[one] = min(name, name_of.get(one, name))
        in_set.setdefault(set_name, Counter())[one] += 1
    rank = {one: hashlib.sha256(name.encode()).digest() for one, name in name_of.items()}
    begun = {one for one, side in zip(component, earlier, strict=True) if side}
    held = {one for one, side in zip(component, earlier, strict=True) if side == HELD_OUT}
    for sizes in in_set.values():
        new = sorted(sizes.keys() - begun, key=rank.__getitem__)
        at_most = len(new) - (len(new) == len(sizes))  # something of each set is trained on
        if begun:
            held.update(_by_pieces(new[:at_most], sizes, share))
        else:
            held.update(new[: min(math.ceil(share * len(new)), at_most)])
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


def _by_pieces(components: Sequence[int], sizes: Counter[int], share: float) -> list[int]:
    """Choose components of a share of the pieces, the first that fit: some are of many pieces."""
    room = math.ceil(share * sum(sizes[one] for one in components))
    chosen = []
    for one in components:
        if sizes[one] <= room:
            chosen.append(one)
            room -= sizes[one]
    smallest = sorted(components, key=sizes.__getitem__)[:1] if share > 0 else []
    return chosen or smallest


def _open_groups(group: Sequence[str], earlier: Sequence[str]) -> list[Hashable]:
    """Label pieces by their groups; of a group that was split before, one piece stands for it."""
    stands: dict[str, int] = {}
    for piece, (name, side) in enumerate(zip(group, earlier, strict=True)):
        if side:
            stands.setdefault(name, piece)
    return [
        piece if side and stands[name] != piece else name
        for piece, (name, side) in enumerate(zip(group, earlier, strict=True))
    ]


def _components(*labels: Sequence[Hashable]) -> Ints:
    """Number pieces such that those with any label in common, or linked by others, agree. (D,)."""
    linked = Components(len(labels[0]))
    for of_piece in labels:
        first: dict[Hashable, int] = {}
        for piece, label in enumerate(of_piece):
            linked.join(piece, first.setdefault(label, piece))
    return linked.names(np.arange(len(labels[0])))
