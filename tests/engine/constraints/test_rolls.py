import numpy as np
import pytest

from meloformer.engine.constraints import Choice, CurrentBar, NoRolls
from meloformer.engine.constraints.rolls import is_roll
from meloformer.tokens import Kind, vocabulary
from meloformer.tokens.bar_contents import BarNote
from tests.engine.constraints.drawing import cursor_after

HEAD = "BOS C TS_4/4 BPM_3 #D"


def places_left(drums: str, number: int = 0) -> list[int]:
    """Return where the next drum may be struck after `T0 K36` and the like."""
    cursor = cursor_after(f"{HEAD} {drums}")
    choice = Choice(np.zeros(vocabulary().size, np.float32), cursor.legal())
    bias = NoRolls().bias(cursor, CurrentBar(number), choice)
    legal = choice.legal if bias is None else choice.legal & (bias > -1)
    return np.flatnonzero(legal[vocabulary().span(Kind.ONSET)]).tolist()


def test_a_third_strike_alone_comes_a_quarter_after_the_first():
    assert places_left("T0 K38 L1 V9 T3 K38 L1 V9") == [3, *range(12, 48)]
    assert places_left("T0 K38 L1 V9 T3 K45 L1 V9") == [3, *range(12, 48)]
    assert places_left("T0 K36 L1 V9 T12 K38 L1 V9") == list(range(12, 48))


@pytest.mark.parametrize(
    "drums", ["T0 K42 L1 V9 T3 K42 L1 V9", "T0 K36 L1 V9 T3 K38 L1 V9 T3 K42 L1 V9"]
)
def test_cymbals_and_what_is_struck_with_them_are_free(drums):
    assert places_left(drums) == list(range(3, 48))


def test_the_second_half_of_a_phrases_last_bar_may_have_a_fill():
    early, late = "T0 K38 L1 V9 T3 K38 L1 V9", "T24 K38 L1 V9 T27 K38 L1 V9"
    assert places_left(early, number=3) == [3, *range(12, 48)]
    assert places_left(late, number=3) == list(range(27, 48))
    assert places_left(late, number=4) == [27, *range(36, 48)]


def test_a_roll_is_three_strikes_alone_within_a_quarter():
    def bar(*notes: tuple[int, int]) -> list[BarNote]:
        return [BarNote(onset, pitch, 0, 9) for onset, pitch in notes]

    assert is_roll(bar((0, 38), (3, 38), (6, 50)))
    assert not is_roll(bar((0, 38), (6, 38), (12, 38)))
    assert not is_roll(bar((0, 38), (3, 38), (3, 42), (6, 38)))
    assert not is_roll([])
