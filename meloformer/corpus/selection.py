"""The selection of files: each is refused, trained on, or held out.

Axes: D pieces.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.corpus.config import PrepareConfig
from meloformer.corpus.duplicates import Duplicates, find_duplicates
from meloformer.corpus.earlier import HELD_OUT, TRAIN, read_earlier
from meloformer.corpus.files import SourceFile
from meloformer.corpus.index import CorpusIndex
from meloformer.corpus.pieces import Reason, Refusal
from meloformer.corpus.split import Components, Ints, held_out
from meloformer.corpus.tunes import tune_pairs

_RANK = {HELD_OUT: 0, TRAIN: 1, "": 2}
"""Of pieces that repeat each other, the one of the lowest rank is kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The decision on every file of a corpus."""

    refusals: dict[int, Refusal]
    """By file; duplicates too."""
    piece: dict[int, int]
    """The piece of each file that is kept."""
    is_held_out: NDArray[np.bool_]
    """Of every piece. (D,)."""
    split_by: str
    """`group`; or `bars`, where all music is of one group: then its last bars are held out."""


def select(corpus: CorpusIndex, files: tuple[SourceFile, ...], config: PrepareConfig) -> Selection:
    """Leave duplicates out, and split the rest.

    Args:
        corpus: What the chunks say.
        files: In canonical order.
        config: How near is a duplicate, how much is held out, and what was before.

    Raises:
        DataError: The earlier corpus cannot be read.
    """
    sides = read_earlier(config.earlier) if config.earlier else {}
    earlier = [sides.get(corpus.sha256[file], "") for file in corpus.piece_file.tolist()]
    duplicates = _duplicates(corpus, earlier, config.near)
    refusals = dict(corpus.refusals)
    piece: dict[int, int] = {}
    for index, file in enumerate(corpus.piece_file.tolist()):
        original = int(duplicates.original[index])
        if original == index:
            piece[file] = index
            continue
        is_near = bool(duplicates.is_near[index])
        reason = Reason.NEAR_DUPLICATE if is_near else Reason.DUPLICATE
        refusals[file] = Refusal(reason, f"of {files[int(corpus.piece_file[original])].name}")
    sources = [files[file] for file in corpus.piece_file.tolist()]
    is_held_out = held_out(
        [source.document_set for source in sources],
        [source.group for source in sources],
        _with_tunes(duplicates.cluster, corpus, sources, config.tune),
        config.held_out,
        earlier,
    )
    for file, index in list(piece.items()):
        if is_held_out[index] and earlier[index] == TRAIN:
            refusals[file] = Refusal(Reason.NEAR_HELD_OUT, "trained on before")
            del piece[file]
    by_bars = config.held_out > 0 and not is_held_out.any()
    return Selection(refusals, piece, is_held_out, "bars" if by_bars else "group")


def _duplicates(corpus: CorpusIndex, earlier: list[str], near: float) -> Duplicates:
    """Find duplicates, of which one that was held out before is kept first."""
    if not any(earlier):
        return find_duplicates(corpus.content, corpus.bars, corpus.offsets, near)
    order = np.argsort([_RANK[side] for side in earlier], kind="stable")
    sizes = np.diff(corpus.offsets)[order]
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    places = np.repeat(corpus.offsets[order] - offsets[:-1], sizes) + np.arange(offsets[-1])
    found = find_duplicates(corpus.content[order], corpus.bars[places], offsets, near)
    back = np.argsort(order)
    return Duplicates(order[found.original][back], found.is_near[back], order[found.cluster][back])


def _with_tunes(
    cluster: Ints, corpus: CorpusIndex, sources: list[SourceFile], share: float
) -> Ints:
    """Link what is of one tune, beside what is a duplicate. (D,)."""
    linked = Components(len(cluster))
    for index, first in enumerate(cluster.tolist()):
        linked.join(index, first)
    names = [source.name for source in sources]
    for one, other in tune_pairs(corpus.bars, corpus.offsets, names, share).tolist():
        linked.join(one, other)
    return linked.names(np.arange(len(cluster)))
