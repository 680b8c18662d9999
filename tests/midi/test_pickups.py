"""Notation programs write a pickup as a short bar of its own: 1/4, 1/8 or 3/8, then the metre."""

import numpy as np
import pytest

from meloformer.score import (
    Score,
    Tempo,
    TimeSignature,
    Track,
    bar_grid,
    note_array,
    read_midi,
    write_midi,
)
from meloformer.tokens import decode, encode

QUARTER = 480
PICKUPS = [(1, 4), (1, 8), (3, 8), (1, 16), (2, 4)]
METRES = [(4, 4), (3, 4), (6, 8)]
GRID = 12


def ticks_of(metre: tuple[int, int]) -> int:
    return 4 * QUARTER * metre[0] // metre[1]


def piece(*metres: tuple[int, int, int], end_tick: int) -> Score:
    """Eighths, and a half note in place of every seventh, from the start to the end."""
    starts = np.arange(0, end_tick, QUARTER // 2)
    durations = np.where(np.arange(len(starts)) % 7, QUARTER // 2, 2 * QUARTER)
    pitches = 40 + np.arange(len(starts)) % 30
    rows = np.stack([starts, durations, pitches, np.full(len(starts), 66)], axis=1)
    return Score(
        QUARTER,
        (Track("", 0, False, note_array(rows)),),
        (Tempo(0, 100.0),),
        tuple(TimeSignature(*metre) for metre in metres),
        end_tick,
    )


def with_pickup(pickup: tuple[int, int], metre: tuple[int, int], num_bars: int = 8) -> Score:
    first = ticks_of(pickup)
    end_tick = first + num_bars * ticks_of(metre)
    return piece((0, *pickup), (first, *metre), end_tick=end_tick)


def through_tokens(score: Score) -> Score:
    return decode(encode(read_midi(write_midi(score))).ids)


def in_grid_ticks(score: Score) -> np.ndarray:
    """Start, duration, pitch and velocity of the only track, in twelfths of a quarter. (N, 4)"""
    scale = [GRID / score.ticks_per_quarter] * 2 + [1, 1]
    return score.tracks[0].notes * scale


@pytest.mark.parametrize("metre", METRES)
@pytest.mark.parametrize("pickup", PICKUPS)
def test_a_pickup_is_a_bar_of_its_own_length(pickup, metre):
    read = read_midi(write_midi(with_pickup(pickup, metre)))
    first, bar = ticks_of(pickup), ticks_of(metre)
    expected = [0, *range(first, first + 8 * bar + 1, bar)]
    assert bar_grid(read).starts[: len(expected)].tolist() == expected


@pytest.mark.parametrize("metre", METRES)
@pytest.mark.parametrize("pickup", PICKUPS)
def test_tokens_keep_the_bar_lines_after_a_pickup(pickup, metre):
    score = with_pickup(pickup, metre)
    grid = bar_grid(through_tokens(score))
    assert grid.starts[:9].tolist() == (bar_grid(score).starts[:9] * GRID / QUARTER).tolist()
    assert (grid.numerators[1], grid.denominators[1]) == metre
    assert grid.bar_ticks[0] == ticks_of(pickup) * GRID // QUARTER


@pytest.mark.parametrize("metre", METRES)
@pytest.mark.parametrize("pickup", PICKUPS)
def test_no_note_moves_in_or_after_a_pickup(pickup, metre):
    score = with_pickup(pickup, metre)
    assert np.array_equal(in_grid_ticks(through_tokens(score)), in_grid_ticks(score))


@pytest.mark.parametrize("metre", METRES)
def test_a_pickup_of_rests_keeps_the_first_bar_line(metre):
    score = with_pickup((1, 8), metre)
    notes = score.tracks[0].notes
    rested = score.with_tracks((Track("", 0, False, note_array(notes[notes[:, 0] > 0])),))
    starts = bar_grid(through_tokens(rested)).starts
    assert starts[:3].tolist() == [0, 6, 6 + ticks_of(metre) * GRID // QUARTER]


def test_the_bar_after_a_pickup_begins_where_its_chord_does():
    score = with_pickup((1, 4), (4, 4))
    chord = [
        (QUARTER * (1 + 4 * bar), 4 * QUARTER, pitch, 66)
        for bar in range(8)
        for pitch in (48, 55, 64)
    ]
    ids = encode(score.with_tracks((Track("", 0, False, note_array(chord)),))).ids
    back = decode(ids)
    assert set(back.tracks[0].notes[:, 0].tolist()) <= set(bar_grid(back).starts[1:].tolist())


@pytest.mark.parametrize("metre", [(1, 8), (1, 16), (3, 16), (1, 32)])
def test_a_metre_of_less_than_a_quarter_throughout_is_read_as_four_four(metre):
    read = read_midi(write_midi(piece((0, *metre), end_tick=40 * QUARTER)))
    assert read.time_signatures == (TimeSignature(0, 4, 4),)
    assert bar_grid(read).num_bars == 10


def test_what_covers_most_of_the_piece_decides():
    short_first = piece((0, 1, 8), (2 * QUARTER, 4, 4), end_tick=40 * QUARTER)
    read = read_midi(write_midi(short_first))
    assert read.time_signatures == short_first.time_signatures  # four bars of 1/8, as written
    short_mostly = piece((0, 1, 16), (36 * QUARTER, 3, 4), end_tick=42 * QUARTER)
    read = read_midi(write_midi(short_mostly))
    assert read.time_signatures == (TimeSignature(0, 4, 4), TimeSignature(36 * QUARTER, 3, 4))


def test_a_pickup_to_a_metre_that_is_none_keeps_its_bar_line():
    pickup_ticks = QUARTER // 2
    score = piece((0, 1, 8), (pickup_ticks, 1, 16), end_tick=pickup_ticks + 32 * QUARTER)
    read = read_midi(write_midi(score))
    bars = bar_grid(read)
    assert bars.starts[:3].tolist() == [0, pickup_ticks, pickup_ticks + 4 * QUARTER]


def test_a_short_bar_inside_the_piece_is_kept():
    middle = 16 * QUARTER
    change = TimeSignature(middle, 1, 8)
    score = piece(
        (0, 4, 4), (middle, 1, 8), (middle + QUARTER // 2, 4, 4), end_tick=middle + 20 * QUARTER
    )
    read = read_midi(write_midi(score))
    assert change in read.time_signatures
    lengths = np.diff(bar_grid(read).starts)[:6] / QUARTER
    assert lengths.tolist() == [4, 4, 4, 4, 0.5, 4]
