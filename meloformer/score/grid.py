"""Bars and the grid: where bar lines fall, and a score moved onto them.

Tokens can say bars of up to `MAX_BAR_QUARTERS`. A longer bar of the music is split into several
bars of the grid, and the grid knows which of them belong together: the music's own bars are called
whole bars where both are spoken of.

The grid has `TICKS_PER_QUARTER` ticks to the quarter note. A quantised score holds nothing the
tokens cannot say: `quantise(quantise(s)) == quantise(s)`.

Axes: N notes, n bars of the grid, w whole bars.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.errors import ConfigError, MidiError
from meloformer.phrases import phrase
from meloformer.score.part import Part, parts_of
from meloformer.score.score import (
    DURATION,
    PITCH,
    START,
    VELOCITY,
    Score,
    Tempo,
    TimeSignature,
    Track,
    without_doubles,
)

TICKS_PER_QUARTER = 12
"""The grid: sixteenths and triplets are exact."""
if TICKS_PER_QUARTER % 12:
    raise ConfigError(
        phrase(
            "A grid of {ticks_per_quarter} ticks to the quarter has no place "
            "for both sixteenths and triplets: the number must be a multiple "
            "of 12.",
            ticks_per_quarter=TICKS_PER_QUARTER,
        )
    )
MAX_BAR_QUARTERS = 8
"""Longer bars are split."""
MAX_BARS = 10_000
VELOCITIES_PER_BIN = 4


def _steps(start: int, end: int, step: int) -> NDArray[np.int64]:
    """Return multiples of a step after one number of quarters, up to and including another."""
    return np.arange(start * TICKS_PER_QUARTER + step, end * TICKS_PER_QUARTER + 1, step)


DURATION_TICKS: NDArray[np.int32] = np.concatenate(
    [
        _steps(0, 2, 1),
        _steps(2, 4, TICKS_PER_QUARTER // 6),
        _steps(4, 8, TICKS_PER_QUARTER // 3),
        _steps(8, 16, TICKS_PER_QUARTER // 2),
    ]
).astype(np.int32)
"""The growing steps of note length, up to 16 quarters, in grid ticks."""

TEMPO_QPM: NDArray[np.float64] = np.geomspace(40.0, 250.0, 32)
"""Tempo of each bin, in quarters a minute."""

# Looked up rather than searched for, note by note.
_STEP_OF_TICKS: NDArray[np.int64] = np.searchsorted(
    (DURATION_TICKS[1:] + DURATION_TICKS[:-1]) / 2, np.arange(DURATION_TICKS[-1] + 1)
)
_LOG_DIGITS = 9
"""100 qpm lies between two bins: noise in the last digits must not send it to both."""
_LOG_MIDDLES: NDArray[np.float64] = np.round(
    (np.log(TEMPO_QPM[1:]) + np.log(TEMPO_QPM[:-1])) / 2, _LOG_DIGITS
)


@dataclass(frozen=True, slots=True, eq=False)
class BarGrid:
    """Where bars begin, and their metres."""

    starts: NDArray[np.int64]
    """Start of each bar in the score's ticks, and the end of the last. (n + 1,), int64."""
    numerators: NDArray[np.int32]
    """(n,), int32."""
    denominators: NDArray[np.int32]
    """2, 4, 8 or 16. (n,), int32."""
    whole_bars: NDArray[np.int64]
    """The bar of the grid with which each whole bar begins, and n. (w + 1,), int64."""
    whole_metres: NDArray[np.int32]
    """Numerator and denominator of each whole bar, as the music says. (w, 2), int32."""

    @property
    def num_bars(self) -> int:
        """Number of bars of the grid, n."""
        return len(self.numerators)

    @property
    def num_whole_bars(self) -> int:
        """Number of whole bars, w."""
        return len(self.whole_metres)

    @property
    def first_number(self) -> int:
        """The number of the first whole bar: 0 if it is a pickup, shorter than those after it."""
        lengths = self.whole_metres[:3, 0] / self.whole_metres[:3, 1]
        is_pickup = len(lengths) > 1 and lengths[0] < lengths[1] == lengths[-1]
        return 0 if is_pickup else 1

    @property
    def whole_starts(self) -> NDArray[np.int64]:
        """Start of each whole bar in the score's ticks, and the end of the last. (w + 1,)."""
        return self.starts[self.whole_bars]

    @property
    def bar_ticks(self) -> NDArray[np.int64]:
        """Length of each bar in grid ticks, by its metre. (n,), int64."""
        return (self.numerators * (4 * TICKS_PER_QUARTER) // self.denominators).astype(np.int64)

    @property
    def lines(self) -> NDArray[np.int64]:
        """Start of each bar in grid ticks, and the end of the last. (n + 1,), int64."""
        return np.concatenate(([0], np.cumsum(self.bar_ticks)))


def bar_grid(score: Score) -> BarGrid:
    """Lay bar lines over the whole score, through all changes of metre.

    A change of metre inside a bar cuts the bar short. A whole bar in which nothing starts and less
    than a quarter of which sounds is not counted: a last note may ring a little over the bar line.

    Raises:
        MidiError: More than 10,000 bars.
    """
    grid = bars_until(score, score.end_tick)
    last_start = max([0, *(int(t.notes[-1, START]) for t in score.tracks if len(t.notes))])
    last_bar, _ = place(score, grid, np.array([last_start]))
    last_bar = np.searchsorted(grid.whole_bars, last_bar, side="right") - 1
    starts, num_laid = grid.whole_starts, grid.num_whole_bars
    last_sounding = int(np.searchsorted(starts, score.end_tick, side="right")) - 1
    if last_sounding < num_laid:
        length = starts[last_sounding + 1] - starts[last_sounding]
        if (score.end_tick - starts[last_sounding]) * 4 < length:
            last_sounding -= 1
    num_whole = max(int(last_bar[0]), min(last_sounding, num_laid - 1)) + 1
    num_bars = int(grid.whole_bars[num_whole])
    return BarGrid(
        grid.starts[: num_bars + 1],
        grid.numerators[:num_bars],
        grid.denominators[:num_bars],
        grid.whole_bars[: num_whole + 1],
        grid.whole_metres[:num_whole],
    )


def no_bars() -> BarGrid:
    """Return the bars of music that has none yet."""
    none = np.zeros(0, dtype=np.int32)
    start = np.zeros(1, dtype=np.int64)
    return BarGrid(start, none, none, start, np.zeros((0, 2), dtype=np.int32))


def tempo_bin(qpm: float) -> int:
    """Find the nearest of the tempos that tokens can say: an index into `TEMPO_QPM`."""
    return int(np.searchsorted(_LOG_MIDDLES, round(math.log(max(qpm, 1e-3)), _LOG_DIGITS)))


def quantise(score: Score) -> Score:
    """Move a score onto the grid, in the form that tokens can say exactly.

    Onsets snap to twelfths of a quarter, durations to 64 steps, velocities to 32 bins, tempo to
    one of 32 values a bar. Tracks become parts in canonical order, without names; of notes of one
    part with the same onset and pitch the longest stays.

    Raises:
        MidiError: More than 10,000 bars.
    """
    grid = bar_grid(score)
    bar_starts = grid.lines
    parts = parts_of(score)
    tracks = [
        Track("", 0 if part.is_drum else part.program, part.is_drum, notes)
        for part in sorted({p for p in parts if p is not None}, key=lambda p: p.rank)
        for notes in [_quantise_part(score, parts, part, grid, bar_starts)]
    ]
    return Score(
        ticks_per_quarter=TICKS_PER_QUARTER,
        tracks=tuple(tracks),
        tempos=_tempo_changes(tempo_bins(score, grid), bar_starts),
        time_signatures=_metre_changes(grid, bar_starts),
        end_tick=int(bar_starts[-1]),
    )


def tempo_bins(score: Score, grid: BarGrid) -> NDArray[np.int64]:
    """Find the tempo of each bar, averaged over its time: an index into `TEMPO_QPM`. (n,)."""
    seconds = np.diff(score.seconds_at(grid.starts))
    qpm = np.diff(grid.starts) / score.ticks_per_quarter * 60.0 / np.maximum(seconds, 1e-9)
    return np.searchsorted(_LOG_MIDDLES, np.round(np.log(np.maximum(qpm, 1e-3)), _LOG_DIGITS))


def sliver_ticks(ticks_per_quarter: int) -> int:
    """Return how far beside a bar line, at most, something was meant to be on it: 1/32."""
    return ticks_per_quarter // 8


def duration_steps(durations: NDArray[np.integer]) -> NDArray[np.int64]:
    """Find the nearest step of each duration, an index into `DURATION_TICKS`; ties go down."""
    steps: NDArray[np.int64] = _STEP_OF_TICKS.take(durations, mode="clip")
    return steps


def place(
    score: Score, grid: BarGrid, starts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find bar and onset in the bar, in grid ticks, of each start; a bar's end is the next's 0."""
    bar = np.searchsorted(grid.starts[:-1], starts, side="right") - 1
    onset = to_grid(starts - grid.starts[bar], score.ticks_per_quarter)
    late = onset >= grid.bar_ticks[bar]
    return bar + late, np.where(late, 0, onset)


def to_grid(ticks: NDArray[np.int64], ticks_per_quarter: int) -> NDArray[np.int64]:
    """Find the nearest grid tick; a half goes up."""
    return (ticks * (2 * TICKS_PER_QUARTER) + ticks_per_quarter) // (2 * ticks_per_quarter)


def _quantise_part(
    score: Score,
    parts: tuple[Part | None, ...],
    part: Part,
    grid: BarGrid,
    bar_starts: NDArray[np.int64],
) -> NDArray[np.int32]:
    own = [t.notes for t, of in zip(score.tracks, parts, strict=True) if of == part]
    notes = np.concatenate(own).astype(np.int64)
    bar, onset = place(score, grid, notes[:, START])
    duration = to_grid(notes[:, DURATION], score.ticks_per_quarter)
    quantised = np.stack(
        [
            bar_starts[bar] + onset,
            DURATION_TICKS[duration_steps(duration)],
            notes[:, PITCH],
            notes[:, VELOCITY] // VELOCITIES_PER_BIN * VELOCITIES_PER_BIN + VELOCITIES_PER_BIN // 2,
        ],
        axis=1,
    )
    return without_doubles(quantised)


@dataclass(frozen=True, slots=True, eq=False)
class _Segment:
    """Bars of one metre. n and w are those of the segment."""

    starts: NDArray[np.int64]
    """With the end. (n + 1,)."""
    metres: NDArray[np.int32]
    """(n, 2)."""
    firsts: NDArray[np.int64]
    """The bar with which each whole bar begins. (w,)."""
    whole_metres: NDArray[np.int32]
    """(w, 2)."""


def bars_until(score: Score, end_tick: int) -> BarGrid:
    """Lay bars from tick 0 to beyond `end_tick`, with one to spare for onsets that round up."""
    segments: list[_Segment] = []
    at = num_bars = 0
    signatures = score.time_signatures
    for index, signature in enumerate(signatures):
        following = signatures[index + 1].tick if index + 1 < len(signatures) else end_tick + 2
        until = min(following, end_tick + 1)
        if until <= at:
            continue
        segment = _segment(score, signature, at, until, cut=following == until)
        num_bars += len(segment.metres)
        if num_bars >= MAX_BARS:
            raise _too_many_bars()
        segments.append(segment)
        at = int(segment.starts[-1])
        last = signature
    segments.append(_segment(score, last, at, at + 1, cut=False))
    metres = np.concatenate([segment.metres for segment in segments])
    firsts = [segment.firsts for segment in segments]
    before = np.cumsum([0, *(len(segment.metres) for segment in segments)])
    whole_bars = [own + offset for own, offset in zip(firsts, before, strict=False)]
    return BarGrid(
        starts=np.concatenate([*(segment.starts[:-1] for segment in segments), [_end(segments)]]),
        numerators=metres[:, 0],
        denominators=metres[:, 1],
        whole_bars=np.concatenate([*whole_bars, before[-1:]]),
        whole_metres=np.concatenate([segment.whole_metres for segment in segments]),
    )


def _end(segments: list[_Segment]) -> int:
    return int(segments[-1].starts[-1])


def _too_many_bars() -> MidiError:
    return MidiError(
        f"The piece has more than {MAX_BARS:,} bars.", hint="Cut it into shorter files."
    )


def _segment(score: Score, signature: TimeSignature, at: int, until: int, *, cut: bool) -> _Segment:
    """Lay bars of one metre from `at` until at least `until`; with `cut`, exactly until there."""
    declared_ticks = bar_ticks(signature, score.ticks_per_quarter)
    count = -(-(until - at) // declared_ticks)
    if count > MAX_BARS:
        raise _too_many_bars()
    metres = split_metre(signature.numerator, signature.denominator)
    lengths = np.array([n / d for n, d in metres])
    offsets = np.round(np.cumsum(lengths) / lengths.sum() * declared_ticks).astype(np.int64)
    bar_starts = at + declared_ticks * np.arange(count, dtype=np.int64)
    ends = (bar_starts[:, None] + offsets[None]).ravel()
    declared = np.array([[signature.numerator, signature.denominator]], dtype=np.int32)
    whole = _Segment(
        starts=np.concatenate(([at], ends)),
        metres=np.tile(np.array(metres, dtype=np.int32), (count, 1)),
        firsts=np.arange(count) * len(metres),
        whole_metres=np.repeat(declared, count, axis=0),
    )
    if not cut or whole.starts[-1] == until:
        return whole
    return _cut(whole, until, score.ticks_per_quarter)


def bar_ticks(signature: TimeSignature, ticks_per_quarter: int) -> int:
    """Return the length of a bar in ticks."""
    quarters = 4 * signature.numerator / signature.denominator
    return max(1, round(quarters * ticks_per_quarter))


def _cut(segment: _Segment, until: int, ticks_per_quarter: int) -> _Segment:
    """End the last bar at `until`, with the metre that the shortened bar really has."""
    last = int(np.searchsorted(segment.starts, until)) - 1
    starts, metres = segment.starts[: last + 2].copy(), segment.metres[: last + 1].copy()
    sixteenths = round((until - starts[last]) * 4 / ticks_per_quarter)
    starts[-1] = until
    if sixteenths == 0 and last > 0:  # a sliver: the change of metre was a hair late
        starts, metres = np.append(starts[:last], until), metres[:last]
    else:
        metres[last] = metre_of_sixteenths(max(1, sixteenths))
    firsts = segment.firsts[segment.firsts < len(metres)]
    whole_metres = segment.whole_metres[: len(firsts)].copy()
    sixteenths = _sixteenths(metres[firsts[-1] :])
    if sixteenths != _sixteenths(np.array(split_metre(*whole_metres[-1].tolist()))):
        whole_metres[-1] = metre_of_sixteenths(sixteenths)
    return _Segment(starts, metres, firsts, whole_metres)


def _sixteenths(metres: NDArray[np.integer]) -> int:
    """Add up bars of a grid. (n, 2)."""
    return int((metres[:, 0] * 16 // metres[:, 1]).sum())


def split_metre(numerator: int, denominator: int) -> list[tuple[int, int]]:
    """Split a declared bar into bars the grid can hold: d in 2, 4, 8, 16, at most 8 quarters."""
    while denominator < 2:
        numerator, denominator = numerator * 2, denominator * 2
    while denominator > 16:
        numerator, denominator = -(-numerator // 2), denominator // 2
    pieces = -(-numerator // (MAX_BAR_QUARTERS * denominator // 4))
    return [
        (numerator // pieces + (piece < numerator % pieces), denominator) for piece in range(pieces)
    ]


def metre_of_sixteenths(sixteenths: int) -> tuple[int, int]:
    """Name the metre of a bar of so many sixteenths, as plainly as can be."""
    if sixteenths % 4 == 0:
        return sixteenths // 4, 4
    return (sixteenths // 2, 8) if sixteenths % 2 == 0 else (sixteenths, 16)


def _changes(values: NDArray[np.integer]) -> NDArray[np.int64]:
    """Find rows that differ from the one before; the first always counts."""
    differs = np.any(np.diff(values.reshape(len(values), -1), axis=0) != 0, axis=1)
    return np.flatnonzero(np.concatenate(([True], differs)))


def _tempo_changes(bins: NDArray[np.int64], bar_starts: NDArray[np.int64]) -> tuple[Tempo, ...]:
    return tuple(Tempo(int(bar_starts[b]), float(TEMPO_QPM[bins[b]])) for b in _changes(bins))


def _metre_changes(grid: BarGrid, bar_starts: NDArray[np.int64]) -> tuple[TimeSignature, ...]:
    metres = np.stack([grid.numerators, grid.denominators], axis=1)
    return tuple(
        TimeSignature(int(bar_starts[b]), int(metres[b, 0]), int(metres[b, 1]))
        for b in _changes(metres)
    )
