"""A made-up piece, and its near-duplicates: transposed, faster, with other tracks first.

Axes: N notes, M parts, n bars.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

DRUMS = 128
"""Stands for the program of a drum part."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Song:
    """A piece as a file will hold it."""

    ticks_per_quarter: int
    programs: NDArray[np.int64]
    """Of each part, in the order of the tracks; `DRUMS` for drums. (M,)."""
    notes: NDArray[np.int64]
    """Rows part, start, end, pitch, velocity; start and end in ticks. (5, N)."""
    bar_starts: NDArray[np.int64]
    """Ticks; the last is the end. (n + 1,)."""
    metres: tuple[tuple[int, int, int], ...]
    """Tick, numerator and denominator of each change."""
    tempos: tuple[tuple[int, float], ...]
    """Tick and quarters a minute of each change."""
    fifths: int = 0
    """Sharps of the key signature, flats below 0."""
    is_minor: bool = False
    runs_status: bool = False
    """Whether the file leaves out status bytes that repeat, as many programs do."""

    @property
    def num_bars(self) -> int:
        """Number of bars, n."""
        return len(self.bar_starts) - 1

    @property
    def num_notes(self) -> int:
        """Number of notes, N."""
        return int(self.notes.shape[1])


def told_again(song: Song, rng: np.random.Generator) -> Song:
    """Return the same music; of four such files one is the same to the byte."""
    if rng.random() < 0.25:
        return song
    return reordered(
        retimed(transposed(song, int(rng.integers(-6, 7))), rng.uniform(0.8, 1.25)), rng
    )


def transposed(song: Song, semitones: int) -> Song:
    """Transpose all parts but the drums."""
    notes = song.notes.copy()
    notes[3] += np.where(song.programs[notes[0]] == DRUMS, 0, semitones)
    fifths = (song.fifths + 7 * semitones + 6) % 12 - 6
    return replace(song, notes=notes, fifths=fifths)


def retimed(song: Song, factor: float) -> Song:
    """Multiply every tempo by `factor`."""
    return replace(song, tempos=tuple((tick, qpm * factor) for tick, qpm in song.tempos))


def reordered(song: Song, rng: np.random.Generator) -> Song:
    """Shuffle the tracks."""
    order = rng.permutation(len(song.programs))
    notes = song.notes.copy()
    notes[0] = np.argsort(order)[notes[0]]
    return replace(song, programs=song.programs[order], notes=notes)


def edited(song: Song, share: float, rng: np.random.Generator) -> Song:
    """Leave out about half of the notes in a share of the bars, but in one bar at least."""
    num_changed = max(1, round(share * song.num_bars))
    changed = np.zeros(song.num_bars, dtype=bool)
    changed[rng.permutation(song.num_bars)[:num_changed]] = True
    part, start = song.notes[:2]
    # A note played a little before the bar line belongs to the bar behind it.
    on_grid = start + song.ticks_per_quarter // 24
    bar = np.clip(np.searchsorted(song.bar_starts, on_grid, side="right") - 1, 0, song.num_bars - 1)
    gone = changed[bar] & (rng.random(len(part)) < 0.5)
    return replace(song, notes=song.notes[:, ~gone])


def one_note(num_notes: int, pitch: int) -> Song:
    """Make a piece that repeats one note on every beat of 4/4."""
    start = np.arange(num_notes) * 480
    zeros = np.zeros_like(start)
    return Song(
        ticks_per_quarter=480,
        programs=np.array([0]),
        notes=np.stack([zeros, start, start + 240, zeros + pitch, zeros + 80]),
        bar_starts=np.arange(num_notes // 4 + 1) * 4 * 480,
        metres=((0, 4, 4),),
        tempos=((0, 120.0),),
    )
