"""Score to ids: `encode`, vectorised over notes.

Axes: T tokens, N notes, M times that a part begins to play in a bar, n bars of the stream, w bars
of the piece.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from meloformer.score.chord_recognition import recognise
from meloformer.score.grid import (
    DURATION_TICKS,
    BarGrid,
    bar_grid,
    split_metre,
    tempo_bin,
    tempo_bins,
)
from meloformer.score.part import MAX_INSTANCES, Part, parts_of
from meloformer.score.score import Score
from meloformer.tokens.grid_notes import GridNotes, grid_notes
from meloformer.tokens.vocabulary import METRES, Kind, vocabulary


@dataclass(frozen=True, slots=True)
class FirstHead:
    """The metre and tempo in which a piece without a bar is to begin."""

    metres: tuple[int, ...]
    """Those that one bar is split into, indices into `METRES`."""
    tempo: int
    """An index into `TEMPO_QPM`."""


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """A piece as tokens."""

    ids: NDArray[np.uint16]
    """From BOS to EOS. (T,), uint16."""
    part_of_track: tuple[Part | None, ...]
    """The part that each track of the score became; `None` for a track without notes."""
    stream_bars: NDArray[np.int64]
    """The bar of the stream with which each bar of the piece begins, and n: a bar of the piece that
    is longer than tokens can say is several bars of the stream. (w + 1,), int64."""
    first_number: int = 1
    """The number of the first bar of the piece: 0 for a pickup, else 1."""
    first_head: FirstHead | None = None
    """Of a piece that has no bar yet."""

    @property
    def num_bars(self) -> int:
        """Bars of the piece, w."""
        return len(self.stream_bars) - 1

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of the piece in canonical order."""
        present = {part for part in self.part_of_track if part is not None}
        return tuple(sorted(present, key=lambda part: part.rank))


def encode(
    score: Score, *, grid: BarGrid | None = None, parts: tuple[Part | None, ...] | None = None
) -> Encoding:
    """Write a score as HID tokens: song, bar, part, note.

    The tokens are those of `quantise(score)`, which is not built.

    Args:
        score: A piece.
        grid: Its bars, where `bar_grid` has found them before.
        parts: The part of each of its tracks, where `parts_of` has named them before.

    Raises:
        MidiError: More than 10,000 bars.
    """
    grid = bar_grid(score) if grid is None else grid
    parts = parts_of(score) if parts is None else parts
    if not grid.num_bars:
        return _blank(score, grid, parts)
    notes = grid_notes(score, parts, grid)
    heads = _bar_heads(score, grid, notes)
    return Encoding(_interleave(heads, notes), parts, grid.whole_bars, grid.first_number)


def metre_tokens(numerator: int, denominator: int) -> tuple[int, ...]:
    """Return the metres that a bar is split into, indices into `METRES`."""
    return tuple(int(_metre_index()[metre]) for metre in split_metre(numerator, denominator))


def _blank(score: Score, grid: BarGrid, parts: tuple[Part | None, ...]) -> Encoding:
    first, vocab = score.time_signatures[0], vocabulary()
    head = FirstHead(
        metre_tokens(first.numerator, first.denominator), tempo_bin(score.tempos[0].qpm)
    )
    ids = np.array([vocab.id(Kind.BOS), vocab.id(Kind.EOS)], dtype=np.uint16)
    return Encoding(ids, parts, grid.whole_bars, first_head=head)


def _bar_heads(score: Score, grid: BarGrid, notes: GridNotes) -> NDArray[np.int64]:
    """Chord, metre and tempo ids of each bar, 0 where a metre or tempo goes on. (n, 3)."""
    vocab = vocabulary()
    pitched = notes[~notes.is_drum]
    lines = grid.lines
    start = lines[pitched.bar] + pitched.onset
    chords = recognise(start, DURATION_TICKS[pitched.step], pitched.pitch, lines)
    metres = _metre_index()[grid.numerators, grid.denominators]
    heads = np.empty((grid.num_bars, 3), dtype=np.int64)
    heads[:, 0] = vocab.id(Kind.CHORD) + chords.astype(np.int64)
    heads[:, 1] = vocab.id(Kind.METRE) + metres
    heads[:, 2] = vocab.id(Kind.TEMPO) + tempo_bins(score, grid)
    goes_on = heads[1:, 1:] == heads[:-1, 1:]
    heads[1:, 1:][goes_on] = 0
    return heads


@cache
def _metre_index() -> NDArray[np.int64]:
    """Index into `METRES` of each metre, by numerator and denominator."""
    index = np.zeros(np.max(METRES, axis=0) + 1, dtype=np.int64)
    for metre, (numerator, denominator) in enumerate(METRES):
        index[numerator, denominator] = metre
    return index


def _interleave(heads: NDArray[np.int64], notes: GridNotes) -> NDArray[np.uint16]:
    """Compute where each head of a bar and of a part goes; notes fill what is left, in order."""
    vocab = vocabulary()
    openings = notes.openings  # (M,)
    opening_bar = notes[openings].bar
    program, instance = np.divmod(notes[openings].part, MAX_INSTANCES)
    named = instance > 0
    is_present = heads > 0
    heads_up_to = np.cumsum(is_present.sum(axis=1))  # of all bars up to and including each
    part_tokens_up_to = np.cumsum(1 + named)

    bars = np.arange(len(heads))
    openings_up_to = np.searchsorted(opening_bar, bars, side="right")
    notes_up_to = np.append(openings, len(notes.packed))[openings_up_to]
    sum_at = 1 + heads_up_to + bars + 4 * notes_up_to  # 1 for BOS, `bars` for earlier SUMs
    sum_at += np.concatenate(([0], part_tokens_up_to))[openings_up_to]
    head_at = np.concatenate(([1], sum_at[:-1] + 1))
    first_note_at = 1 + heads_up_to[opening_bar] + opening_bar + 4 * openings + part_tokens_up_to

    ids = np.full(int(sum_at[-1]) + 2, vocab.id(Kind.PAD), dtype=np.uint16)
    ids[0] = vocab.id(Kind.BOS)
    ids[-1] = vocab.id(Kind.EOS)
    ids[sum_at] = vocab.id(Kind.SUM)
    ids[(head_at[:, None] + np.cumsum(is_present, axis=1) - 1)[is_present]] = heads[is_present]
    ids[first_note_at - 1 - named] = vocab.id(Kind.PROGRAM) + program
    ids[first_note_at[named] - 1] = vocab.id(Kind.INSTANCE) + instance[named] - 1
    ids[ids == vocab.id(Kind.PAD)] = _note_tokens(notes).ravel()
    return ids


def _note_tokens(notes: GridNotes) -> NDArray[np.uint16]:
    """Onset, pitch, duration and velocity of each note. (N, 4), uint16."""
    vocab = vocabulary()
    tokens = np.empty((len(notes.packed), 4), dtype=np.uint16)
    tokens[:, 0] = vocab.id(Kind.ONSET) + notes.onset
    tokens[:, 1] = vocab.id(Kind.PITCH) + notes.pitch
    tokens[:, 1] += notes.is_drum * np.uint16(vocab.id(Kind.DRUM) - vocab.id(Kind.PITCH))
    tokens[:, 2] = vocab.id(Kind.DURATION) + notes.step
    tokens[:, 3] = vocab.id(Kind.VELOCITY) + notes.velocity_bin
    return tokens
