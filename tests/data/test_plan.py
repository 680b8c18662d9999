from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.data.config import LoaderConfig
from meloformer.data.plan import INSERTED_TOKENS, EpochPlan, best_fit, draw_documents, plan_epoch
from meloformer.data.shards import DocumentSet, Shards
from meloformer.errors import DataError

CONTEXT = 256
LEAST = 64


def lengths_only(**sets: Sequence[int]) -> Shards:
    """Shards of documents without tokens: a plan does not look at them."""
    lengths = np.concatenate([np.asarray(one, dtype=np.int64) for one in sets.values()])
    return Shards(
        np.zeros(0, dtype=np.uint16),
        np.concatenate(([0], np.cumsum(lengths))),
        tuple(
            DocumentSet(name, "", "", len(one), int(np.sum(one)), 0) for name, one in sets.items()
        ),
    )


def corpus(num_documents: int = 400, seed: int = 0) -> Shards:
    rng = np.random.default_rng(seed)
    return lengths_only(all=rng.lognormal(6, 0.9, num_documents).astype(np.int64) + 20)


def units(plan: EpochPlan) -> list[list[tuple[int, int, int]]]:
    return [plan.row(place) for place in range(plan.num_rows)]


@given(
    st.lists(st.integers(20, 1500), min_size=1, max_size=60),
    st.sampled_from([64, 100, 256, 1024]),
    st.integers(0, 5),
)
def test_rows_hold_every_document_and_never_too_much(lengths, context, epoch):
    least = min(LEAST, context // 4)
    shards = lengths_only(all=lengths)
    plan = plan_epoch(shards, LoaderConfig(context_tokens=context, opening=0.3), epoch)
    heard = [np.zeros(length, dtype=np.int64) for length in lengths]
    for row in units(plan):
        assert 0 < sum(tokens for _, _, tokens in row) <= context
        for document, start, tokens in row:
            assert tokens >= min(least, lengths[document])
            heard[document][start : start + tokens - INSERTED_TOKENS * (start > 0)] += 1
            if lengths[document] <= context:
                assert (start, tokens) == (0, lengths[document])
    for times, length in zip(heard, lengths, strict=True):
        missed = int((times == 0).sum())
        stretches = 2 + length // least  # each of which may have been too short to keep
        assert missed == 0 if length <= context else missed < least * stretches
        assert (times > 1).sum() <= INSERTED_TOKENS
    assert (np.sort(plan.order) == np.arange(plan.num_rows)).all()


def test_a_plan_is_a_pure_function_of_seed_and_epoch():
    shards, config = corpus(), LoaderConfig(context_tokens=CONTEXT)
    plans = [plan_epoch(shards, config, epoch) for epoch in (3, 3, 4)]
    plans.append(plan_epoch(shards, LoaderConfig(context_tokens=CONTEXT, seed=1), 3))
    first, again, *others = map(units, plans)
    assert first == again
    seams = {unit[:2] for row in first for unit in row if unit[1] > 0}
    for other in others:
        assert first[:3] != other[:3]
        same = seams & {unit[:2] for row in other for unit in row}
        assert len(same) < 0.1 * len(seams)  # pieces are cut elsewhere


def test_rows_are_planned_full():
    lengths = np.diff(corpus(3000).offsets)
    for context in (256, 1024, 2048):
        plan = plan_epoch(lengths_only(all=lengths), LoaderConfig(context_tokens=context), 0)
        assert plan.tokens.sum() > 0.97 * context * plan.num_rows
        assert plan.tokens.sum() > 0.97 * lengths.sum()


@pytest.mark.parametrize("opening", [0.0, 0.5, 1.0])
def test_some_long_pieces_start_a_row_of_their_own(opening):
    shards = lengths_only(all=[2000] * 300)
    plan = plan_epoch(shards, LoaderConfig(context_tokens=CONTEXT, opening=opening), 0)
    full = sum(row[0][1:] == (0, CONTEXT) for row in units(plan))
    assert full / 300 == pytest.approx(opening, abs=0.1)


@given(st.lists(st.integers(1, 200), max_size=80), st.integers(0, 9))
def test_best_fit_equals_a_plain_search_for_the_fullest_row(lengths, seed):
    row_of, left = best_fit(np.array(lengths, dtype=np.int64), 200, np.random.default_rng(seed))
    noise = np.random.default_rng(seed).uniform(0.8, 1.0, len(lengths))
    expected: list[int] = []
    for index in np.argsort(-np.array(lengths, dtype=np.int64) * noise):
        fitting = [room for room in expected if room >= lengths[index]]
        if fitting:
            expected.remove(min(fitting))
        expected.append((min(fitting) if fitting else 200) - lengths[index])
    assert sorted(left.tolist()) == sorted(expected)
    filled = np.bincount(row_of, lengths, len(left)) if lengths else np.zeros(0)
    assert np.array_equal(200 - filled, left)


def test_sets_get_their_share_of_an_epoch_as_long_as_the_corpus():
    shards = lengths_only(much=[500] * 300, little=[300] * 50, none=[100] * 100)
    config = LoaderConfig(shares={"much": 0.6, "little": 0.4, "none": 0.0})
    drawn = draw_documents(shards, config, 2)
    tokens = np.diff(shards.offsets)[drawn]
    assert tokens.sum() == pytest.approx(shards.offsets[-1], rel=0.01)
    assert tokens[drawn < 300].sum() / tokens.sum() == pytest.approx(0.6, abs=0.01)
    assert drawn.max() < 350


def test_every_piece_of_a_set_is_heard_equally_often():
    shards = lengths_only(a=range(100, 400), b=range(50, 90))
    config = LoaderConfig(shares={"a": 0.5, "b": 0.5})
    times: Counter[int] = Counter()
    for epoch in range(7):
        times.update(draw_documents(shards, config, epoch).tolist())
        for documents in (range(300), range(300, 340)):
            counts = [times[document] for document in documents]
            assert max(counts) - min(counts) <= 1


def test_without_shares_an_epoch_is_every_piece_once():
    shards = lengths_only(a=range(100, 150), b=range(50, 90))
    for epoch in (0, 1, 1000):
        drawn = draw_documents(shards, LoaderConfig(), epoch)
        assert np.array_equal(np.sort(drawn), np.arange(90))


def test_shares_that_leave_nothing_are_refused():
    with pytest.raises(DataError, match="no document set"):
        plan_epoch(corpus(), LoaderConfig(shares={"all": 0.0}), 0)
