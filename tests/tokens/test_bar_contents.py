from hypothesis import given

from meloformer.tokens import Cursor, encode
from meloformer.tokens.bar_contents import bar_contents
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
