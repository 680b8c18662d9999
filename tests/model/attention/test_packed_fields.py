from typing import Any

import pytest
import torch

from meloformer.errors import DataError
from meloformer.model.attention.packed_fields import PackedFields
from meloformer.model.attention.sparse.mask import SparseMask
from meloformer.model.config import TokenType
from tests.model.attention.test_sparse import DEVICE, with_tiles
from tests.model.conftest import CONFIG
from tests.model.rows import random_rows


def test_bars_and_notes_of_the_longest_rows_have_room() -> None:
    rows = random_rows(64)
    is_note = rows.note >= 0
    late = rows._replace(
        bar=rows.bar + 32_000,
        note=torch.where(is_note, rows.note + 16_000, -1),
        doc=torch.where(rows.doc >= 0, rows.doc + 1000, -1),
    )
    tiles = with_tiles(16, 16)
    first, last = (
        SparseMask.of(each.to(DEVICE), CONFIG, tiles).tiles.by_query for each in (rows, late)
    )
    assert all(torch.equal(one, other) for one, other in zip(first, last, strict=True))


@pytest.mark.parametrize(
    ("field", "value", "cause"),
    [
        ("type", 8, "a type that does not exist"),
        ("type", TokenType.PAD, "padding within a document"),
        ("doc", -1, "padding within a document"),
        ("note", 5, "a note index where there is no note"),
        ("order", 1, "two tokens at one place of the stream"),
        ("part", CONFIG.num_parts, "a part beyond the model's"),
        ("doc", 1 << 20, "too many documents"),
        ("bar", 1 << 15, "too many bars"),
        ("bar", -1, "too many bars"),
    ],
)
def test_fields_that_make_no_sense_are_refused(field: str, value: int, cause: str) -> None:
    rows = random_rows()
    changed: Any = getattr(rows, field).clone()
    changed[0, 0] = value
    with pytest.raises(DataError, match=cause):
        PackedFields.of(rows._replace(**{field: changed}), CONFIG)


def test_fields_of_several_lengths_are_refused() -> None:
    rows = random_rows()
    with pytest.raises(DataError, match=r"a batch of \(3, 256\) tokens has bar of another shape"):
        PackedFields.of(rows._replace(bar=rows.bar[:, 1:]), CONFIG)
