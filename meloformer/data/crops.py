"""Crops: pieces cut at bar lines, each a stream of its own.

Only the piece itself is looked at, so that a corpus of any size needs no index.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from meloformer.tokens.annotate import bar_ends
from meloformer.tokens.vocabulary import Kind, vocabulary


def bar_starts(document: NDArray[np.uint16]) -> NDArray[np.int64]:
    """Return the position of the first token of each bar. (n,), int64."""
    return np.concatenate(([1], bar_ends(document)[:-1]))


def crop_at(document: NDArray[np.uint16], start: int, max_tokens: int) -> NDArray[np.uint16]:
    """Return the stream from a bar on, as if the piece began there, cut after `max_tokens`.

    The same ids as `tokens.crop` gives, without reading the rest of the document.

    Args:
        document: A stream without GAP and FILL, BOS to EOS.
        start: Position of the first token of the bar.
        max_tokens: Where to cut, if need be in the middle of a bar.
    """
    if start <= 1:
        return document[:max_tokens]
    bos, (first_metre, first_tempo, end) = _song_ids()
    # One unsigned comparison finds both: tempos follow metres in the vocabulary.
    changes = np.flatnonzero(document[: start + 3] - first_metre < end - first_metre)
    ids = document[changes]
    metre, tempo = (ids[kind][-1] for kind in (ids < first_tempo, ids >= first_tempo))
    rest = start + 1 + int(np.count_nonzero(changes > start))
    head = np.array([bos, document[start], metre, tempo], dtype=np.uint16)
    return np.concatenate((head, document[rest : rest + max_tokens - len(head)]))[:max_tokens]


def crop_from(document: NDArray[np.uint16], position: int, max_tokens: int) -> NDArray[np.uint16]:
    """Return the stream from the first bar that starts at `position` or later, cut to `max_tokens`.

    If none starts within `max_tokens`, the bar at `position` is taken, though it began before.
    """
    if position <= 1:
        return document[:max_tokens]
    ends = bar_ends(document[position - 1 : position + max_tokens])
    if len(ends) and position - 1 + ends[0] < len(document) - 1:
        return crop_at(document, position - 1 + int(ends[0]), max_tokens)
    before = bar_ends(document[: position - 1])
    return crop_at(document, int(before[-1]) if len(before) else 1, max_tokens)


@cache
def _song_ids() -> tuple[np.uint16, tuple[np.uint16, np.uint16, np.uint16]]:
    """Return BOS; first metre, first tempo, and what follows the last tempo."""
    vocab = vocabulary()
    borders = (vocab.start[Kind.METRE], vocab.start[Kind.TEMPO], vocab.start[Kind.PROGRAM])
    first_metre, first_tempo, end = (np.uint16(border) for border in borders)
    return np.uint16(vocab.id(Kind.BOS)), (first_metre, first_tempo, end)
