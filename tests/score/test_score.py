import numpy as np
import pytest

from meloformer.score import note_array
from meloformer.score.score import sort_rows


@pytest.mark.parametrize("largest", [1, 100, 2**31 - 1, -100])
def test_rows_are_sorted_as_by_several_keys(largest):
    rng = np.random.default_rng(0)
    columns = [rng.integers(min(largest, 0), abs(largest) + 1, 500) for _ in range(4)]
    by_keys = np.stack(columns)[:, np.lexsort(columns[::-1])]
    assert np.array_equal(np.stack(sort_rows(columns)), by_keys)


def test_notes_are_in_order_of_start_pitch_duration_velocity():
    rows = [(5, 1, 60, 1), (0, 9, 61, 1), (0, 9, 60, 2), (0, 9, 60, 1), (0, 8, 60, 3)]
    assert note_array(rows).tolist() == [
        [0, 8, 60, 3],
        [0, 9, 60, 1],
        [0, 9, 60, 2],
        [0, 9, 61, 1],
        [5, 1, 60, 1],
    ]
    assert note_array([]).shape == (0, 4)
