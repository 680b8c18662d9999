"""The laws of the token format."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.errors import TokenError
from meloformer.score import bar_grid, quantise
from meloformer.tokens import (
    Cursor,
    Kind,
    State,
    annotate,
    crop,
    decode,
    encode,
    from_text,
    grammar,
    to_text,
    transposition,
    vocabulary,
)
from tests.strategies import legal_ids, scores


@given(scores())
def test_decoding_an_encoding_gives_the_quantised_score(score):
    assert decode(encode(score).ids) == quantise(score)


@given(scores())
def test_encoding_is_canonical(score):
    ids = encode(score).ids
    assert np.array_equal(encode(decode(ids)).ids, ids)


@given(scores())
def test_the_text_form_says_the_same(score):
    ids = encode(score).ids
    assert np.array_equal(from_text(to_text(ids)), ids)
    assert to_text(ids).count("\n") == encode(score).stream_bars[-1] + 2


@given(legal_ids())
def test_ids_drawn_under_the_grammar_decode(ids):
    decode(ids)


@given(scores())
def test_the_grammar_accepts_every_encoding(score):
    cursor = Cursor()
    for token in encode(score).ids.tolist():
        cursor.advance(token)
    assert cursor.state == State.END


@given(legal_ids(), st.integers(0, 10_000))
def test_the_cursor_says_of_each_token_what_annotate_says(ids, cut):
    ids = ids[: max(1, cut % (len(ids) + 1))]
    cursor = Cursor()
    rows = [cursor.advance(token) for token in ids.tolist()]
    whole = annotate(ids)
    columns = (whole.type, whole.bar, whole.part, whole.note, whole.onset)
    assert np.array_equal(np.array(rows).T, np.stack(columns))


@given(legal_ids(), st.integers(0, 10_000))
def test_annotations_look_only_backwards(ids, cut):
    cut = max(1, cut % (len(ids) + 1))
    whole, start = annotate(ids), annotate(ids[:cut])
    for name in ("type", "bar", "part", "note", "onset"):
        assert np.array_equal(getattr(whole, name)[:cut], getattr(start, name))


@given(scores(), st.integers(-6, 6))
def test_transposing_up_and_down_is_identity(score, semitones):
    ids = encode(score).ids
    moved = transposition(semitones)[ids]
    if not np.any(moved == vocabulary().id(Kind.PAD)):
        assert np.array_equal(transposition(-semitones)[moved], ids)


@given(scores(), st.integers(-6, 6))
def test_transposing_tokens_is_encoding_the_transposed_notes(score, semitones):
    ids = encode(score).ids
    moved = transposition(semitones)[ids]
    if not np.any(moved == vocabulary().id(Kind.PAD)):
        decoded = decode(moved)
        for before, after in zip(decode(ids).tracks, decoded.tracks, strict=True):
            shift = 0 if before.is_drum else semitones
            assert np.array_equal(before.notes[:, 2] + shift, after.notes[:, 2])


@given(scores(), st.data())
def test_a_crop_holds_the_notes_of_its_bars(score, data):
    encoding = encode(score)
    num_bars = int(encoding.stream_bars[-1])
    first = data.draw(st.integers(0, num_bars - 1))
    last = data.draw(st.integers(first + 1, num_bars + 1))
    part = crop(encoding.ids, first, last)
    whole = decode(encoding.ids)
    starts = bar_grid(whole).starts
    begin, end = starts[first], starts[min(last, num_bars)]
    cut = decode(part)
    assert cut.end_tick == end - begin
    expected = sum(
        int(((t.notes[:, 0] >= begin) & (t.notes[:, 0] < end)).sum()) for t in whole.tracks
    )
    assert cut.num_notes == expected
    assert (part[-1] == vocabulary().id(Kind.EOS)) == (last >= num_bars)


def test_a_stream_that_breaks_the_grammar_is_refused():
    with pytest.raises(TokenError, match="may not come after"):
        decode(from_text("BOS C TS_4/4 BPM_3 #P0 T0 K36 L1 V1 SUM EOS"))
    with pytest.raises(TokenError, match="middle of a bar"):
        decode(from_text("BOS C TS_4/4 BPM_3 #P0 T0 P36 L1 V1"))
    with pytest.raises(TokenError, match="after the end of its bar"):
        decode(from_text("BOS C TS_2/4 BPM_3 #P0 T24 P36 L1 V1 SUM EOS"))
    with pytest.raises(TokenError, match="`nonsense` in line 2"):
        from_text("BOS\nnonsense")
    with pytest.raises(TokenError, match="fills more"):
        decode(from_text("BOS GAP TS_2/4 BPM_3 SUM FILL C SUM C SUM EOS"))


def test_a_fill_is_put_where_its_gap_is():
    text = """BOS
        C TS_4/4 BPM_3 #P0 T0 P60 L12 V20 SUM
        GAP #P33 T0 P36 L48 V20 SUM
        G #P0 T0 P67 L12 V20 SUM
        FILL
        F #P0 T12 P65 L12 V20 SUM
        EOS"""
    bass, piano = decode(from_text(text)).tracks
    assert bass.notes[:, 0].tolist() == [48]
    assert piano.notes[:, 0].tolist() == [0, 48 + 12, 96]


def test_the_vocabulary_is_what_the_design_says():
    vocab = vocabulary()
    counts = {kind.name: int((vocab.kind == kind).sum()) for kind in Kind}
    assert counts["CHORD"] == 217
    assert counts["TEMPO"] == 32
    assert counts["ONSET"] == 96
    assert counts["DURATION"] == 64
    assert counts["VELOCITY"] == 32
    assert len(set(vocab.names)) == vocab.size == 899
    # Shipped weights depend on it: a change here orphans them.
    assert vocab.fingerprint == "7a3f42bdb8de3233"


def test_every_state_of_the_grammar_has_a_way_on():
    legal = grammar().legal
    for state in State:
        assert legal[state].any() or state == State.END
