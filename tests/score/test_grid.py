import numpy as np
import pytest
from hypothesis import given

from meloformer.errors import MidiError
from meloformer.score import Score, Tempo, TimeSignature, Track, bar_grid, note_array, quantise
from meloformer.score.grid import DURATION_TICKS
from tests.strategies import scores


def piece(
    *notes: tuple[int, int, int, int],
    metres: tuple[tuple[int, int, int], ...] = ((0, 4, 4),),
    tempos: tuple[tuple[int, float], ...] = ((0, 120.0),),
    end_tick: int | None = None,
) -> Score:
    array = note_array(list(notes))
    end = int((array[:, 0] + array[:, 1]).max()) if end_tick is None else end_tick
    return Score(
        480,
        (Track("", 0, False, array),),
        tuple(Tempo(*tempo) for tempo in tempos),
        tuple(TimeSignature(*metre) for metre in metres),
        end,
    )


def bar_lengths_in_quarters(score: Score) -> list[float]:
    return (np.diff(bar_grid(score).starts) / 480).tolist()


def test_bars_follow_every_change_of_metre():
    score = piece((0, 480, 60, 64), metres=((0, 4, 4), (3840, 3, 4), (6720, 7, 8)), end_tick=10080)
    assert bar_lengths_in_quarters(score) == [4, 4, 3, 3, 3.5, 3.5]


def test_a_change_inside_a_bar_cuts_it_short():
    grid = bar_grid(piece((0, 480, 60, 64), metres=((0, 4, 4), (960, 4, 4)), end_tick=2880))
    assert (np.diff(grid.starts) / 480).tolist() == [2, 4]
    assert (grid.numerators[0], grid.denominators[0]) == (2, 4)


def test_bars_longer_than_eight_quarters_are_split():
    assert bar_lengths_in_quarters(
        piece((0, 480, 60, 64), metres=((0, 12, 2),), end_tick=11520)
    ) == [
        8,
        8,
        8,
    ]


def test_a_last_note_that_rings_a_little_over_the_bar_line_adds_no_bar():
    assert bar_grid(piece((0, 1930, 60, 64))).num_bars == 1
    assert bar_grid(piece((0, 3840, 60, 64))).num_bars == 2


def test_an_onset_just_before_the_bar_line_belongs_to_the_next_bar():
    quantised = quantise(piece((1915, 480, 60, 64)))
    assert quantised.tracks[0].notes[0].tolist() == [48, 12, 60, 66]
    assert quantised.end_tick == 96


def test_tempo_is_averaged_over_each_bar():
    score = piece((0, 3840, 60, 64), tempos=((0, 100.0), (960, 140.0), (1920, 60.0)))
    first, second = (tempo.qpm for tempo in quantise(score).tempos)
    assert first == pytest.approx(116.7, rel=0.03)  # 2 quarters at 100 and 2 at 140
    assert second == pytest.approx(60.0, rel=0.03)


def test_tracks_of_one_program_stay_apart_and_drums_become_one_part():
    notes = note_array([(0, 480, 60, 64)])
    tracks = tuple(
        Track(name, program, is_drum, notes)
        for name, program, is_drum in [
            ("flute", 73, False),
            ("left", 0, False),
            ("kick", 0, True),
            ("right", 0, False),
            ("snare", 8, True),
            ("bass", 33, False),
        ]
    )
    quantised = quantise(piece((0, 480, 60, 64)).with_tracks(tracks))
    assert [(t.program, t.is_drum) for t in quantised.tracks] == [
        (0, True),
        (33, False),
        (0, False),
        (0, False),
        (73, False),
    ]


def test_durations_grow_in_64_steps_to_16_quarters():
    assert len(DURATION_TICKS) == 64
    assert DURATION_TICKS[-1] == 16 * 12
    assert np.all(np.diff(np.diff(DURATION_TICKS)) >= 0)


def test_a_piece_of_endless_bars_is_refused():
    with pytest.raises(MidiError, match="more than 10,000 bars"):
        bar_grid(piece((0, 480, 60, 64), metres=((0, 1, 16),), end_tick=120 * 10_002))


@given(scores())
def test_quantising_twice_changes_nothing(score):
    assert quantise(quantise(score)) == quantise(score)


@pytest.mark.parametrize("ticks_per_quarter", [96, 120, 384, 480, 960])
@pytest.mark.parametrize("qpm", [40.0, 60.0, 100.0, 120.0, 250.0])
def test_a_steady_tempo_is_one_tempo(qpm, ticks_per_quarter):
    notes = note_array([(bar * 4 * ticks_per_quarter, 10, 60, 80) for bar in range(200)])
    score = Score(
        ticks_per_quarter,
        (Track("", 0, False, notes),),
        (Tempo(0, qpm),),
        (TimeSignature(0, 4, 4),),
        800 * ticks_per_quarter,
    )
    assert len(quantise(score).tempos) == 1
