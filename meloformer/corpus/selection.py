"""The selection of files: each is refused, trained on, or held out.

Axes: D pieces.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.corpus.config import PrepareConfig
from meloformer.corpus.duplicates import find_duplicates
from meloformer.corpus.files import SourceFile
from meloformer.corpus.index import CorpusIndex
from meloformer.corpus.pieces import Reason, Refusal
from meloformer.corpus.split import held_out


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
        config: How near is a duplicate, and how much is held out.
    """
    duplicates = find_duplicates(corpus.content, corpus.bars, corpus.offsets, config.near)
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
        duplicates.cluster,
        config.held_out,
    )
    by_bars = config.held_out > 0 and not is_held_out.any()
    return Selection(refusals, piece, is_held_out, "bars" if by_bars else "group")
