"""Bits per note of bars given the music on both sides of them, or on the left alone.

Four bars of a held-out piece are left open and cost so much when the model has read the bars before
and after; the same four cost so much when it has read the bars before alone. A model that could
not make use of the other side would need as many bits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.data.shards import Shards
from meloformer.errors import DataError
from meloformer.evaluation.bits_per_note import Costs
from meloformer.evaluation.bootstrap import ConfidenceInterval, confidence_interval
from meloformer.evaluation.windows import Window
from meloformer.tokens.annotate import bar_ends
from meloformer.tokens.crop import bars_around, crop
from meloformer.tokens.infill import added_tokens, leave_open
from meloformer.tokens.vocabulary import Kind, vocabulary

GAP_BARS = 4
LEAST_BARS = 4
"""On each side."""


@dataclass(frozen=True, slots=True)
class InfillBits:
    """Bits per note of the same bars, read in two ways."""

    both_sides: ConfidenceInterval
    left_alone: ConfidenceInterval
    change: ConfidenceInterval
    """Bits with both sides against bits with the left, in percent; negative where fewer."""
    pieces: int
    notes: int

    def to_json(self) -> dict[str, object]:
        """Return plain values for a card."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class GapReading:
    """The bars, and the tokens read before them."""

    window: Window
    counts: NDArray[np.bool_]
    """Which of its tokens are of the bars: all but metre and tempo, which a gap keeps. (T,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """Bars of a piece, read in two ways."""

    both_sides: GapReading
    left_alone: GapReading
    notes: int


def cut_openings(shards: Shards, context_tokens: int) -> tuple[Opening, ...]:
    """Open four bars of each held-out piece that has four on either side of them.

    Args:
        shards: Held-out documents.
        context_tokens: Longest stream; as many bars around as fit.

    Raises:
        DataError: No piece is long enough.
    """
    openings = tuple(_openings(shards, context_tokens))
    if not openings:
        raise DataError("no held-out piece is long enough to leave bars open in it")
    return openings


def summarise_openings(
    openings: Sequence[Opening], both_sides: Costs, left_alone: Costs
) -> InfillBits:
    """Add up the bits of the bars.

    Args:
        openings: At least one.
        both_sides: Costs of the window of each reading with both sides.
        left_alone: Costs of each of those with the left alone.
    """
    both = _bits([one.both_sides for one in openings], both_sides)
    left = _bits([one.left_alone for one in openings], left_alone)
    notes = np.array([one.notes for one in openings])

    def per_note(bits: NDArray[np.float64]) -> ConfidenceInterval:
        return confidence_interval(len(bits), lambda of: float(bits[of].sum() / notes[of].sum()))

    return InfillBits(
        both_sides=per_note(both),
        left_alone=per_note(left),
        change=confidence_interval(
            len(both), lambda of: 100 * float(both[of].sum() / left[of].sum() - 1)
        ),
        pieces=len(openings),
        notes=int(notes.sum()),
    )


def _openings(shards: Shards, context_tokens: int) -> Iterator[Opening]:
    """Draw one place in each document that is long enough."""
    vocab = vocabulary()
    rng = np.random.default_rng(0)
    names = [one.name for one in shards.sets for _ in range(one.documents)]
    for document, name in enumerate(names):
        ids = np.asarray(shards.document(document))
        num_bars = len(bar_ends(ids))
        if num_bars < GAP_BARS + 2 * LEAST_BARS:
            continue
        first = int(rng.integers(LEAST_BARS, num_bars - GAP_BARS - LEAST_BARS + 1))
        last = first + GAP_BARS
        begin, end = bars_around(ids, first, last, context_tokens - added_tokens(GAP_BARS))
        opened = leave_open(crop(ids, begin, end), first - begin, last - begin)[:-1]
        before = crop(ids, begin, last)
        before = before[: bar_ends(before)[-1]]
        filled = np.cumsum(opened == vocab.id(Kind.FILL)) > 0
        filled &= opened != vocab.id(Kind.FILL)
        in_bars = np.arange(len(before)) >= bar_ends(before)[first - begin - 1]
        in_bars &= ~np.isin(vocab.kind[before], (Kind.METRE, Kind.TEMPO))
        if len(opened) <= context_tokens:
            yield Opening(
                GapReading(Window(opened, document, name), filled),
                GapReading(Window(before, document, name), in_bars),
                int(np.count_nonzero(vocab.kind[before[in_bars]] == Kind.ONSET)),
            )


def _bits(readings: Sequence[GapReading], costs: Costs) -> NDArray[np.float64]:
    """Return the bits of the bars of each piece."""
    return np.array([cost[one.counts[1:]].sum() for one, cost in zip(readings, costs, strict=True)])
