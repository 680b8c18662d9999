import numpy as np
import pytest

from meloformer.engine.constraints import Choice, CurrentBar, OwnSimilarity
from meloformer.engine.constraints.onsets import BEFORE_ONSET
from meloformer.engine.constraints.own_similarity import (
    DISTANCES,
    FEWEST_PAIRS,
    expected_similarity,
    notes_of,
    own_similarity,
)
from meloformer.evaluation.study.bars import bars_of
from meloformer.evaluation.study.similarity import notes_by_bar, similarity_curve
from meloformer.score import quantise
from meloformer.tokens import Cursor, Kind, bar_ends, crop, encode, vocabulary
from meloformer.tokens.bar_contents import bar_contents
from tests.engine.handles.music import trio

SEAM = 5


@pytest.fixture
def contents():
    return bar_contents(encode(trio()).ids, 0, 6)


def test_bars_are_compared_as_the_study_compares_them(contents):
    bars = notes_by_bar(bars_of(quantise(trio())))
    assert tuple(map(notes_of, contents)) == bars
    curve = similarity_curve(bars)
    known = {k: pytest.approx(curve[k - 1]) for k in (1, 2)}
    assert own_similarity(contents) == known
    assert FEWEST_PAIRS > 6 - 4  # six bars say nothing of a distance of four


def test_something_is_expected_at_every_distance_and_more_where_more_is_repeated():
    assert expected_similarity({}) == {}
    little, much = (expected_similarity({1: one, 2: one}) for one in (0.1, 0.6))
    assert list(little) == list(much) == list(DISTANCES)
    assert all(0 < little[distance] < much[distance] < 0.6 for distance in DISTANCES)
    assert expected_similarity({1: 0.1, 4: 0.5})[4] > expected_similarity({1: 0.1, 4: 0.3})[4]


@pytest.mark.parametrize(("target", "sign"), [(0.0, -1), (1.0, 1)])
def test_what_repeats_too_much_is_drawn_away_and_what_repeats_too_little_back(
    contents, target, sign
):
    ids = encode(trio()).ids
    window = crop(ids, 0, SEAM + 1)[: bar_ends(ids)[SEAM]]
    cursor, vocab = Cursor(), vocabulary()
    for token in window.tolist():
        cursor.advance(token)
    choice = Choice(np.zeros(vocab.size, np.float32), np.ones(vocab.size, dtype=bool))
    constraint = OwnSimilarity({1: target}, contents[:SEAM])
    chord = vocab.id(Kind.CHORD, contents[SEAM].chord)
    bias = constraint.bias(cursor, CurrentBar(1), choice)
    assert np.sign(bias[chord]) == sign
    first = constraint.bias(cursor.copy(), CurrentBar(0), choice)
    assert not first.any(), "nothing is written yet that could be made up for"


def test_a_rhythm_is_drawn_to_and_never_away(contents):
    cursor, vocab = Cursor(), vocabulary()
    onsets = vocab.span(Kind.ONSET)
    choice = Choice(np.zeros(vocab.size, np.float32), np.ones(vocab.size, dtype=bool))
    near, far = (OwnSimilarity({1: target}, contents[:3]) for target in (1.0, 0.0))
    is_drawn = False
    for token in encode(trio()).ids.tolist():
        cursor.advance(token)
        if cursor.bar > 3 and cursor.state in BEFORE_ONSET:
            bar = CurrentBar(cursor.bar - 3)
            is_drawn |= near.bias(cursor, bar, choice)[onsets].any()
            assert not far.bias(cursor, bar, choice)[onsets].any()
    assert is_drawn


def test_a_stream_is_not_taken_for_another(contents):
    constraint = OwnSimilarity({1: 0.0}, contents[:SEAM])
    choice = Choice(np.zeros(vocabulary().size, np.float32), np.ones(vocabulary().size, bool))
    found = []
    for token_count in (SEAM, SEAM + 1):
        cursor = Cursor()
        ids = encode(trio()).ids
        for token in ids[: bar_ends(ids)[token_count - 1]].tolist():
            cursor.advance(token)
        found.append(constraint.bias(cursor, CurrentBar(token_count - SEAM), choice).any())
    assert found == [False, True]
