from hypothesis import given

from meloformer.score.grid import DURATION_TICKS
from meloformer.tokens import Cursor, State, encode
from meloformer.tokens.bar_contents import bar_contents
from meloformer.tokens.cursor import AFTER_ONSET
from tests.strategies import scores


@given(scores())
def test_a_cursor_finds_the_contents_of_bars_that_are_found_all_at_once(score):
    encoding = encode(score)
    cursor = Cursor()
    for token in encoding.ids.tolist():
        cursor.advance(token)
    num_bars = int(encoding.stream_bars[-1])
    assert [cursor.contents.of(bar) for bar in range(num_bars)] == bar_contents(
        encoding.ids, 0, num_bars
    )


def test_a_copy_of_a_cursor_keeps_contents_of_its_own():
    cursor = Cursor()
    other = cursor.copy()
    other.contents.begin(0, 5)
    assert other.contents.of(0).chord == 5
    assert cursor.contents.of(0).chord == -1


@given(scores())
def test_a_cursor_knows_where_bars_begin_and_which_pitches_are_taken(score):
    encoding = encode(score)
    cursor, starts, sounding = Cursor(), [0], {}
    for token in encoding.ids.tolist():
        if cursor.state in AFTER_ONSET:
            now = cursor.start
            held = {
                pitch
                for (part, pitch), end in sounding.items()
                if part == cursor.part and end > now
            }
            assert cursor.taken_pitches(1) == held
        before = cursor.bar
        cursor.advance(token)
        if cursor.state in (State.VELOCITY, State.DRUM_VELOCITY):
            note = cursor.contents.of(cursor.bar).notes[cursor.part][-1]
            end = cursor.start + int(DURATION_TICKS[note.duration_step])
            sounding[cursor.part, note.pitch] = max(end, sounding.get((cursor.part, note.pitch), 0))
        if cursor.bar != before:
            starts.append(cursor.bar_start(cursor.bar))
    if len(starts) > 1:
        ticks = starts[-1] - starts[-2]
        assert [cursor.bar_start(bar) for bar in range(len(starts))] == starts
        assert cursor.bar_start(len(starts) + 1) == starts[-1] + 2 * ticks
