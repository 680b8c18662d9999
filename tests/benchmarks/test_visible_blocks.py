import torch

from benchmarks.visible_blocks import visible_blocks
from meloformer.model.inputs import Inputs
from tests.model.conftest import CONFIG
from tests.model.streams import random_stream


def test_the_last_block_may_be_short() -> None:
    rows = random_stream(0, 100)
    whole = visible_blocks(rows.padded(128), CONFIG, 32)
    assert torch.equal(visible_blocks(rows, CONFIG, 32), whole)
    assert visible_blocks(rows, CONFIG, 48).shape == (1, 3, 3)


def test_a_row_of_padding_attends_to_itself() -> None:
    nothing = Inputs(*torch.tensor([0, 0, 0, 0, -1, -1, -1, 0])[:, None, None]).padded(256)
    assert torch.equal(visible_blocks(nothing, CONFIG)[0], torch.eye(2, dtype=torch.bool))
