import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.score import Score, Tempo, TimeSignature, Track, note_array, quantise
from meloformer.score.beat_grid import is_free
from meloformer.score.drum_take import is_drum_take, on_click
from meloformer.score.score import PITCH, START, VELOCITY
from tests.score.performances import QUARTER, noise

KICK, SNARE, HAT = 36, 38, 42
STRAIGHT = [(4 * place, HAT) for place in range(8)] + [(0, KICK), (8, SNARE)]
SHUFFLE = [(place, HAT) for place in (0, 8, 12, 20, 24, 32, 36, 44)] + [(0, KICK), (12, SNARE)]


def drums(rows: list[tuple[int, int, int]], qpm: float = 100.0) -> Score:
    """A take of (start in ticks, drum, velocity)."""
    notes = note_array([(start, 60, drum, velocity) for start, drum, velocity in rows])
    track = Track("kit", 0, True, notes)
    end_tick = 4 * QUARTER * (1 + int(notes[:, START].max()) // (4 * QUARTER))
    return Score(QUARTER, (track,), (Tempo(0, qpm),), (TimeSignature(0, 4, 4),), end_tick)


def played(
    pattern: list[tuple[int, int]], seed: int, late_s: float = 0.0, loose_s: float = 0.008
) -> tuple[Score, np.ndarray]:
    """Eight bars of a pattern of grid ticks by a drummer, and the ticks as written, in order."""
    rng = np.random.default_rng(seed)
    per_second = QUARTER * 100 / 60
    rows, written = [], []
    for bar in range(8):
        for tick, drum in pattern:
            written.append(bar * 48 + tick)
            off = (late_s + rng.normal() * loose_s) * per_second
            start = max(0, round(written[-1] * QUARTER / 12 + off))
            rows.append((start, drum, int(rng.integers(50, 120))))
    return drums(rows), np.sort(written)


@pytest.mark.parametrize("late_s", [-0.025, 0.0, 0.025])
@pytest.mark.parametrize("pattern", [STRAIGHT, SHUFFLE], ids=["straight", "shuffle"])
def test_strokes_go_where_they_would_be_written(pattern, late_s: float) -> None:
    for seed in range(3):
        score, written = played(pattern, seed, late_s)
        assert is_drum_take(score)
        take = on_click(score)
        assert take.num_lost == 0
        (track,) = quantise(take.score).tracks
        assert np.array_equal(track.notes[:, START], written)


def test_both_strokes_of_a_flam_stay() -> None:
    beats = [(QUARTER * beat + 3, SNARE, 100) for beat in range(16)]
    graces = [(QUARTER * beat - 20, SNARE, 40) for beat in range(1, 16)]
    take = on_click(drums(beats + graces))
    assert take.num_lost == 0
    notes = quantise(take.score).tracks[0].notes
    loud = notes[:, VELOCITY] > 80
    assert (notes[loud, START] % 12 == 0).all()
    assert (notes[~loud, START] % 12 == 11).all()


def test_a_stroke_too_many_is_counted() -> None:
    roll = [(QUARTER + 2 + 3 * number, SNARE, 60 + number) for number in range(5)]
    rest = [(QUARTER * beat + 5, KICK, 90) for beat in range(8)]
    take = on_click(drums(roll + rest))
    assert take.num_lost == 2
    assert take.score.num_notes == len(roll) + len(rest) - 2


def test_what_a_program_has_written_is_no_take() -> None:
    rows = [(QUARTER * tick // 12, HAT, 80) for tick in range(0, 96, 2)]
    assert not is_drum_take(drums(rows))
    assert not is_drum_take(noise(1))
    assert not is_drum_take(drums(rows).with_tracks(()))


@given(
    st.lists(
        st.tuples(st.integers(0, 20_000), st.integers(35, 50), st.integers(1, 127)),
        min_size=1,
        max_size=60,
    ),
    st.sampled_from([96, 120, 220, 480]),
)
def test_no_stroke_is_moved_far_or_changed(rows, ticks_per_quarter: int) -> None:
    score = drums(rows)
    score = Score(
        ticks_per_quarter, score.tracks, score.tempos, score.time_signatures, score.end_tick
    )
    take = on_click(score)
    before, after = score.tracks[0].notes, take.score.tracks[0].notes
    assert take.num_lost == len(before) - len(after)
    assert take.score.tempos == score.tempos
    assert take.score.seconds_at(take.score.end_tick) == pytest.approx(
        score.seconds_at(score.end_tick)
    )
    left = sorted(map(tuple, before[:, [PITCH, VELOCITY]].tolist()))
    for one in map(tuple, after[:, [PITCH, VELOCITY]].tolist()):
        left.remove(one)
    assert len(left) == take.num_lost
    assert quantise(take.score).num_notes == take.score.num_notes


def test_drums_at_a_tempo_of_their_own_had_a_click() -> None:
    rows = [(tick, HAT, 80) for tick in noise(3).tracks[0].notes[:200, START].tolist()]
    assert is_free(drums(rows, qpm=120.0))
    assert not is_free(drums(rows, qpm=133.0))
