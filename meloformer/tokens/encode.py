"""Score to ids: `encode`, vectorised over notes.

Axes: T tokens, N notes, n bars.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.score.chords import recognise
from meloformer.score.grid import (
    DURATION_TICKS,
    VELOCITIES_PER_BIN,
    BarGrid,
    bar_grid,
    quantise,
    tempo_bins,
)
from meloformer.score.part import MAX_INSTANCES, Part, part_ranks, parts_of
from meloformer.score.score import DURATION, PITCH, START, VELOCITY, Score
from meloformer.tokens.vocabulary import METRES, Kind, vocabulary


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """A piece as tokens."""

    ids: NDArray[np.uint16]
    """From BOS to EOS. (T,), uint16."""
    part_of_track: tuple[Part | None, ...]
    """The part that each track of the score became; `None` for a track without notes."""
    num_bars: int

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of the piece in canonical order."""
        present = {part for part in self.part_of_track if part is not None}
        return tuple(sorted(present, key=lambda part: part.rank))


def encode(score: Score) -> Encoding:
    """Write a score as HID tokens: song, bar, part, note.

    Raises:
        MidiError: More than 10,000 bars.
    """
    quantised = quantise(score)
    grid = bar_grid(quantised)
    notes, note_parts = _notes_in_order(quantised, grid)
    heads = _bar_heads(quantised, grid)
    return Encoding(_interleave(grid, heads, notes, note_parts), parts_of(score), grid.num_bars)


def _notes_in_order(quantised: Score, grid: BarGrid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows (bar, onset, pitch, duration, velocity) by bar, part, onset, pitch; and part numbers."""
    parts = parts_of(quantised)
    counts = [len(track.notes) for track in quantised.tracks]
    numbers = np.repeat([part.number if part else 0 for part in parts], counts).astype(np.int64)
    raw = np.concatenate([np.zeros((0, 4), np.int32), *(t.notes for t in quantised.tracks)])
    notes = raw.astype(np.int64)
    bar = np.searchsorted(grid.starts, notes[:, START], side="right") - 1
    onset = notes[:, START] - grid.starts[bar]
    order = np.lexsort((notes[:, PITCH], onset, part_ranks()[numbers], bar))
    rows = np.stack([bar, onset, notes[:, PITCH], notes[:, DURATION], notes[:, VELOCITY]], axis=1)
    return rows[order], numbers[order]


def _bar_heads(quantised: Score, grid: BarGrid) -> NDArray[np.int64]:
    """Chord, metre and tempo ids of each bar, -1 where a metre or tempo goes on. (n, 3)."""
    vocab = vocabulary()
    pitched = np.concatenate(
        [np.zeros((0, 4), np.int32), *(t.notes for t in quantised.tracks if not t.is_drum)]
    )
    chords = recognise(pitched[:, START], pitched[:, DURATION], pitched[:, PITCH], grid.starts)
    index_of_metre = {metre: index for index, metre in enumerate(METRES)}
    metres = np.array(
        [
            index_of_metre[int(n), int(d)]
            for n, d in zip(grid.numerators, grid.denominators, strict=True)
        ]
    )
    return np.stack(
        [
            vocab.id(Kind.CHORD) + chords.astype(np.int64),
            _where_changed(vocab.id(Kind.METRE) + metres),
            _where_changed(vocab.id(Kind.TEMPO) + tempo_bins(quantised, grid)),
        ],
        axis=1,
    )


def _where_changed(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(np.concatenate(([True], np.diff(ids) != 0)), ids, -1)


def _interleave(
    grid: BarGrid,
    heads: NDArray[np.int64],
    notes: NDArray[np.int64],
    note_parts: NDArray[np.int64],
) -> NDArray[np.uint16]:
    """Compute where each token goes, then write all tokens of one kind at once."""
    vocab = vocabulary()
    bar = notes[:, 0]
    opens_part = np.ones(len(notes), dtype=bool)
    opens_part[1:] = (np.diff(bar) != 0) | (np.diff(note_parts) != 0)
    program, instance = np.divmod(note_parts, MAX_INSTANCES)
    named = opens_part & (instance > 0)
    tokens_of_note = 4 + opens_part + named
    head_tokens = (heads >= 0).sum(axis=1)
    heads_up_to = np.cumsum(head_tokens)  # of all bars up to and including each
    notes_end = np.cumsum(tokens_of_note)
    note_at = 1 + heads_up_to[bar] + bar + notes_end - 4  # 1 for BOS, `bar` for earlier SUMs

    notes_up_to = np.concatenate(([0], notes_end))[
        np.searchsorted(bar, np.arange(grid.num_bars), side="right")
    ]
    sum_at = 1 + heads_up_to + np.arange(grid.num_bars) + notes_up_to
    head_at = np.concatenate(([1], sum_at[:-1] + 1))

    ids = np.empty(int(sum_at[-1]) + 2, dtype=np.uint16)
    ids[0] = vocab.id(Kind.BOS)
    ids[-1] = vocab.id(Kind.EOS)
    ids[sum_at] = vocab.id(Kind.SUM)
    present = heads >= 0
    ids[(head_at[:, None] + np.cumsum(present, axis=1) - 1)[present]] = heads[present]
    program_at = note_at - 1 - named
    ids[program_at[opens_part]] = vocab.id(Kind.PROGRAM) + program[opens_part]
    ids[note_at[named] - 1] = vocab.id(Kind.INSTANCE) + instance[named] - 1
    pitch_start = np.where(
        note_parts >= Part(128).number, vocab.id(Kind.DRUM), vocab.id(Kind.PITCH)
    )
    ids[note_at] = vocab.id(Kind.ONSET) + notes[:, 1]
    ids[note_at + 1] = pitch_start + notes[:, 2]
    ids[note_at + 2] = vocab.id(Kind.DURATION) + np.searchsorted(DURATION_TICKS, notes[:, 3])
    ids[note_at + 3] = vocab.id(Kind.VELOCITY) + notes[:, 4] // VELOCITIES_PER_BIN
    return ids
