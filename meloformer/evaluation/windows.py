"""Windows of held-out documents: whole bars that fit the context, each a stream of its own.

Axes: T tokens of a window.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.data.crops import bar_starts, crop_at
from meloformer.data.shards import Shards
from meloformer.tokens.annotate import bar_ends
from meloformer.tokens.vocabulary import Kind, vocabulary


@dataclass(frozen=True, eq=False)
class Window:
    """A passage of a held-out document."""

    ids: NDArray[np.uint16]
    """A stream of its own. (T,), uint16."""
    document: int
    document_set: str


def cut_windows(
    shards: Shards, context_tokens: int, *, windows_per_document: int | None = None
) -> tuple[Window, ...]:
    """Cut every document into windows of whole bars that fit the context.

    A bar that alone is longer than the context is cut short.

    Args:
        shards: Held-out documents.
        context_tokens: Longest window.
        windows_per_document: If given, at most so many of each document, evenly spread.
    """
    windows: list[Window] = []
    names = [one.name for one in shards.sets for _ in range(one.documents)]
    for document, name in enumerate(names):
        found = list(_windows_of(shards, document, name, context_tokens))
        count = min(windows_per_document or len(found), len(found))
        windows.extend(found[index * len(found) // count] for index in range(count))
    return tuple(windows)


def sample_windows(shards: Shards, context_tokens: int, max_tokens: int) -> tuple[Window, ...]:
    """Choose openings of documents in a drawn order, always the same, about `max_tokens`."""
    names = [one.name for one in shards.sets for _ in range(one.documents)]
    windows: list[Window] = []
    for document in np.random.default_rng(0).permutation(shards.num_documents):
        if sum(len(window.ids) for window in windows) >= max_tokens:
            break
        windows.append(next(_windows_of(shards, int(document), names[document], context_tokens)))
    return tuple(windows)


def _windows_of(shards: Shards, document: int, name: str, context: int) -> Iterator[Window]:
    whole = np.asarray(shards.document(document))
    starts = bar_starts(whole)
    bar = 0
    while bar < len(starts):
        ids = crop_at(whole, int(starts[bar]), context)
        ends = bar_ends(ids)
        is_rest = ids[-1] == vocabulary().id(Kind.EOS)
        if not is_rest and bar + len(ends) == len(starts):
            ends = ends[:-1]  # the last bar fits but EOS does not: leave both to the next window
        bar += max(len(ends), 1)
        yield Window(ids if is_rest or not len(ends) else ids[: ends[-1]], document, name)
