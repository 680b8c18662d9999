"""Cutting pieces at bar lines: every crop is a stream of its own."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.data.shards import Shards
from meloformer.tokens.vocabulary import Kind, vocabulary

_SCAN_TOKENS = 1 << 22


@dataclass(frozen=True, eq=False)
class BarIndex:
    """Where the bars of all documents start, and which metre and tempo hold there."""

    shards: Shards
    bar_starts: NDArray[np.int64]
    """Position of the first token of each bar, of all documents in a row. (bars,), int64."""
    first_bar: NDArray[np.int64]
    """First bar of each document, and the number of bars. (D + 1,), int64."""
    metres: NDArray[np.int64]
    """Positions of all metre tokens, ascending. int64."""
    tempos: NDArray[np.int64]
    """Positions of all tempo tokens, ascending. int64."""

    def bar_at(self, position: int) -> int:
        """The bar, counted over all documents, that holds the token at `position`."""
        return max(int(np.searchsorted(self.bar_starts, position, side="right")) - 1, 0)

    def bar_from(self, position: int) -> int:
        """The first bar that starts at `position` or after it; the last bar if none does."""
        found = int(np.searchsorted(self.bar_starts, position, side="left"))
        return min(found, len(self.bar_starts) - 1)

    def crop(self, bar: int, max_tokens: int) -> NDArray[np.uint16]:
        """The stream from `bar` on, as if the piece began there, cut after `max_tokens`.

        The same ids as `tokens.crop` gives, without reading the rest of the document.

        Args:
            bar: Counted over all documents.
            max_tokens: Where to cut, if need be in the middle of a bar.
        """
        document = int(np.searchsorted(self.first_bar, bar, side="right")) - 1
        end = int(self.shards.offsets[document + 1])
        start = int(self.bar_starts[bar])
        ids, kind, vocab = self.shards.ids, vocabulary().kind, vocabulary()
        head = [vocab.id(Kind.BOS), int(ids[start])]
        rest = start + 1
        for wanted, positions in ((Kind.METRE, self.metres), (Kind.TEMPO, self.tempos)):
            if kind[ids[rest]] == wanted:
                head.append(int(ids[rest]))
                rest += 1
            else:
                last = int(np.searchsorted(positions, start)) - 1
                head.append(int(ids[positions[last]]))
        stop = min(end, rest + max_tokens - len(head))
        return np.concatenate((np.array(head, dtype=np.uint16), ids[rest:stop]))[:max_tokens]


def index_bars(shards: Shards) -> BarIndex:
    """Find every bar line of the shards in one pass."""
    found: dict[Kind, list[NDArray[np.int64]]] = {Kind.SUM: [], Kind.METRE: [], Kind.TEMPO: []}
    for start in range(0, len(shards.ids), _SCAN_TOKENS):
        kinds = vocabulary().kind[shards.ids[start : start + _SCAN_TOKENS]]
        for kind, positions in found.items():
            positions.append(np.flatnonzero(kinds == kind) + start)
    sums = np.concatenate(found[Kind.SUM])
    first_bar = np.searchsorted(sums, shards.offsets)
    bar_starts = np.concatenate(([0], sums[:-1] + 1))
    bar_starts[first_bar[:-1]] = shards.offsets[:-1] + 1  # after BOS
    return BarIndex(
        shards,
        bar_starts,
        first_bar,
        np.concatenate(found[Kind.METRE]),
        np.concatenate(found[Kind.TEMPO]),
    )
