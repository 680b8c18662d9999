from meloformer.engine.constraints import CurrentBar, ForcedChords
from meloformer.score.chords import parse_chords
from tests.engine.constraints.drawing import allowed

BAR_END = "BOS C TS_4/4 BPM_3 SUM"


def test_chords_come_bar_by_bar_and_begin_again():
    chords = ForcedChords(parse_chords("Am F"))
    found = [allowed(chords, BAR_END, CurrentBar(number)) for number in range(3)]
    assert found == [{"Am"}, {"F"}, {"Am"}]
    assert allowed(chords, "BOS GAP TS_4/4 BPM_3 SUM FILL") == {"Am"}


def test_a_bar_without_a_chord_asked_for_is_free():
    for chords in (ForcedChords([None, 3]), ForcedChords([])):
        assert {"C", "Am", "F"} <= allowed(chords, BAR_END, CurrentBar(2))
