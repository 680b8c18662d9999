"""Time of laying out the rows of a batch, and the share of blocks that are left to compute.

    python -m benchmarks.layout SHARDS

SHARDS is a folder made by `prepare`. Batches of 65,536 tokens as training has them, some of them
with gaps to fill. The share is that of blocks of 128 by 128 pairs; beside it stands that of the
rows as they are, and of the best layout for each row that counting all blocks of all of them finds.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from benchmarks.report import report
from benchmarks.visible_blocks import visible_blocks
from meloformer.data.config import LoaderConfig
from meloformer.data.loader import Loader
from meloformer.data.packing import Batch
from meloformer.data.shards import open_shards
from meloformer.model.attention.layout import layout, row_fields
from meloformer.model.attention.placement import STRIPES, places, striped
from meloformer.model.config import SIZES
from meloformer.model.inputs import Inputs

TOKENS = 65_536
TURNS = 5
CONFIG = SIZES["small"]


def blocks(rows: Inputs, positions: torch.Tensor) -> torch.Tensor:
    """Return the blocks to compute of each row as it is laid out. (B,)."""
    moved = Inputs(*(field.gather(1, positions) for field in rows))
    return visible_blocks(moved, CONFIG).sum(dim=(1, 2))


def fewest_blocks(rows: Inputs) -> torch.Tensor:
    """Return the blocks to compute of each row in the best layout of all. (B,)."""
    fields = row_fields(rows)
    natural = np.broadcast_to(np.arange(fields.type.shape[1]), fields.type.shape)
    choices = [natural.copy(), *(striped(fields, stripes) for stripes in STRIPES)]
    return torch.stack([blocks(rows, torch.from_numpy(one)) for one in choices]).amin(dim=0)


def measure(name: str, batches: list[Inputs]) -> None:
    """Report time and shares of some batches."""
    seconds = []
    for rows in batches:
        fields = row_fields(rows)
        for _ in range(TURNS):
            started = time.perf_counter()
            places(fields, CONFIG)
            seconds.append(time.perf_counter() - started)
    report(f"{name}/time", 1000 * min(seconds), "ms")
    as_they_are = torch.arange(batches[0].ids.shape[1]).expand_as(batches[0].ids)
    whole = sum(int(visible_blocks(rows, CONFIG).numel()) for rows in batches)
    for way, counted in {
        "chosen": [blocks(rows, layout(rows, CONFIG)) for rows in batches],
        "best": [fewest_blocks(rows) for rows in batches],
        "natural": [blocks(rows, as_they_are) for rows in batches],
    }.items():
        report(f"{name}/{way}", sum(int(one.sum()) for one in counted) / whole, "share")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("shards", type=Path, help="folder made by `prepare`")
    parser.add_argument("--lengths", type=int, nargs="+", default=[1024, 4096, 8192, 16_384])
    parser.add_argument("--batches", type=int, default=4)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    shards = open_shards(arguments.shards / "train")
    for length in arguments.lengths:
        config = LoaderConfig(context_tokens=length, rows=TOKENS // length, fill=0.3)
        loader = Loader(shards, config)
        batches = [Batch(*loader.columns(step)).inputs for step in range(arguments.batches)]
        measure(f"layout/{length}", batches)


if __name__ == "__main__":
    main()
