from pathlib import Path

import numpy as np
import pytest

from meloformer.data.crops import BarIndex, index_bars
from meloformer.data.shards import open_shards
from meloformer.tokens import bar_ends, crop, decode


@pytest.fixture(scope="module")
def bars(shards_folder: Path) -> BarIndex:
    return index_bars(open_shards(shards_folder / "train"))


def test_a_crop_equals_that_of_the_tokens_room_at_every_bar(bars: BarIndex) -> None:
    for document in range(bars.shards.num_documents):
        ids = bars.shards.document(document)
        num_bars = len(bar_ends(ids))
        first, end = bars.first_bar[document : document + 2]
        assert end - first == num_bars
        for bar in range(num_bars):
            assert np.array_equal(bars.crop(int(first) + bar, 100_000), crop(ids, bar, num_bars))


def test_a_crop_is_cut_after_the_tokens_asked_for(bars: BarIndex) -> None:
    for bar in range(len(bars.bar_starts)):
        whole = bars.crop(bar, 100_000)
        for length in (1, 3, 4, 5, 50):
            assert np.array_equal(bars.crop(bar, length), whole[:length])


def test_a_whole_crop_decodes_to_the_rest_of_the_piece(bars: BarIndex) -> None:
    score = decode(bars.crop(2, 100_000))
    assert score.num_notes > 0
    assert score.time_signatures[0].numerator == 4


def test_bars_are_found_by_position(bars: BarIndex) -> None:
    starts = bars.bar_starts
    assert (np.diff(starts) > 0).all()
    for bar in (0, 1, len(starts) - 1):
        position = int(starts[bar])
        assert bars.bar_at(position) == bar
        assert bars.bar_at(position + 1) == bar
        assert bars.bar_from(position) == bar
        assert bars.bar_from(position + 1) == min(bar + 1, len(starts) - 1)
