from pathlib import Path

import numpy as np
import pytest

from meloformer.data.crops import bar_starts, crop_at, crop_from
from meloformer.data.shards import Shards, open_shards
from meloformer.tokens import bar_ends, crop, decode, from_text

PIECE = from_text("""BOS
    C TS_4/4 BPM_3  #P0 T0 P60 L12 V20  SUM
    F TS_3/4  #P0 T0 P65 L12 V20  SUM
    G BPM_5  SUM
    C TS_2/4 BPM_6  SUM
    N  SUM
    EOS""")


@pytest.fixture(scope="module")
def shards(shards_folder: Path) -> Shards:
    return open_shards(shards_folder / "train")


def test_a_crop_equals_that_of_the_tokens_room_at_every_bar(shards: Shards) -> None:
    documents = [np.asarray(shards.document(index)) for index in range(shards.num_documents)]
    for ids in [PIECE, *documents]:
        starts = bar_starts(ids)
        assert len(starts) == len(bar_ends(ids))
        for bar, start in enumerate(starts.tolist()):
            assert np.array_equal(crop_at(ids, start, 100_000), crop(ids, bar, len(starts)))


def test_a_crop_is_cut_after_the_tokens_asked_for(shards: Shards) -> None:
    ids = np.asarray(shards.document(0))
    for start in bar_starts(ids).tolist():
        whole = crop_at(ids, start, 100_000)
        for length in (1, 3, 4, 5, 50):
            assert np.array_equal(crop_at(ids, start, length), whole[:length])


def test_a_crop_decodes_to_the_rest_of_the_piece(shards: Shards) -> None:
    ids = np.asarray(shards.document(0))
    score = decode(crop_at(ids, int(bar_starts(ids)[2]), 100_000))
    assert score.num_notes > 0
    assert score.time_signatures[0].numerator == 4


def test_a_crop_begins_with_the_first_bar_from_a_position_on() -> None:
    starts = bar_starts(PIECE)
    for position in range(len(PIECE)):
        following = starts[starts >= position]
        bar = int(following[0] if len(following) else starts[-1])
        expected = crop_at(PIECE, bar, 100)
        assert np.array_equal(crop_from(PIECE, position, 100), expected)


def test_where_no_bar_begins_for_long_the_crop_begins_with_the_bar_there() -> None:
    first, second = bar_starts(PIECE)[:2]
    assert np.array_equal(crop_from(PIECE, first + 2, 3), PIECE[:3])
    assert np.array_equal(crop_from(PIECE, second + 1, 5), crop_at(PIECE, int(second), 5))
