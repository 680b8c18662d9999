import pytest
import torch

from meloformer.model.attention.rule import dense_mask
from meloformer.model.attention.sparse.tiles import MAX_TILES_OF_WORK, TileList, Tiles, _work
from meloformer.model.attention.sparse.tuning import TUNING, TileShape
from meloformer.model.config import ModelConfig
from meloformer.model.inputs import Inputs
from tests.model.conftest import CONFIGS
from tests.model.rows import laid_out, random_rows
from tests.model.streams import random_stream

T = 64
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def tiles_of(rows: Inputs, config: ModelConfig, shape: TileShape) -> Tiles:
    return Tiles.of(rows, config, TUNING._replace(query_tiles=shape, key_tiles=shape))


def unpacked(words: torch.Tensor, columns: int) -> torch.Tensor:
    """The bits of each tile, (P, rows, columns): bit 2j + e of word c is column 8j + 2c + e."""
    column = torch.arange(columns)
    word, bit = column % 8 // 2, column // 8 * 2 + column % 2
    return (words[..., word] >> bit & 1).bool()


def mask_of(tiles: TileList, shape: tuple[int, int], length: int, rows: int) -> torch.Tensor:
    """The mask that the kernels see. (B, T, T), blocks of `work` along the second axis."""
    tiles = TileList(*(x.cpu() for x in tiles))
    mask = torch.zeros(rows, length, length, dtype=torch.bool)
    bits = unpacked(tiles.words, shape[1])
    seen = 0
    for row, block, *ranges in tiles.work.tolist():
        for others, (first, last) in ((tiles.full, ranges[:2]), (tiles.partial, ranges[2:])):
            for tile in range(first, last):
                other = int(others[tile])
                along = slice(block * shape[0], (block + 1) * shape[0])
                across = slice(other * shape[1], (other + 1) * shape[1])
                assert not mask[row, along, across].any()
                mask[row, along, across] = True if others is tiles.full else bits[tile]
                seen += 1
    assert seen == len(tiles.full) + len(tiles.partial) - 2
    return mask


@pytest.mark.parametrize("name", CONFIGS)
def test_both_lists_say_what_the_rule_says_of_every_pair(name: str) -> None:
    config, shape = CONFIGS[name], TileShape(16, 32)
    rows = laid_out(random_rows(T)).to(DEVICE)
    tiles = tiles_of(rows, config, shape)
    expected = dense_mask(rows, config).cpu()
    assert torch.equal(mask_of(tiles.by_query, shape, T, len(rows.ids)), expected)
    by_key = mask_of(tiles.by_key, (shape.keys, shape.queries), T, len(rows.ids))
    assert torch.equal(by_key.transpose(1, 2), expected)


def test_a_tile_is_listed_only_if_a_pair_is_visible_and_full_only_if_all_are() -> None:
    rows = random_stream(0, T).to(DEVICE)
    tiles = tiles_of(rows, CONFIGS["dense"], TileShape(16, 16)).by_query
    mask = dense_mask(rows, CONFIGS["dense"])
    counts = mask.view(len(mask), T // 16, 16, T // 16, 16).sum(dim=(2, 4))
    assert len(tiles.full) - 1 == (counts == 16 * 16).sum() > 0
    assert len(tiles.partial) - 1 == ((counts > 0) & (counts < 16 * 16)).sum() > 0


def test_long_blocks_are_cut_into_equal_pieces_and_the_longest_work_comes_first() -> None:
    full = torch.tensor([[0, 3 * MAX_TILES_OF_WORK], [5, 1]])
    partial = torch.tensor([[2, 7], [0, 0]])
    work = _work(full, partial, MAX_TILES_OF_WORK)
    counts = (work[:, 3] - work[:, 2] + work[:, 5] - work[:, 4]).tolist()
    assert counts == sorted(counts, reverse=True)
    assert max(counts) <= MAX_TILES_OF_WORK
    assert sum(counts) == full.sum() + partial.sum()
    long = work[(work[:, 0] == 0) & (work[:, 1] == 1)]
    assert len(long) == 4
    assert sorted(long[:, 2].tolist()) == [0, 24, 48, 72]
    assert int(long[:, 5].max()) == 2 + 7
