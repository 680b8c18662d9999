from pathlib import Path

import numpy as np
import pytest

from experiments.gap_distances import distance
from experiments.part_bits import READINGS, PartReading, cut_parts, part_bits, summarise_parts
from meloformer.data.shards import open_shards
from meloformer.tokens import Kind, bar_ends, crop, decode, encode, vocabulary
from meloformer.tokens.infill import leave_open, part_of_each
from tests.corpus.small_corpus import small_score

KIND = vocabulary().kind


@pytest.fixture(scope="module")
def parts(shards_folder: Path) -> tuple[tuple[PartReading, ...], ...]:
    return cut_parts(open_shards(shards_folder / "held_out"), 1024)


def counted(reading: PartReading) -> np.ndarray:
    return reading.window.ids[reading.counts]


def test_a_part_is_read_in_three_ways(parts: tuple[tuple[PartReading, ...], ...]) -> None:
    assert len(parts) >= 1
    for added, late, there in parts:
        assert all(len(one.window.ids) <= 1024 for one in (added, late, there))
        whole = np.append(added.window.ids, vocabulary().id(Kind.EOS))
        assert decode(whole) == decode(there.window.ids)
        # The same notes of one part, after others or after its own first half.
        assert np.array_equal(counted(late), counted(there))
        (part,) = set(np.unique(part_of_each(counted(there)))) - {-1}
        assert set(np.unique(part_of_each(counted(added)))) == {part}
        assert np.count_nonzero(KIND[counted(late)] == Kind.ONSET) == late.notes == there.notes
        assert np.count_nonzero(KIND[counted(added)] == Kind.ONSET) == added.notes
        before = late.window.ids[: int(np.argmax(late.counts))]
        assert part not in part_of_each(before)
        assert part in part_of_each(there.window.ids[: int(np.argmax(there.counts))])


def test_bits_of_a_part_are_added_up(parts: tuple[tuple[PartReading, ...], ...]) -> None:
    costs = [[np.full(len(one[index].window.ids) - 1, 2.0) for one in parts] for index in range(3)]
    measured = summarise_parts(parts, costs)
    assert measured.pieces == len(parts)
    for index, name in enumerate(READINGS):
        readings = [one[index] for one in parts]
        bits = part_bits(readings, costs[index])
        assert bits.tolist() == [2.0 * np.count_nonzero(one.counts) for one in readings]
        expected = bits.sum() / sum(one.notes for one in readings)
        assert getattr(measured, name).value == pytest.approx(expected)


def test_the_right_side_is_as_far_as_the_bars_after_the_gap_are_long() -> None:
    ids = crop(encode(small_score(4, num_bars=12)).ids, 0, 12)
    ends = bar_ends(ids)
    assert distance(leave_open(ids, 3, 5)) == ends[11] - ends[5 - 1]
    assert distance(leave_open(ids, 3, 11)) == ends[11] - ends[10]
    assert distance(leave_open(ids, 3, 12)) is None
