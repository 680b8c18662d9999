import numpy as np

from meloformer.engine.constraints import Choice, LeavingAsOften
from meloformer.tokens import vocabulary
from tests.engine.constraints.drawing import BAR, cursor_after

AFTER_NOTE = "BOS C TS_4/4 BPM_3 #P0 T0 P60 L12 V20"
STAY, CLOSE, LEAVE = (vocabulary().id_of[name] for name in ("T0", "SUM", "#P1"))


def choice(legal: list[int]) -> Choice:
    """Staying is as likely as the two ways of leaving together."""
    logits = np.full(vocabulary().size, -100.0, dtype=np.float32)
    logits[[STAY, CLOSE, LEAVE]] = np.log([0.5, 0.3, 0.2])
    return Choice(logits, np.isin(np.arange(len(logits)), legal))


def test_a_part_is_left_as_often_as_the_model_wants_even_if_elsewhere():
    before = choice([STAY, LEAVE])
    bias = LeavingAsOften().bias(cursor_after(AFTER_NOTE), BAR, before)
    shares = np.exp(before.logits + bias)
    assert np.allclose(shares[[STAY, LEAVE]], [0.5, 0.3 + 0.2], atol=1e-6)
    assert np.flatnonzero(bias).tolist() == [LEAVE]


def test_where_all_ways_of_leaving_are_legal_none_is_raised():
    leaving = [token for token, name in enumerate(vocabulary().names) if name[0] == "#"]
    before = choice([STAY, CLOSE, *leaving])
    bias = LeavingAsOften().bias(cursor_after(AFTER_NOTE), BAR, before)
    assert not bias.any()


def test_nothing_is_raised_where_a_part_cannot_be_left():
    assert LeavingAsOften().bias(cursor_after(AFTER_NOTE), BAR, choice([STAY])) is None
