import torch

from tests.model.streams import random_stream


def test_padding_comes_last_and_belongs_to_no_document() -> None:
    rows = random_stream(0, 20)
    padded = rows.padded(32)
    for field, longer in zip(rows, padded, strict=True):
        assert torch.equal(longer[:, :20], field)
    assert (padded.doc[:, 20:] == -1).all()
    assert padded.order[0].unique().numel() == 32
    assert rows.padded(20) is rows
