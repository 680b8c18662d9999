import numpy as np
import pytest

from meloformer.evaluation.paired import change, piece_bits
from meloformer.evaluation.windows import Window


def test_the_windows_of_a_piece_are_added_up() -> None:
    ids = np.zeros(3, np.uint16)
    windows = [Window(ids, document, "set") for document in (4, 1, 4)]
    costs = [np.array([1.0, 2.0]), np.array([5.0, 5.0]), np.array([0.5, 0.5])]
    assert piece_bits(windows, costs).tolist() == [10.0, 4.0]


def test_the_same_change_in_every_piece_is_certain_however_they_differ() -> None:
    reference = np.random.default_rng(0).uniform(10, 1000, size=40)
    found = change(0.9 * reference, reference)
    assert (found.value, found.low, found.high) == pytest.approx((-10, -10, -10))


def test_a_change_that_pieces_do_not_agree_on_is_not() -> None:
    rng = np.random.default_rng(0)
    reference = rng.uniform(10, 1000, size=40)
    found = change(reference * rng.uniform(0.9, 1.1, size=40), reference)
    assert found.low < 0 < found.high
    assert found.low < found.value < found.high


def test_the_change_is_that_of_all_bits_together() -> None:
    found = change(np.array([100.0, 20.0]), np.array([100.0, 10.0]))
    assert found.value == pytest.approx(100 * 10 / 110)
