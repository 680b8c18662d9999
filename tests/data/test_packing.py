import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from meloformer.data.packing import NOT_SCORED, Batch, pack
from meloformer.tokens import Kind, annotate, encode, from_text, vocabulary
from tests.corpus.small_corpus import small_score
from tests.strategies import legal_ids


@st.composite
def rows(draw):
    """Rows of streams with and without gaps, cut anywhere."""
    lengths = st.integers(1, 150)
    stream = st.builds(lambda ids, cut: ids[:cut], legal_ids(max_tokens=120), lengths)
    return draw(st.lists(st.lists(stream, max_size=3), min_size=1, max_size=3))


@given(rows())
def test_packed_streams_are_annotated_as_if_each_stood_alone(rows):
    batch = Batch(*pack(rows, 450))
    for row, streams in enumerate(rows):
        assert int(batch.doc[row].max()) == len(streams) - 1
        for document, ids in enumerate(streams):
            where = batch.doc[row] == document
            alone = annotate(ids)
            assert np.array_equal(batch.ids[row][where], ids)
            assert batch.targets[row][where].tolist() == [*ids[1:].tolist(), NOT_SCORED]
            for name in ("type", "bar", "part", "note", "onset"):
                assert np.array_equal(getattr(batch, name)[row][where], getattr(alone, name))


def test_padding_is_marked_in_every_array() -> None:
    ids = encode(small_score(1)).ids
    batch = Batch(*pack([[ids[:20], ids[:10]], []], 40))
    for padding in (batch.ids[0, 30:], batch.ids[1]):
        assert (padding == vocabulary().id(Kind.PAD)).all()
    for name in ("type", "bar", "onset"):
        assert (getattr(batch, name)[0, 30:] == 0).all()
    for name in ("doc", "part", "note", "targets"):
        assert (getattr(batch, name)[0, 30:] == -1).all()
    assert batch.doc[0, :30].tolist() == [0] * 20 + [1] * 10
    assert batch.order[0].tolist() == list(range(40))
    assert all(column.dtype == torch.int64 for column in batch.inputs)


def test_a_fill_knows_the_bar_it_fills() -> None:
    ids = from_text("""BOS
        C TS_4/4 BPM_3 SUM
        GAP TS_2/4 SUM
        G TS_3/4 SUM
        FILL
        F #P0 T0 P65 L12 V20 SUM
        EOS""")
    batch = Batch(*pack([[ids]], len(ids)))
    sums = batch.ids[0] == vocabulary().id(Kind.SUM)
    assert batch.bar[0][sums].tolist() == [0, 1, 2, 1]
    assert batch.onset[0][sums].tolist() == [48, 24, 36, 24]


def test_streams_longer_than_the_row_are_an_error() -> None:
    ids = encode(small_score(1)).ids
    with pytest.raises(ValueError, match="broadcast"):
        pack([[ids[:30], ids[:30]]], 40)
