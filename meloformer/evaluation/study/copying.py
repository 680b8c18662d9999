"""Copying note by note: the longest run of notes that a piece shares with other music.

What a run is, `meloformer.score.note_runs` says. The index holds one number a note of the other
music. Runs of one step are looked for, then of two, and so on, each only where the shorter one was
found.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from meloformer.data.shards import Shards
from meloformer.score.note_runs import Hashes, Line, RunHashes
from meloformer.tokens.lines import lines_of_stream


class CopyIndex:
    """An index of the music that notes may have been copied from."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._hashes = RunHashes(list(lines))

    @classmethod
    def of_shards(cls, shards: Shards) -> "CopyIndex":
        """Index all documents of shards."""
        documents = (np.asarray(shards.document(d)) for d in range(shards.num_documents))
        return cls(line for document in documents for line in lines_of_stream(document))

    def longest_runs(self, pieces: Sequence[Sequence[Line]]) -> list[int]:
        """Return the notes of the longest run that each piece shares with the index.

        Args:
            pieces: The lines of each piece; looked up together, which costs little more than one.

        Returns:
            0 for a piece without pitched notes; 1 if not even one step is shared.
        """
        wanted = RunHashes([line for piece in pieces for line in piece])
        owner = np.repeat(
            np.arange(len(pieces)),
            [sum(len(line) for line in piece) for piece in pieces],
        )
        longest = np.bincount(owner, minlength=len(pieces)).clip(max=1)
        here, there = wanted.positions(1), self._hashes.positions(1)
        steps = 1
        while len(here) and len(there):
            looked_for = wanted.hashes(here, steps)
            found = self._hashes.hashes(there, steps)
            there = there[_is_among(found, looked_for)]
            here = here[_is_among(looked_for, self._hashes.hashes(there, steps))]
            longest[owner[here]] = steps + 1
            steps += 1
            here = here[wanted.have_room(here, steps)]
            there = there[self._hashes.have_room(there, steps)]
        return [int(length) for length in longest]


def _is_among(values: Hashes, wanted: Hashes) -> NDArray[np.bool_]:
    """Return which values are among a few. A table of their first bits answers most questions."""
    table = np.zeros(1 << 20, dtype=np.bool_)
    table[wanted >> np.uint64(44)] = True
    maybe = np.flatnonzero(table[values >> np.uint64(44)])
    found = np.zeros(len(values), dtype=np.bool_)
    found[maybe] = np.isin(values[maybe], wanted)
    return found
