"""How many notes parts play, which densities are compared with."""

from collections.abc import Iterable

import numpy as np

from meloformer.score.grid import TICKS_PER_QUARTER
from meloformer.score.part import Part
from meloformer.tokens import Encoding, Kind, annotate, vocabulary

_BARS_BEFORE = 8
"""How many bars before the seam count."""


def note_rates(
    encoding: Encoding, parts: Iterable[Part], first_bar: int, last_bar: int
) -> dict[Part, float]:
    """Return how many notes parts play in bars in which they play, in notes per grid tick.

    A part that rests in these bars is taken from the whole piece, and a new one is as busy as the
    others are on average.

    Args:
        encoding: The piece.
        parts: Of the piece or new.
        first_bar: Of the stream, from 0.
        last_bar: The bar after the last.
    """
    vocab, notes = vocabulary(), annotate(encoding.ids)
    kind = vocab.kind[encoding.ids]
    bar_ticks = notes.onset[kind == Kind.SUM]
    begins = kind == Kind.ONSET
    inside = begins & (notes.bar >= first_bar) & (notes.bar < last_bar)

    def rate(part: Part) -> float:
        for where in (inside, begins):
            bars = notes.bar[where & (notes.part == part.number)]
            if len(bars):
                return len(bars) / float(bar_ticks[np.unique(bars)].sum())
        return 0.0

    own = [rate(part) for part in encoding.parts]
    usual = float(np.mean(own)) if any(own) else 1.0 / TICKS_PER_QUARTER
    return {part: rate(part) or usual for part in parts}


def rates_with_rests(encoding: Encoding, first_bar: int, last_bar: int) -> dict[Part, float]:
    """Return how many notes each part of a piece plays in bars, rests included, per grid tick.

    Args:
        encoding: The piece.
        first_bar: Of the stream, from 0.
        last_bar: The bar after the last.
    """
    vocab, notes = vocabulary(), annotate(encoding.ids)
    kind = vocab.kind[encoding.ids]
    ticks = float(notes.onset[kind == Kind.SUM][first_bar:last_bar].sum())
    inside = (kind == Kind.ONSET) & (notes.bar >= first_bar) & (notes.bar < last_bar)
    return {
        part: float((inside & (notes.part == part.number)).sum()) / max(ticks, 1.0)
        for part in encoding.parts
    }


def bars_before(last_bar: int) -> int:
    """Return the first of the bars before a seam whose notes count."""
    return max(last_bar - _BARS_BEFORE, 0)
