"""Made-up rows as training has them, and masks of them."""

import torch

from meloformer.model.attention.layout import layout
from meloformer.model.inputs import Inputs
from tests.model.conftest import CONFIG
from tests.model.streams import pack, random_stream, stack


def random_rows(length: int = 256) -> Inputs:
    """A plain stream, one whose gaps are filled, and two in a row that ends in padding."""
    first, last = length // 3, length // 7
    middle = random_stream(4, length - first - last, gaps=True)
    packed = pack(random_stream(3, first), middle, padding=last)
    return stack(random_stream(1, length), random_stream(2, length, gaps=True), packed)


def laid_out(rows: Inputs) -> Inputs:
    """The same in the layout for the kernel."""
    places = layout(rows, CONFIG)
    return Inputs(*(field.gather(1, places) for field in rows))


def in_blocks(mask: torch.Tensor, block: int) -> torch.Tensor:
    """A mask cut into blocks. (B, N, N, block, block)."""
    count = mask.shape[1] // block
    return mask.view(-1, count, block, count, block).transpose(2, 3)
