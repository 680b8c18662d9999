import pytest
import torch

from meloformer.model.attention.rule import dense_mask
from meloformer.model.attention.visible_blocks import visible_blocks
from meloformer.model.config import ModelConfig
from meloformer.model.inputs import Inputs
from tests.model.conftest import CONFIG
from tests.model.rows import all_rows, in_blocks
from tests.model.streams import random_stream


@pytest.mark.parametrize("block", [8, 32, 128])
def test_a_block_is_computed_if_and_only_if_a_pair_in_it_is_seen(
    config: ModelConfig, block: int
) -> None:
    for rows in all_rows():
        seen = in_blocks(dense_mask(rows, config), block).any(-1).any(-1)
        assert torch.equal(visible_blocks(rows, config, block), seen)


def test_the_last_block_may_be_short() -> None:
    rows = random_stream(0, 100)
    whole = visible_blocks(rows.padded(128), CONFIG, 32)
    assert torch.equal(visible_blocks(rows, CONFIG, 32), whole)
    assert visible_blocks(rows, CONFIG, 48).shape == (1, 3, 3)


def test_a_row_of_padding_sees_itself() -> None:
    nothing = Inputs(*torch.tensor([0, 0, 0, 0, -1, -1, -1, 0])[:, None, None]).padded(256)
    assert torch.equal(visible_blocks(nothing, CONFIG)[0], torch.eye(2, dtype=torch.bool))
