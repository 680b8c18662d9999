import numpy as np
import pytest

from meloformer.engine.constraints import Choice, CurrentBar, OwnDensity
from meloformer.engine.constraints.leaving import LEAVING
from meloformer.engine.handles.note_rates import rates_with_rests
from meloformer.tokens import Cursor, Kind, encode, vocabulary
from meloformer.tokens.cursor import AFTER_NOTE
from tests.engine.handles.music import trio

ONSETS = vocabulary().span(Kind.ONSET)
SUM = vocabulary().id(Kind.SUM)
FIRST, BAR = 2, 5
"""The first bar that counts as written, and the one being written."""


def after_a_note() -> Cursor:
    """Return a cursor in the fifth bar, after the first note of a part."""
    cursor = Cursor()
    for token in encode(trio()).ids.tolist():
        cursor.advance(token)
        if cursor.bar == BAR and cursor.state in AFTER_NOTE:
            return cursor
    raise AssertionError


def choice(cursor: Cursor, seed: int = 0) -> Choice:
    logits = np.random.default_rng(seed).normal(0, 2, vocabulary().size).astype(np.float32)
    legal = np.zeros(len(logits), dtype=bool)
    legal[ONSETS.start + cursor.onset : ONSETS.stop : 3] = True
    legal[LEAVING[[0, 1, 8, 9]]] = True
    return Choice(logits, legal)


def chances(of: Choice, bias: np.ndarray | None) -> np.ndarray:
    logits = np.where(of.legal, of.logits + (0 if bias is None else bias), -np.inf)
    odds = np.exp(logits.astype(np.float64))
    return odds / odds.sum()


def density(times_as_full: float) -> OwnDensity:
    """Return the constraint for a piece so much fuller than what is written."""
    encoding = encode(trio())
    rates = rates_with_rests(encoding, FIRST, BAR)
    return OwnDensity({part: rate * times_as_full for part, rate in rates.items()})


def test_rates_count_rests():
    encoding = encode(trio())
    rates = rates_with_rests(encoding, 0, encoding.num_bars)
    notes = int((vocabulary().kind[encoding.ids] == Kind.ONSET).sum())
    cursor = after_a_note()
    assert sum(rates.values()) * encoding.num_bars * cursor.bar_ticks == pytest.approx(notes)


@pytest.mark.parametrize(("as_full", "sign"), [(0.3, -1), (3.0, 1)])
def test_notes_come_sooner_where_there_were_few_and_later_where_there_were_many(as_full, sign):
    cursor = after_a_note()
    of = choice(cursor)
    before = chances(of, None)
    after = chances(of, density(as_full).bias(cursor, CurrentBar(BAR - FIRST), of))
    onsets = np.flatnonzero(of.legal[ONSETS]) + ONSETS.start
    mean = [(one[onsets] * onsets).sum() / one[onsets].sum() for one in (before, after)]
    ends = [one[SUM] for one in (before, after)]
    leaves = [one[LEAVING].sum() for one in (before, after)]
    assert np.sign(mean[0] - mean[1]) == np.sign(ends[0] - ends[1]) == sign
    assert np.sign(leaves[0] - leaves[1]) == sign


def test_the_chance_that_nothing_comes_up_to_each_place_is_taken_to_one_power():
    cursor = after_a_note()
    of = choice(cursor)
    after = chances(of, density(3.0).bias(cursor, CurrentBar(BAR - FIRST), of))
    onsets = np.flatnonzero(of.legal[ONSETS]) + ONSETS.start
    left = [1 - np.cumsum(one[onsets])[:-1] for one in (chances(of, None), after)]
    powers = np.log(left[1]) / np.log(left[0])
    np.testing.assert_allclose(powers, powers[0], rtol=1e-4)
    assert powers[0] > 1.5


def test_where_there_are_too_many_notes_no_part_is_passed_over_for_it():
    cursor = after_a_note()
    of = choice(cursor)
    before, after = (
        chances(of, bias) for bias in (None, density(0.3).bias(cursor, CurrentBar(BAR - FIRST), of))
    )
    leaving = LEAVING[of.legal[LEAVING]]
    np.testing.assert_allclose(
        after[leaving] / after[leaving].sum(), before[leaving] / before[leaving].sum(), rtol=1e-4
    )


def test_what_is_about_as_full_is_left_alone_and_so_is_the_first_bar():
    cursor = after_a_note()
    of = choice(cursor)
    assert density(1.0).bias(cursor, CurrentBar(BAR - FIRST), of) is None
    assert density(3.0).bias(cursor.copy(), CurrentBar(0), of) is None


def test_parts_that_are_new_are_left_alone():
    cursor = after_a_note()
    assert OwnDensity({}).bias(cursor, CurrentBar(3), choice(cursor)) is None
