import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from meloformer.score.note_runs import Line, next_run_hashes, run_hash, run_hashes

STARTS = st.sampled_from([0, 0, 1, 6, 12, 5_000])
"""Ticks from one note to the next."""


@st.composite
def lines(draw: st.DrawFn, min_notes: int = 2, max_notes: int = 20) -> Line:
    steps = st.lists(STARTS, min_size=min_notes, max_size=max_notes)
    start = np.cumsum(draw(steps))
    pitches = st.lists(st.integers(0, 127), min_size=len(start), max_size=len(start))
    return np.stack([start, draw(pitches)], axis=1).astype(np.int64)


def as_notes(line: Line) -> list[tuple[int, int]]:
    return [(start, pitch) for start, pitch in line.tolist()]


@given(lines())
def test_one_run_has_the_hash_that_it_has_among_all(line: Line) -> None:
    before = np.array([[3, 60], [9, 64]])
    for among in ([line], [before, line, before]):
        assert run_hash(as_notes(line)) in run_hashes(among, len(line)).tolist()
    assert run_hashes([line], len(line)).tolist() == [run_hash(as_notes(line))]


@given(lines(), st.integers(0, 200))
def test_the_next_note_has_a_hash_for_each_pitch(line: Line, pause: int) -> None:
    start = int(line[-1, 0]) + pause
    expected = [run_hash([*as_notes(line), (start, pitch)]) for pitch in range(128)]
    assert next_run_hashes(as_notes(line), start).tolist() == expected


@given(lines(), st.integers(-127, 127), st.integers(0, 1_000))
def test_a_run_has_one_hash_in_all_keys_and_places(line: Line, semitones: int, ticks: int) -> None:
    moved = line + np.array([ticks, semitones])
    assert run_hash(as_notes(moved)) == run_hash(as_notes(line))


@given(lines(max_notes=6), lines(max_notes=6))
def test_runs_of_other_steps_have_other_hashes(one: Line, other: Line) -> None:
    def steps(line: Line) -> list[list[int]]:
        pauses, intervals = np.diff(line, axis=0).T
        return [np.minimum(pauses, 1 << 12).tolist(), intervals.tolist()]

    is_same = run_hash(as_notes(one)) == run_hash(as_notes(other))
    assert is_same == (steps(one) == steps(other))


def test_no_run_is_longer_than_its_line() -> None:
    line = np.array([[0, 60], [12, 62], [24, 64]])
    assert [len(run_hashes([line, line], notes)) for notes in (2, 3, 4)] == [4, 2, 0]
    assert len(run_hashes([], 2)) == 0
