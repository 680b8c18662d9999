import math

import numpy as np
import pytest

from meloformer.evaluation.bootstrap import (
    RESAMPLES,
    bounds,
    confidence_interval,
    known_mean,
    resamples,
)


def test_the_same_pieces_are_drawn_every_time() -> None:
    assert resamples(7).shape == (RESAMPLES, 7)
    np.testing.assert_array_equal(resamples(7), resamples(7))
    assert set(np.unique(resamples(7))) == set(range(7))


def test_an_interval_holds_its_value_and_narrows_with_more_pieces() -> None:
    rng = np.random.default_rng(1)
    widths = []
    for count in (20, 2000):
        values = rng.normal(3.0, 1.0, count)
        found = confidence_interval(count, lambda rows, values=values: float(values[rows].mean()))
        assert found.low < found.value < found.high
        assert found.value == pytest.approx(values.mean())
        widths.append(found.high - found.low)
    assert widths[1] == pytest.approx(2 * 1.96 / math.sqrt(2000), rel=0.1)
    assert widths[1] < widths[0] / 5


def test_what_is_not_a_number_is_left_out() -> None:
    assert known_mean(np.array([1.0, math.nan, 3.0])) == 2.0
    assert math.isnan(known_mean(np.array([math.nan])))
    assert bounds(np.array([2.0, math.nan, 2.0])) == (2.0, 2.0)
    assert all(map(math.isnan, bounds(np.array([math.nan]))))
