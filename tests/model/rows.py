"""Rows as training has them, made of the examples and of random streams."""

from functools import cache
from pathlib import Path

import numpy as np
import torch

from meloformer.data.augment import with_gap
from meloformer.data.packing import Batch
from meloformer.data.packing import pack as pack_ids
from meloformer.model.attention.layout import layout
from meloformer.model.attention.packed_fields import MaskMod
from meloformer.model.inputs import Inputs
from meloformer.score import read_midi
from meloformer.tokens import encode
from tests.model.conftest import CONFIG
from tests.model.streams import pack, permute, random_stream, stack

EXAMPLES = Path(__file__).parents[2] / "assets" / "examples"
T = 1024


@cache
def example(name: str) -> np.ndarray:
    return encode(read_midi((EXAMPLES / f"{name}.mid").read_bytes())).ids


def real_rows() -> Inputs:
    """The band; two whole pieces and a cut one; a piece with bars left open, then padding."""
    filled = with_gap(example("choir"), T - 100, np.random.default_rng(0))
    rows = [
        [example("band")[:T]],
        [example("solo-melody"), example("piano"), example("jig")[: T - 263 - 692]],
        [filled[: T - 100]],
    ]
    return Batch(*pack_ids(rows, T)).inputs


def random_rows(length: int = 256) -> Inputs:
    """A plain stream, one whose gaps are filled, and two in a row that ends in padding."""
    first, last = length // 3, length // 7
    middle = random_stream(4, length - first - last, gaps=True)
    packed = pack(random_stream(3, first), middle, padding=last)
    return stack(random_stream(1, length), random_stream(2, length, gaps=True), packed)


def all_rows() -> list[Inputs]:
    """Both, in the order of the stream, as they are laid out, and in no order at all."""
    found = []
    for rows in (random_rows(), real_rows()):
        length = rows.ids.shape[1]
        places = layout(rows, CONFIG)
        shuffled = torch.randperm(length, generator=torch.Generator().manual_seed(0))
        laid_out = Inputs(*(field.gather(1, places) for field in rows))
        found += [rows, laid_out, permute(rows, shuffled)]
    return found


def in_blocks(mask: torch.Tensor, block: int) -> torch.Tensor:
    """A mask cut into blocks. (B, N, N, block, block)."""
    count = mask.shape[1] // block
    return mask.view(-1, count, block, count, block).transpose(2, 3)


def every_pair(mask_mod: MaskMod, rows: Inputs) -> torch.Tensor:
    """What a mask says of every pair. (B, T, T)."""
    row = torch.arange(len(rows.ids))[:, None, None]
    position = torch.arange(rows.ids.shape[1])
    return mask_mod(row, torch.tensor(0), position[:, None], position)
