import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from meloformer.engine.constraints import Instrumentation, NoEnding, TokenGrammar
from meloformer.score import Part
from meloformer.tokens import Cursor, Kind, annotate, vocabulary
from tests.engine.constraints.drawing import PARTS, allowed, draw_bars

HEAD = "BOS C TS_4/4 BPM_3"
NOTE = "T0 P60 L12 V20"


def parts_and_sum(instrumentation, text):
    return {name for name in allowed(instrumentation, text) if name[0] == "#" or name == "SUM"}


@given(
    st.frozensets(PARTS, min_size=1, max_size=4),
    st.frozensets(PARTS, max_size=3),
    st.integers(0, 2**32),
)
def test_parts_that_must_play_do_in_every_bar_and_no_others_than_may(may, must, seed):
    constraints = (TokenGrammar(), NoEnding(), Instrumentation(may_play=may, must_play=must))
    ids = draw_bars(constraints, Cursor(), 4, np.random.default_rng(seed))
    notes = annotate(ids)
    begins = vocabulary().kind[ids] == Kind.ONSET
    for bar in range(4):
        played = {Part.from_number(n) for n in notes.part[begins & (notes.bar == bar)].tolist()}
        assert must <= played <= may | must


def test_a_part_that_must_play_is_not_passed_by():
    band = Instrumentation(may_play=[Part(0), Part(40)], must_play=[Part(33)])
    assert parts_and_sum(band, HEAD) == {"#P33"}
    assert parts_and_sum(band, f"{HEAD} #P33 {NOTE}") == {"#P0", "#P40", "SUM"}
    assert parts_and_sum(band, f"{HEAD} #P33 {NOTE} #P40 {NOTE}") == {"SUM"}


def test_an_instance_that_may_not_play_is_not_begun():
    pianos = Instrumentation(may_play=[Part(0, 2), Part(0, 4)], must_play=[Part(0, 2)])
    assert allowed(pianos, f"{HEAD} #P0") == {"@2"}
    assert allowed(pianos, f"{HEAD} #P0 @2 {NOTE} #P0") == {"@4"}
    alone = allowed(Instrumentation(may_play=[Part(0)]), f"{HEAD} #P0")
    assert "T0" in alone
    assert not {"@2", "@3"} & alone


def test_a_part_that_stays_in_a_gap_is_not_asked_for_again():
    band = Instrumentation(may_play=[Part(0)], must_play=[Part(33)])
    opened = f"BOS GAP TS_4/4 BPM_3 #P33 {NOTE} SUM FILL C"
    assert parts_and_sum(band, opened) == {"#P0", "SUM"}
