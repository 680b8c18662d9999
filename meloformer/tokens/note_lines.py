"""What each part plays in each bar of a stream, note by note.

Axes: N notes of a part in a bar.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.score.part import Part
from meloformer.tokens.annotate import annotate
from meloformer.tokens.vocabulary import Kind, vocabulary


@dataclass(frozen=True, slots=True, eq=False)
class PartLine:
    """The notes of one part in one bar, by onset and pitch. All arrays are (N,), int64."""

    onset: NDArray[np.int64]
    """Grid ticks from the bar line."""
    pitch: NDArray[np.int64]
    """0 to 127; of a drum, which drum."""
    duration_step: NDArray[np.int64]
    """Index into `DURATION_TICKS`."""
    velocity_bin: NDArray[np.int64]

    def __getitem__(self, which: NDArray[np.bool_]) -> "PartLine":
        """Return some of the notes, in the same order."""
        return PartLine(
            self.onset[which],
            self.pitch[which],
            self.duration_step[which],
            self.velocity_bin[which],
        )


def part_lines(
    ids: NDArray[np.uint16], first_bar: int, last_bar: int
) -> list[dict[Part, PartLine]]:
    """Return what each part plays in bars of a stream without GAP and FILL.

    Args:
        ids: From BOS on. (T,), uint16.
        first_bar: From 0.
        last_bar: The bar after the last.

    Returns:
        Of each bar, the parts that play in it.
    """
    vocab, notes = vocabulary(), annotate(ids)
    inside = (notes.bar >= first_bar) & (notes.bar < last_bar)
    at = np.flatnonzero((vocab.kind[ids] == Kind.ONSET) & inside)
    bar, part = notes.bar[at] - first_bar, notes.part[at]
    columns = [vocab.value[ids[at + k]].astype(np.int64) for k in range(4)]
    lines: list[dict[Part, PartLine]] = []
    for number in range(last_bar - first_bar):
        here = bar == number
        lines.append(
            {
                Part.from_number(one): PartLine(*(row[here & (part == one)] for row in columns))
                for one in np.unique(part[here]).tolist()
            }
        )
    return lines
