import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from meloformer.score import Part
from meloformer.tokens import (
    Cursor,
    Kind,
    State,
    annotate,
    bar_ends,
    crop,
    decode,
    encode,
    from_text,
    to_text,
    vocabulary,
)
from meloformer.tokens.infill import added_tokens, leave_open, part_of_each, second_pass
from tests.strategies import scores

PIECE = from_text("""BOS
    C TS_4/4 BPM_3  #P33 T0 P36 L48 V20  #P0 T0 P60 L12 V20  #P0 @2 T0 P48 L12 V20  SUM
    F TS_3/4  #P33 T0 P41 L36 V20  #P0 T0 P65 L12 V20  #P0 @2 T0 P53 L12 V20  SUM
    G  #P33 T0 P43 L36 V20  SUM
    C  #P0 T0 P60 L12 V20  SUM
    EOS""")


@st.composite
def openings(draw):
    """A piece, a range of its bars and, perhaps, some of the parts that play in it."""
    ids = encode(draw(scores())).ids
    num_bars = len(bar_ends(ids))
    first = draw(st.integers(0, num_bars - 1))
    last = draw(st.integers(first + 1, num_bars))
    numbers = sorted(set(part_of_each(ids).tolist()) - {-1})
    parts = draw(st.none() | st.sets(st.sampled_from(numbers), min_size=1))
    return ids, first, last, parts


@given(openings())
def test_music_with_bars_left_open_is_the_same_music(opening):
    ids, first, last, parts = opening
    assert decode(leave_open(ids, first, last, parts)) == decode(ids)


@given(openings())
def test_the_second_pass_alone_is_what_was_taken_out(opening):
    ids, first, last, parts = opening
    bars = crop(ids, first, last)
    owner = part_of_each(bars)
    chosen = np.ones(len(bars), bool) if parts is None else np.isin(owner, [-1, *parts])
    chosen &= bars != vocabulary().id(Kind.EOS)
    assert np.array_equal(second_pass(leave_open(ids, first, last, parts)), bars[chosen])


def test_an_unfinished_bar_is_no_part_of_the_second_pass():
    made = leave_open(PIECE, 1, 3)
    end = int(bar_ends(made)[-2])
    assert to_text(second_pass(made[: end + 3])) == to_text(crop(PIECE, 1, 2))


@given(openings())
def test_the_cursor_accepts_every_stream_with_bars_left_open(opening):
    cursor = Cursor()
    for token in leave_open(*opening).tolist():
        cursor.advance(token)
    assert cursor.state == State.END


@given(openings())
def test_what_is_chosen_comes_after_fill_and_all_else_before(opening):
    ids, first, last, parts = opening
    made = leave_open(ids, first, last, parts)
    note = annotate(made)
    fill = int(np.flatnonzero(made == vocabulary().id(Kind.FILL))[0])
    owner = part_of_each(made)
    gap = np.flatnonzero(made[:fill] == vocabulary().id(Kind.GAP))
    assert note.bar[gap].tolist() == list(range(first, last))
    inside = (note.bar >= first) & (note.bar < last) & (owner >= 0)
    chosen = owner >= 0 if parts is None else np.isin(owner, list(parts))
    after = np.arange(len(made)) > fill
    assert np.array_equal(after[inside], chosen[inside])
    assert len(made) == len(ids) - 1 + added_tokens(last - first)


@given(scores(), st.data())
def test_an_unfinished_bar_is_cut_off(score, data):
    ids = encode(score).ids
    ends = bar_ends(ids)
    stop = data.draw(st.integers(int(ends[0]), len(ids)))
    num_bars = int(np.searchsorted(ends, stop, side="right"))
    first = data.draw(st.integers(0, num_bars - 1))
    made = leave_open(ids[:stop], first, num_bars)
    assert decode(made) == decode(ids[: ends[num_bars - 1]])


def test_a_range_is_left_open_whole():
    expected = """BOS
        C TS_4/4 BPM_3  #P33 T0 P36 L48 V20  #P0 T0 P60 L12 V20  #P0 @2 T0 P48 L12 V20  SUM
        GAP TS_3/4 SUM
        GAP SUM
        C  #P0 T0 P60 L12 V20  SUM
        FILL
        F  #P33 T0 P41 L36 V20  #P0 T0 P65 L12 V20  #P0 @2 T0 P53 L12 V20  SUM
        G  #P33 T0 P43 L36 V20  SUM
        EOS"""
    assert to_text(leave_open(PIECE, 1, 3)) == to_text(from_text(expected))


def test_chosen_parts_of_a_range_are_left_open_and_a_bar_in_which_they_rest_too():
    expected = """BOS
        GAP TS_4/4 BPM_3  #P33 T0 P36 L48 V20  #P0 T0 P60 L12 V20  SUM
        GAP TS_3/4  #P33 T0 P41 L36 V20  #P0 T0 P65 L12 V20  SUM
        GAP  #P33 T0 P43 L36 V20  SUM
        C  #P0 T0 P60 L12 V20  SUM
        FILL
        C  #P0 @2 T0 P48 L12 V20  SUM
        F  #P0 @2 T0 P53 L12 V20  SUM
        G  SUM
        EOS"""
    made = leave_open(PIECE, 0, 3, {Part(0, 2).number})
    assert to_text(made) == to_text(from_text(expected))


@given(scores(), st.data())
def test_a_header_goes_with_its_notes(score, data):
    ids = encode(score).ids
    first = data.draw(st.integers(0, len(bar_ends(ids)) - 1))
    part = crop(ids, first, first + 1)
    notes = vocabulary().kind[part] >= Kind.ONSET
    owner = part_of_each(part)
    assert np.array_equal(owner[notes], annotate(part).part[notes])
    headers = np.isin(vocabulary().kind[part], (Kind.PROGRAM, Kind.INSTANCE))
    following = np.flatnonzero(headers) + 1
    assert np.array_equal(owner[following - 1], owner[following])
    assert (owner[~notes & ~headers] == -1).all()
