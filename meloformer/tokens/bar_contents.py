"""What bars hold: their chord, and the notes of each part, read token by token or all at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from meloformer.tokens.note_lines import part_lines
from meloformer.tokens.vocabulary import Kind, vocabulary


class BarNote(NamedTuple):
    """A note of a part in a bar; in the order of the tokens if sorted."""

    onset: int
    """Grid ticks from the bar line."""
    pitch: int
    """0 to 127; of a drum, which drum."""
    duration_step: int
    """Index into `DURATION_TICKS`."""
    velocity_bin: int


@dataclass(frozen=True, slots=True)
class BarContent:
    """The chord and the notes of one bar."""

    chord: int
    """-1 where there is none, as in a bar that is left open."""
    notes: Mapping[int, Sequence[BarNote]]
    """By `Part.number`, in the order of the tokens; parts that rest are left out."""


@dataclass(slots=True)
class _Growing:
    chord: int = -1
    notes: dict[int, list[BarNote]] = field(default_factory=dict)


class BarContents:
    """The contents of the bars that a cursor has read."""

    def __init__(self) -> None:
        self._bars: dict[int, _Growing] = {}

    def copy(self) -> "BarContents":
        """Return an independent copy."""
        other = BarContents()
        other._bars = {
            bar: _Growing(one.chord, {part: list(notes) for part, notes in one.notes.items()})
            for bar, one in self._bars.items()
        }
        return other

    def begin(self, bar: int, chord: int) -> None:
        """Note the chord with which a bar begins."""
        self._bars.setdefault(bar, _Growing()).chord = chord

    def add(self, bar: int, part: int, note: BarNote) -> None:
        """Add a whole note to a bar."""
        self._bars.setdefault(bar, _Growing()).notes.setdefault(part, []).append(note)

    def of(self, bar: int) -> BarContent:
        """Return what a bar holds so far; later notes are seen in it, too."""
        found = self._bars.get(bar)
        return BarContent(-1, {}) if found is None else BarContent(found.chord, found.notes)


def bar_contents(ids: NDArray[np.uint16], first_bar: int, last_bar: int) -> list[BarContent]:
    """Return what bars of a stream without GAP and FILL hold.

    Args:
        ids: From BOS on. (T,), uint16.
        first_bar: From 0.
        last_bar: The bar after the last.
    """
    vocab = vocabulary()
    chords = vocab.value[ids[vocab.kind[ids] == Kind.CHORD]][first_bar:last_bar].tolist()
    contents = []
    for chord, lines in zip(chords, part_lines(ids, first_bar, last_bar), strict=True):
        notes = {}
        for part, line in lines.items():
            columns = (line.onset, line.pitch, line.duration_step, line.velocity_bin)
            rows = zip(*(column.tolist() for column in columns), strict=True)
            notes[part.number] = [BarNote(*row) for row in rows]
        contents.append(BarContent(chord, notes))
    return contents
