import math
from itertools import combinations

from meloformer.app.compose.legend import PART_COLOURS, part_colour

LEAST = 0.09
"""In OKLab, where black and white are 1 apart: told apart side by side, and by eye on a roll."""


def oklab(colour: str) -> tuple[float, float, float]:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    long = (0.41222 * r + 0.53633 * g + 0.05145 * b) ** (1 / 3)
    middle = (0.21190 * r + 0.68070 * g + 0.10740 * b) ** (1 / 3)
    short = (0.08830 * r + 0.28172 * g + 0.62998 * b) ** (1 / 3)
    return (
        0.21045 * long + 0.79362 * middle - 0.00407 * short,
        1.97800 * long - 2.42859 * middle + 0.45059 * short,
        0.02590 * long + 0.78277 * middle - 0.80868 * short,
    )


def test_sixteen_parts_have_colours_that_are_told_apart():
    colours = [part_colour(index) for index in range(16)]
    assert len(set(colours)) == len(PART_COLOURS) == 16
    for ink in ("#26272b", "#f5f5f7"):
        seen = [oklab(ink if colour == "ink" else colour) for colour in colours]
        assert min(math.dist(one, other) for one, other in combinations(seen, 2)) > LEAST
