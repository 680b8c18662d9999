from meloformer.engine.constraints import CurrentBar, ForcedChords
from meloformer.tokens import vocabulary
from tests.engine.constraints.drawing import cursor_after, names

BAR_END = "BOS C TS_4/4 BPM_3 SUM"


def test_chords_come_bar_by_bar_and_begin_again():
    chords = ForcedChords([vocabulary().value[vocabulary().id_of[name]] for name in ("Am", "F")])
    cursor = cursor_after(BAR_END)
    found = [names(chords.mask(cursor, CurrentBar(number))) for number in range(3)]
    assert found == [{"Am"}, {"F"}, {"Am"}]
    filling = cursor_after("BOS GAP TS_4/4 BPM_3 SUM FILL")
    assert names(chords.mask(filling, CurrentBar())) == {"Am"}


def test_a_bar_without_a_chord_asked_for_is_free():
    cursor = cursor_after(BAR_END)
    assert ForcedChords([None, 3]).mask(cursor, CurrentBar(2)) is None
    assert ForcedChords([]).mask(cursor, CurrentBar()) is None


def test_nothing_is_said_inside_a_bar():
    assert ForcedChords([3]).mask(cursor_after(f"{BAR_END} C"), CurrentBar()) is None
