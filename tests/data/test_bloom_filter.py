import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.data.bloom_filter import BloomFilter

NUMBERS = st.lists(st.integers(0, 2**64 - 1), max_size=50)


def drawn(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**64, count, dtype=np.uint64)


@given(NUMBERS, st.integers(1, 200))
def test_what_was_put_in_is_found(numbers: list[int], num_bytes: int) -> None:
    numbers_in = np.array(numbers, dtype=np.uint64)
    known = BloomFilter.of(numbers_in, num_bytes)
    assert len(known.bits) == num_bytes
    assert known.contain(numbers_in).all()


@given(NUMBERS, NUMBERS, st.integers(1, 200))
def test_what_is_put_in_later_is_found_as_if_at_once(
    numbers: list[int], others: list[int], num_bytes: int
) -> None:
    first, second = (np.array(some, dtype=np.uint64) for some in (numbers, others))
    at_once = BloomFilter.of(np.concatenate([first, second]), num_bytes)
    known = BloomFilter.of(first, num_bytes)
    assert np.array_equal(known.having(second).bits, at_once.bits)
    assert np.array_equal(known.bits, BloomFilter.of(first, num_bytes).bits)  # as it was


@given(NUMBERS, NUMBERS, st.integers(1, 200))
def test_one_is_found_as_all_are(numbers: list[int], others: list[int], num_bytes: int) -> None:
    known = BloomFilter.of(np.array(numbers, dtype=np.uint64), num_bytes)
    asked = numbers + others
    found = known.contain(np.array(asked, dtype=np.uint64))
    assert [known.has(number) for number in asked] == found.tolist()


def test_of_other_numbers_as_few_are_found_as_it_says() -> None:
    known = BloomFilter.of(drawn(100_000, 0), 150_000)  # 12 bits each
    found = known.contain(drawn(400_000, 1)).mean()
    assert found == pytest.approx(known.false_positive_rate, rel=0.15)
    assert 0.002 < found < 0.004


def test_nothing_is_found_where_nothing_was_put_in() -> None:
    known = BloomFilter.of(drawn(0, 0), 1)
    assert not known.contain(drawn(100, 1)).any()
    assert known.false_positive_rate == 0
