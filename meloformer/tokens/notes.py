"""The notes of a stream, as arrays: what a corpus is judged by.

Axes: T tokens, N notes, n bars.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.score.grid import DURATION_TICKS
from meloformer.score.part import DRUM_PROGRAM, MAX_INSTANCES
from meloformer.tokens.annotate import METRE_TICKS
from meloformer.tokens.vocabulary import Kind, vocabulary


@dataclass(frozen=True, slots=True, eq=False)
class Notes:
    """Notes in the order of the stream. All int64, (N,) where nothing else is said."""

    bar: NDArray[np.int64]
    """From 0."""
    onset: NDArray[np.int64]
    """Grid ticks from the bar line."""
    duration: NDArray[np.int64]
    """Grid ticks."""
    pitch: NDArray[np.int64]
    """0 to 127; of a drum, which drum."""
    part: NDArray[np.int64]
    """`Part.number`; drums are the last."""
    bar_ticks: NDArray[np.int64]
    """Length of each bar in grid ticks. (n,)."""

    @property
    def is_drum(self) -> NDArray[np.bool_]:
        """Whether each note is a drum's. (N,), bool."""
        return self.part >= DRUM_NUMBER


DRUM_NUMBER = DRUM_PROGRAM * MAX_INSTANCES


def notes_of(ids: NDArray[np.uint16]) -> Notes:
    """Read the notes of a stream without GAP and FILL, which must be well-formed.

    Args:
        ids: From BOS on. (T,), uint16.
    """
    vocab = vocabulary()
    kind = vocab.kind[ids]
    at = np.flatnonzero(kind == Kind.ONSET)
    sums = np.flatnonzero(kind == Kind.SUM)
    metres = np.flatnonzero(kind == Kind.METRE)
    metre_of_bar = ids[metres[np.searchsorted(metres, sums) - 1]]
    programs = np.flatnonzero(kind == Kind.PROGRAM)
    instance = np.where(kind[programs + 1] == Kind.INSTANCE, vocab.value[ids[programs + 1]] + 1, 0)
    number = vocab.value[ids[programs]] * MAX_INSTANCES + instance
    return Notes(
        bar=np.searchsorted(sums, at),
        onset=vocab.value[ids[at]].astype(np.int64),
        duration=DURATION_TICKS[vocab.value[ids[at + 2]]].astype(np.int64),
        pitch=vocab.value[ids[at + 1]].astype(np.int64),
        part=number[np.searchsorted(programs, at) - 1].astype(np.int64),
        bar_ticks=METRE_TICKS[vocab.value[metre_of_bar]].astype(np.int64),
    )
