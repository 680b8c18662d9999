from meloformer.engine.constraints import WithinReach, reach_of
from meloformer.score import Part, Track, note_array
from meloformer.tokens import encode
from tests.engine.constraints.drawing import allowed, reach_on

HEAD = "BOS C TS_4/4 BPM_3"


def legal(reach, text):
    return allowed(WithinReach(reach), text)


def test_pitches_are_within_reach_and_ascend_at_one_onset():
    reach = {Part(0): reach_on([60, 62, 70]), Part(128): reach_on([36, 42])}
    assert legal(reach, f"{HEAD} #P0 T0") == {"P60", "P62", "P70"}
    assert legal(reach, f"{HEAD} #P0 T0 P60 L12 V20 T0") == {"P62", "P70"}
    assert legal(reach, f"{HEAD} #D T0") == {"K36", "K42"}
    assert len(legal(reach, f"{HEAD} #P1 T0")) == 128
    assert len(legal(reach, f"{HEAD} #P0 @2 T0")) == 128


def test_after_the_highest_pitch_within_reach_no_note_begins_at_this_onset():
    reach = {Part(0): reach_on([60, 62])}
    assert "T5" in legal(reach, f"{HEAD} #P0 T5 P60 L12 V20")
    after = legal(reach, f"{HEAD} #P0 T5 P62 L12 V20")
    assert not {"T4", "T5"} & after
    assert {"T6", "SUM", "#P1"} <= after


def test_a_chord_grows_no_thicker_than_its_part_has_ever_played(score):
    chords = Track("", 48, False, note_array([(0, 480, 60 + n, 80) for n in range(2)]))
    reach = reach_of(encode(score.with_tracks((chords,))), [Part(48)])
    opening = f"{HEAD} #P48 T12 P60 L12 V20"
    assert "T12" in legal(reach, opening)
    after = legal(reach, f"{opening} T12 P62 L12 V20")
    assert "T12" not in after
    assert {"T13", "SUM"} <= after


def test_reach_is_a_fourth_beyond_what_was_played_or_where_a_new_part_is_at_home(score):
    reach = reach_of(encode(score), [Part(33), Part(128), Part(40)])
    assert reach[Part(33)].pitches.nonzero()[0].tolist() == list(range(31, 42))
    assert reach[Part(33)].together == 1
    assert reach[Part(128)].pitches.nonzero()[0].tolist() == [42]
    assert reach[Part(40)].pitches.nonzero()[0].tolist() == list(range(55, 97))
    assert reach[Part(40)].together == 128
