"""Rows as training has them, made of the example pieces."""

from functools import cache
from pathlib import Path

import numpy as np
import torch

from meloformer.data.gaps import with_gap
from meloformer.data.packing import Batch
from meloformer.data.packing import pack as pack_ids
from meloformer.model.inputs import Inputs
from meloformer.score import read_midi
from meloformer.tokens import encode
from tests.model.rows import laid_out, random_rows
from tests.model.streams import permute

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


def all_rows() -> list[Inputs]:
    """Real and random ones, in the order of the stream, as laid out, and in no order at all."""
    found = []
    for rows in (random_rows(), real_rows()):
        length = rows.ids.shape[1]
        shuffled = torch.randperm(length, generator=torch.Generator().manual_seed(0))
        found += [rows, laid_out(rows), permute(rows, shuffled)]
    return found
