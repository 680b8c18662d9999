"""Bits of a tile, packed so that a thread of a matrix unit finds its own in one word.

What tensor cores leave in the registers of a thread of a row of scores are columns
`8 j + 2 (thread % 4) + {0, 1}`. So a row of a tile has four words, one a thread; bit `2 j + e` of
word `c` is column `8 j + 2 c + e`. For the compiler the bit of each register is a constant, and the
mask costs an AND and a select for each pair. Where a row has 64 columns half of each word is empty:
of 16 bits each, words would have to be spread to 32 first, pair by pair.
"""

import triton
import triton.language as tl

WORDS = tl.constexpr(4)
"""Of a row of a tile: each holds a quarter of its columns."""


@triton.jit
def is_visible(words, tile, ROWS: tl.constexpr, COLUMNS: tl.constexpr):
    """Return the bits of a tile. (ROWS, COLUMNS), bool."""
    row, word = tl.arange(0, ROWS), tl.arange(0, 4)
    # 32 bits are enough: as many words would not fit into the memory of a GPU.
    of_row = tl.load(words + tile * (ROWS * 4) + row[:, None] * 4 + word[None, :])
    spread = tl.broadcast_to(of_row[:, None, :, None], [ROWS, COLUMNS // 8, 4, 2])
    column = tl.arange(0, COLUMNS)
    bit = 1 << (column // 8 * 2 + column % 2)
    return (tl.reshape(spread, [ROWS, COLUMNS]) & bit[None, :]) != 0


@triton.jit
def packed(bits, ROWS: tl.constexpr, COLUMNS: tl.constexpr):
    """Return the words of a tile. (ROWS, WORDS), int32.

    Args:
        bits: Which pairs are visible. (ROWS, COLUMNS), bool.
        ROWS: Of the tile.
        COLUMNS: Of the tile, at most 128.
    """
    column = tl.arange(0, COLUMNS)
    bit = bits.to(tl.int32) << (column // 8 * 2 + column % 2)[None, :]
    apart = tl.reshape(bit, [ROWS, COLUMNS // 8, 4, 2])
    return tl.sum(tl.sum(apart, 3), 1)
