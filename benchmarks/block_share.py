"""The share of the blocks of 128 by 128 pairs that attention must compute, by layout.

    python -m benchmarks.block_share MUSIC/freedoom MUSIC/simutrans

The medians over all pieces of several parts in some folders of MIDI files or shards, each cut at
every length; a piece that is shorter is left out. The layouts are the order of the stream, sorted
by part, by type group and part, by type group and time, by type group, stretch of 16 bars and part,
and what `attention.layout` chooses. Plain causal attention computes about one half. With `--check`,
blocks are also counted pair by pair, for one piece of each length.
"""

import argparse
import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.music import Ids, pieces, row_of
from benchmarks.report import report
from benchmarks.visible_blocks import visible_blocks
from meloformer.errors import RunError
from meloformer.model.attention.block_bounds import BLOCK
from meloformer.model.attention.layout import layout, taken
from meloformer.model.attention.rule import MaskFields, visible
from meloformer.model.config import SIZES, TYPE_RULES, ModelConfig, TokenType
from meloformer.model.inputs import Inputs

STRETCH_BARS = 16
RULES = ["own_type", "target_ll", "spec"]
"""The rule that ships, the one before, and the published one."""
Layout = Callable[[Inputs, ModelConfig], Tensor]


def sorted_by(*names: str) -> Layout:
    """Lay out by the first of some keys, where those are equal by the next, then by time."""

    def places(row: Inputs, _: ModelConfig) -> Tensor:
        # Globals come first and have no part or stretch.
        notes = row.type[0] >= TokenType.ONSET
        things = {
            "is_note": notes.long(),
            "type": torch.where(notes, row.type[0], 0),
            "part": torch.where(notes, row.part[0], 0),
            "stretch": torch.where(notes, row.bar[0] // STRETCH_BARS, 0),
        }
        order = row.order[0].argsort()
        for name in reversed(names):
            order = order[things[name][order].argsort(stable=True)]
        return order

    return places


LAYOUTS: dict[str, Layout] = {
    "natural": sorted_by(),
    "part": sorted_by("is_note", "part"),
    "type-part": sorted_by("type", "part"),
    "type-time": sorted_by("type"),
    "type-stretch-part": sorted_by("type", "stretch", "part"),
    "chosen": lambda row, config: layout(row, config)[0],
}


def share(row: Inputs, config: ModelConfig, block: int) -> float:
    return visible_blocks(row, config, block).float().mean().item()


def check(row: Inputs, config: ModelConfig, block: int) -> None:
    """Compare the blocks with what the mask says of every pair.

    Raises:
        RunError: They differ.
    """
    fields = MaskFields(*(field[0] for field in MaskFields.of(row, config)))
    table = visible_blocks(row, config, block)[0]
    for number, computed in enumerate(table):
        inside = slice(number * block, (number + 1) * block)
        queries = MaskFields(*(field[inside] for field in fields))
        pairs = visible(queries.queries(), fields.keys(), config)
        if not torch.equal(pairs.any(dim=0).view(-1, block).any(dim=1), computed):
            raise RunError(f"block {number} of {len(table)} is not what the mask says")


def measure(music: list[Ids], length: int, rule: str, block: int, *, checks: bool) -> None:
    """Report every layout for one length."""
    rows = [row_of(ids[:length]).inputs for ids in music if len(ids) >= length]
    config = replace(SIZES["tiny"], type_rule=TYPE_RULES[rule])
    name = f"block_share/{rule}/{length}" + (f"/block_{block}" if block != BLOCK else "")
    report(f"{name}/pieces", len(rows), "pieces")
    if not rows:
        return
    report(f"{name}/causal", share(rows[0], replace(config, dense=True), block), "share")
    for layout_name, places in LAYOUTS.items():
        laid_out = [taken(row, places(row, config)) for row in rows]
        shares = [share(row, config, block) for row in laid_out]
        report(f"{name}/{layout_name}", statistics.median(shares), "share")
        if checks:
            check(laid_out[0], config, block)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("music", type=Path, nargs="+", help="folders of MIDI files, or of shards")
    parser.add_argument("--lengths", type=int, nargs="+", default=[4096, 8192, 16_384, 32_768])
    parser.add_argument("--rules", nargs="+", choices=TYPE_RULES, default=RULES)
    parser.add_argument("--block", type=int, default=BLOCK, help="tokens of a block")
    parser.add_argument("--check", action="store_true", help="count pair by pair as well")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    music = list(pieces(arguments.music))
    for rule in arguments.rules:
        for length in arguments.lengths:
            measure(music, length, rule, arguments.block, checks=arguments.check)


if __name__ == "__main__":
    main()
