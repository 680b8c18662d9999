from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from meloformer.data.shards import open_shards
from meloformer.evaluation.study.copying import CopyIndex
from meloformer.score.note_runs import Line, lines_of
from meloformer.tokens.lines import lines_of_stream
from tests.evaluation.small_music import melody, score, track

TUNE = [60, 62, 64, 65, 67, 65, 64, 62, 60]
FEW = st.lists(st.tuples(st.integers(0, 2), st.integers(60, 62)), max_size=14)


def line(pitches: list[int], *, step: int = 12, start: int = 0) -> Line:
    return lines_of(score(track(melody(pitches, step=step, start=start)), bars=40))[0]


def plain_longest_run(piece: list[Line], others: list[Line]) -> int:
    """The same by looking at all pairs of places."""
    longest = int(any(len(one) for one in piece))
    for one in piece:
        for other in others:
            mine, theirs = (np.diff(rows, axis=0).tolist() for rows in (one, other))
            for i in range(len(mine)):
                for j in range(len(theirs)):
                    run = 0
                    while mine[i + run : i + run + 1] == theirs[j + run : j + run + 1] != []:
                        run += 1
                    longest = max(longest, run + 1 if run else 1)
    return longest


def test_a_copy_is_found_in_another_key_and_place() -> None:
    index = CopyIndex([line([40, 41, 40]), line(TUNE)])
    higher = [pitch + 5 for pitch in TUNE]
    assert index.longest_runs([[line(higher, start=7)]]) == [len(TUNE)]
    assert index.longest_runs([[line([30, 90, *higher[2:6], 30])]]) == [4]


def test_another_rhythm_is_not_a_copy() -> None:
    index = CopyIndex([line(TUNE)])
    assert index.longest_runs([[line(TUNE, step=6)]]) == [1]


def test_a_run_does_not_go_over_from_part_to_part() -> None:
    index = CopyIndex([line(TUNE)])
    assert index.longest_runs([[line(TUNE[:4]), line(TUNE[4:], start=48)]]) == [5]
    halves = CopyIndex([line(TUNE[:4]), line(TUNE[4:], start=48)])
    assert halves.longest_runs([[line(TUNE)]]) == [5]


def test_each_piece_has_its_own_length() -> None:
    index = CopyIndex([line(TUNE)])
    pieces = [[line(TUNE[:6])], [], [line([60])], [line([60, 75])]]
    assert index.longest_runs(pieces) == [6, 0, 1, 1]


def test_nothing_is_copied_from_nothing() -> None:
    assert CopyIndex([]).longest_runs([[line(TUNE)]]) == [1]
    assert CopyIndex([line(TUNE)]).longest_runs([]) == []


@given(st.lists(FEW, max_size=4), st.lists(FEW, max_size=4))
def test_runs_are_as_long_as_a_plain_search_finds(
    mine: list[list[tuple[int, int]]], theirs: list[list[tuple[int, int]]]
) -> None:
    def lines(steps: list[list[tuple[int, int]]]) -> list[Line]:
        rows = [np.array(one, dtype=np.int64).reshape(-1, 2) for one in steps]
        return [np.stack([np.cumsum(one[:, 0]), one[:, 1]], axis=1) for one in rows]

    piece, others = lines(mine), lines(theirs)
    assert CopyIndex(others).longest_runs([piece]) == [plain_longest_run(piece, others)]


def test_the_training_set_holds_all_of_itself(shards_folder: Path) -> None:
    shards = open_shards(shards_folder / "train")
    index = CopyIndex.of_shards(shards)
    lines = lines_of_stream(np.asarray(shards.document(0)))
    assert index.longest_runs([lines]) == [max(map(len, lines))]
