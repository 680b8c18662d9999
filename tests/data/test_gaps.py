import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.data.gaps import near_gaps, with_gap, with_part_open
from meloformer.score import Score
from meloformer.tokens import Kind, annotate, bar_ends, crop, decode, encode, vocabulary
from meloformer.tokens.infill import part_of_each
from tests.corpus.small_corpus import small_score
from tests.strategies import scores

BAND = encode(small_score(3)).ids
LONG_BAND = encode(small_score(4, num_bars=40)).ids
GAP, FILL = vocabulary().id(Kind.GAP), vocabulary().id(Kind.FILL)


def first_pass(ids: np.ndarray) -> np.ndarray:
    """What stands before FILL."""
    return ids[: int(np.argmax(ids == FILL))]


def gaps_of(ids: np.ndarray) -> np.ndarray:
    """The bars that are left open."""
    before = first_pass(ids)
    return annotate(before).bar[before == GAP]


@given(scores(), st.integers(0, 500), st.integers(1, 600), st.integers(0, 100))
def test_a_crop_with_a_gap_is_music_and_fits(score, stop, max_tokens, seed):
    ids = encode(score).ids
    ids = ids[: max(4, stop)]
    made = with_gap(ids, max_tokens, np.random.default_rng(seed))
    assert len(made) <= max_tokens
    if vocabulary().id(Kind.FILL) in made:
        whole = decode(made)
        num_bars = len(bar_ends(made[: int(np.argmax(made == vocabulary().id(Kind.FILL)))]))
        assert whole == decode(ids[: bar_ends(ids)[num_bars - 1]])
    else:
        assert np.array_equal(made, ids[:max_tokens])


def test_gaps_are_of_whole_ranges_and_of_some_parts_and_mostly_inside() -> None:
    vocab = vocabulary()
    lengths, at_edge, whole = [], 0, 0
    for seed in range(400):
        made = with_gap(LONG_BAND, 2000, np.random.default_rng(seed))
        fill = int(np.flatnonzero(made == vocab.id(Kind.FILL))[0])
        gaps = annotate(made).bar[:fill][made[:fill] == vocab.id(Kind.GAP)]
        lengths.append(len(gaps))
        at_edge += gaps[0] == 0 or gaps[-1] == len(bar_ends(made[:fill])) - 1
        owner, bar = part_of_each(made[:fill]), annotate(made[:fill]).bar
        whole += (owner[np.isin(bar, gaps)] == -1).all()
    assert set(lengths) == set(range(1, 9))
    assert at_edge < 0.1 * 400
    assert 0.4 * 400 < whole < 0.6 * 400


def test_a_crop_of_few_bars_has_no_gap() -> None:
    ids = BAND[: bar_ends(BAND)[1]]
    for seed in range(10):
        assert np.array_equal(with_gap(ids, 500, np.random.default_rng(seed)), ids)


def test_gaps_may_be_longer() -> None:
    lengths = [
        len(gaps_of(with_gap(LONG_BAND, 4000, np.random.default_rng(seed), 13)))
        for seed in range(200)
    ]
    assert max(lengths) == 13


@given(scores(), st.integers(0, 500), st.integers(4, 600), st.integers(0, 100))
def test_near_gaps_are_music_and_fit(score: Score, stop: int, max_tokens: int, seed: int) -> None:
    ids = encode(score).ids[: max(4, stop)]
    made = near_gaps(ids, max_tokens, np.random.default_rng(seed))
    assert made
    assert sum(map(len, made)) <= max_tokens
    for one in made:
        if FILL in one:
            decode(one)


@pytest.mark.parametrize("max_bars", [3, 8])
def test_near_gaps_are_the_music_in_order_with_few_bars_around(max_bars: int) -> None:
    kinds = vocabulary().kind
    for seed in range(30):
        made = near_gaps(LONG_BAND, 10_000, np.random.default_rng(seed), max_bars)
        assert len(made) > 2
        bar = 0
        for ids in made:
            num_bars = len(bar_ends(first_pass(ids) if FILL in ids else ids))
            expected = decode(crop(LONG_BAND, bar, bar + num_bars))
            assert decode(ids) == expected
            bar += num_bars
        assert bar == len(bar_ends(LONG_BAND))
        for ids in made[:-1]:
            gaps = gaps_of(ids)
            num_bars = len(bar_ends(first_pass(ids)))
            assert 1 <= len(gaps) <= max_bars
            assert 1 <= gaps[0] <= 4
            assert 1 <= num_bars - 1 - gaps[-1] <= 4
            assert kinds[ids[-1]] == Kind.EOS


def test_a_part_is_left_open_to_the_end() -> None:
    from_the_start = 0
    for seed in range(60):
        made = with_part_open(LONG_BAND, 10_000, np.random.default_rng(seed))
        before, gaps = first_pass(made), gaps_of(made)
        num_bars = len(bar_ends(before))
        assert gaps.tolist() == list(range(gaps[0], num_bars))
        assert decode(made) == decode(LONG_BAND)
        (part,) = set(np.unique(part_of_each(made[len(before) :]))) - {-1}
        inside = np.isin(annotate(before).bar, gaps)
        assert part not in part_of_each(before)[inside]
        assert (part_of_each(before)[inside] >= 0).any()
        from_the_start += gaps[0] == 0
    assert 15 < from_the_start < 45


@given(scores(), st.integers(0, 500), st.integers(1, 600), st.integers(0, 100))
def test_an_open_part_is_music_and_fits(score: Score, stop: int, max_tokens: int, seed: int):
    ids = encode(score).ids[: max(4, stop)]
    made = with_part_open(ids, max_tokens, np.random.default_rng(seed))
    assert len(made) <= max_tokens
    if FILL in made:
        num_bars = len(bar_ends(first_pass(made)))
        assert decode(made) == decode(ids[: bar_ends(ids)[num_bars - 1]])
