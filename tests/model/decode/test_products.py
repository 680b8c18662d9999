import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from meloformer.model.decode.arithmetic import exponential, round_values, value_limit
from meloformer.model.decode.lanes import HAS_AVX2
from meloformer.model.decode.products import multiply_in_lanes, multiply_plainly, quantise


@njit
def _value_limit(width):
    return value_limit(width)


@njit
def _exponentials(values, found):
    for i in range(len(values)):
        found[i] = exponential(values[i])


@pytest.mark.skipif(not HAS_AVX2, reason="the processor has no AVX2")
@given(
    outputs=st.integers(1, 40),
    pairs=st.integers(1, 70),
    positions=st.integers(1, 9),
    seed=st.integers(0, 1000),
)
def test_products_in_lanes_are_those_of_the_plain_loop(
    outputs: int, pairs: int, positions: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    weight = torch.from_numpy(rng.normal(size=(outputs, 2 * pairs)).astype(np.float32))
    limit = _value_limit(2 * pairs) + 1
    rounded = rng.integers(1 - limit, limit, (positions, 2 * pairs)).astype(np.int16)
    units = rng.random(positions, dtype=np.float32)
    plain, fast = (quantise(weight, in_lanes=in_lanes) for in_lanes in (False, True))
    expected, found = (np.empty((positions, len(plain.scales)), np.float32) for _ in range(2))
    multiply_plainly(*plain, rounded, units, expected)
    multiply_in_lanes(*fast, rounded, units, found)
    np.testing.assert_array_equal(found, expected)
    exact = rounded.astype(np.int64) @ plain.weights.astype(np.int64).T
    np.testing.assert_allclose(expected, exact * plain.scales * units[:, None], rtol=1e-6)


@pytest.mark.parametrize("width", [16, 256, 1408, 5632])
def test_no_sum_is_too_large_for_an_int32(width: int) -> None:
    weight = torch.ones(8, width)
    rounded = np.full((1, width), _value_limit(width), np.int16)
    found = np.empty((1, 8), np.float32)
    multiply_plainly(*quantise(weight, in_lanes=False), rounded, np.ones(1, np.float32), found)
    np.testing.assert_allclose(found, float(width) * _value_limit(width), rtol=1e-6)


def test_weights_are_rounded_to_the_nearest_of_255_steps() -> None:
    weight = torch.randn(10, 64)
    weights, scales = quantise(weight, in_lanes=False)
    assert (weights[:10].astype(int).max(), weights.astype(int).min()) <= (127, -127)
    error = np.abs(weights[:10] * scales[:10, None] - weight.numpy())
    assert (error <= scales[:10, None] / 2 * 1.001).all()
    assert not weights[10:].any()  # filled up


def test_exponentials_are_right_to_a_few_millionths() -> None:
    values = -np.geomspace(1e-6, 87, 10_000).astype(np.float32)
    found = np.empty_like(values)
    _exponentials(values, found)
    np.testing.assert_allclose(found, np.exp(values.astype(np.float64)), rtol=4e-6)
    _exponentials(np.float32([0.0, -1e9]), found)
    assert found[0] == 1.0
    assert 0 <= found[1] < 1e-37


def test_values_are_rounded_in_steps_of_their_unit() -> None:
    values = np.random.default_rng(0).normal(size=300).astype(np.float32)
    rounded = np.empty(300, np.int16)
    unit = round_values(values, rounded)
    assert np.abs(rounded * unit - values).max() <= unit / 2 * 1.01
    assert round_values(np.zeros(300, np.float32), rounded) == 0
    assert not rounded.any()
