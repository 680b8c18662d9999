import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from meloformer.model.decode import attention
from meloformer.model.decode.arithmetic import largest_magnitude, largest_of
from meloformer.model.decode.head_lanes import HAS_AVX2_AND_FMA, HEAD

LAYERS, KEY_HEADS = 2, 3


def _as_python_calls(function):
    @njit
    def call(*arguments):
        function(*arguments)

    return call


score_plainly, score_in_lanes = map(
    _as_python_calls, (attention.score_plainly, attention.score_in_lanes)
)
mix_plainly, mix_in_lanes = map(_as_python_calls, (attention.mix_plainly, attention.mix_in_lanes))
softmax = _as_python_calls(attention.softmax)


@njit
def _largest(values):
    return largest_of(values), largest_magnitude(values)


@pytest.mark.skipif(not HAS_AVX2_AND_FMA, reason="the processor has no AVX2")
@given(
    visible=st.integers(1, 40),
    heads=st.integers(1, 5),
    layer=st.integers(0, LAYERS - 1),
    g=st.integers(0, KEY_HEADS - 1),
    seed=st.integers(0, 1000),
)
def test_attention_in_lanes_is_that_of_the_plain_loop(
    visible: int, heads: int, layer: int, g: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    kv = rng.integers(-127, 128, (50, LAYERS, 2, KEY_HEADS, HEAD)).astype(np.int8)
    units = rng.random((50, LAYERS, 2, KEY_HEADS), dtype=np.float32)
    places = rng.permutation(50)[:visible].astype(np.int32)
    queries = rng.integers(-32767, 32768, (heads, HEAD)).astype(np.int16)
    expected, found = (np.zeros((heads, visible + 3), np.float32) for _ in range(2))
    score_plainly(kv, units, layer, g, places, queries, expected)
    score_in_lanes(kv, units, layer, g, places, queries, found)
    np.testing.assert_array_equal(found, expected)
    exact = queries.astype(int) @ kv[places, layer, 0, g].astype(int).T
    np.testing.assert_allclose(
        found[:, :visible], exact * units[places, layer, 0, g], rtol=1e-6, atol=0
    )

    shares = rng.random((heads, visible + 3), dtype=np.float32)
    expected, found = (np.full((heads, HEAD), 7, np.float32) for _ in range(2))
    mix_plainly(kv, layer, g, places, shares, expected)
    mix_in_lanes(kv, layer, g, places, shares, found)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)
    exact = shares[:, :visible].astype(float) @ kv[places, layer, 1, g].astype(float)
    np.testing.assert_allclose(found, exact, rtol=1e-4, atol=1e-3)


def test_shares_are_those_of_a_softmax() -> None:
    scores = np.random.default_rng(0).normal(scale=1e6, size=37).astype(np.float32)
    unit = np.float32(3e-6)
    expected = np.exp((scores - scores.max()) * float(unit))
    softmax(scores, unit)
    np.testing.assert_allclose(scores, expected / expected.sum(), rtol=1e-5)


@given(
    st.lists(st.floats(-(2.0**100), 2.0**100, width=32), min_size=1, max_size=40).map(
        lambda values: np.array(values, np.float32)
    )
)
def test_the_largest_is_found_by_its_bits(values: np.ndarray) -> None:
    assert _largest(values) == (values.max(), np.abs(values).max())
