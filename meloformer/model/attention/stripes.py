"""Parts gathered in stripes: which notes lie together, and how many stripes are best for a row.

Axes: P part of a document, M note token, C number of stripes that is tried.
"""

from typing import NamedTuple, Self

import numpy as np

from meloformer.model.attention.block_bounds import Ints

_SET_BITS = 63
"""Parts that a set can tell apart; more share their bits."""


class Parts(NamedTuple):
    """The parts of all documents of a batch."""

    document: Ints
    """Counted over all rows. (P,)."""
    tokens: Ints
    """(P,)."""
    of_note: Ints
    """Which part each note token is of. (M,)."""

    @classmethod
    def of(cls, document: Ints, part: Ints) -> Self:
        """Return the parts of note tokens.

        Args:
            document: Of each, counted over all rows. (M,).
            part: Number of each. (M,).
        """
        key = document * (int(part.max(initial=0)) + 1) + part
        # In the order of the stream, tokens of a part come in runs.
        begins = np.flatnonzero(np.diff(key, prepend=-1))
        lengths = np.diff(begins, append=len(key))
        _, first, of_run = np.unique(key[begins], return_index=True, return_inverse=True)
        tokens = np.zeros(len(first), np.int64)
        np.add.at(tokens, of_run, lengths)
        return cls(document[begins[first]], tokens, np.repeat(of_run, lengths))

    def stripes(self, counts: tuple[int, ...]) -> Ints:
        """Return the stripe of each part, for several numbers of stripes. (C, P).

        Large parts come first, and each goes to the emptiest stripe of its document.
        """
        stripe = np.zeros((len(counts), len(self.tokens)), np.int64)
        documents, tokens = self.document.tolist(), self.tokens.tolist()
        largest_first = np.argsort(-self.tokens, kind="stable").tolist()
        for number, count in enumerate(counts):
            filled: dict[int, list[int]] = {}
            for part in largest_first:
                loads = filled.setdefault(documents[part], [0] * count)
                emptiest = loads.index(min(loads))
                loads[emptiest] += tokens[part]
                stripe[number, part] = emptiest
        return stripe

    def sets(self) -> Ints:
        """Return each part as a set of one, for those of its document. (P,)."""
        begins = np.flatnonzero(np.diff(self.document, prepend=-1))
        lengths = np.diff(begins, append=len(self.document))
        place = np.arange(len(self.document)) - np.repeat(begins, lengths)
        return np.left_shift(1, place % _SET_BITS)
