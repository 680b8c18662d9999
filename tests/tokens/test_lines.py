from pathlib import Path

import numpy as np
from hypothesis import given
from numpy.typing import NDArray

from meloformer.data.shards import open_shards
from meloformer.score.note_runs import Line, lines_of
from meloformer.tokens import Kind, decode, vocabulary
from meloformer.tokens.lines import lines_of_stream
from tests.strategies import legal_ids

Ids = NDArray[np.uint16]


def by_content(lines: list[Line]) -> list[bytes]:
    return sorted(map(bytes, lines))


def first_pass(ids: Ids) -> Ids:
    ends = np.flatnonzero(np.isin(vocabulary().kind[ids], (Kind.FILL, Kind.EOS)))
    return ids[: ends[0]] if len(ends) else ids


def test_a_document_has_the_lines_of_its_score(shards_folder: Path) -> None:
    shards = open_shards(shards_folder / "train")
    for document in range(shards.num_documents):
        ids = np.asarray(shards.document(document))
        assert by_content(lines_of_stream(ids)) == by_content(lines_of(decode(ids)))


@given(legal_ids())
def test_bars_left_open_have_the_notes_that_stay_in_them(ids: Ids) -> None:
    ids = first_pass(ids)
    assert by_content(lines_of_stream(ids)) == by_content(lines_of(decode(ids)))
