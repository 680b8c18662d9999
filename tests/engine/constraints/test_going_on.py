from meloformer.engine.constraints import CurrentBar, LongestBar, MetresAndTempos, NoEnding
from tests.engine.constraints.drawing import allowed, cursor_after

NEXT_BAR = "BOS C TS_4/4 BPM_3 SUM C"


def test_music_does_not_end_by_itself():
    after_bar = allowed(NoEnding(), "BOS C TS_4/4 BPM_3 SUM")
    assert not {"EOS", "GAP", "FILL"} & after_bar
    assert "Am" in after_bar
    assert "GAP" not in allowed(NoEnding(), "BOS")


def test_metre_and_tempo_stay_but_a_stream_begins_with_its_own():
    head = allowed(MetresAndTempos(), NEXT_BAR)
    assert not {name for name in head if name.startswith(("TS", "BPM"))}
    assert {"#P0", "SUM"} <= head
    assert not {"BPM_4", "BPM_2"} & allowed(MetresAndTempos(), f"{NEXT_BAR} TS_3/4")
    assert "TS_4/4" in allowed(MetresAndTempos(), "BOS C")
    assert "BPM_3" in allowed(MetresAndTempos(), "BOS C TS_4/4")


def test_a_bar_that_is_too_long_takes_no_further_note_but_begins_what_must_still_play():
    text = "BOS C TS_4/4 BPM_3 #P0 T0 P60 L12 V20"
    longest = LongestBar(10)
    assert "T0" in allowed(longest, text, CurrentBar(0, 10))
    after = allowed(longest, text, CurrentBar(0, 11))
    assert not {name for name in after if name.startswith("T")}
    assert {"SUM", "#P1"} <= after
    assert "T0" in allowed(longest, f"{text} #P1", CurrentBar(0, 11))


def test_tokens_of_a_bar_are_counted_from_its_chord():
    bar, state = CurrentBar(2, 7), cursor_after("BOS C TS_4/4 BPM_3 SUM").state
    assert bar.after(state) == CurrentBar(3, 0)
    assert bar.after(cursor_after("BOS C").state) == CurrentBar(2, 8)
