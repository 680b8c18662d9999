"""Bits per note of bars given the music on both sides of them, or on the left alone.

Four bars of a held-out piece are left open and cost so much when the model has read the bars before
and after; the same four cost so much when it has read the bars before alone. A model that could
not make use of the other side would need as many bits.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.data.shards import Shards
from meloformer.errors import DataError
from meloformer.evaluation.bits_per_note import model_costs
from meloformer.evaluation.bootstrap import ConfidenceInterval, confidence_interval
from meloformer.evaluation.windows import Window
from meloformer.model.transformer import MeloFormer
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
class _Reading:
    """The bars, and the tokens read before them."""

    window: Window
    counts: NDArray[np.bool_]
    """Which of its tokens are of the bars: all but metre and tempo, which a gap keeps. (T,)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Opening:
    """Bars of a piece, read in two ways."""

    both_sides: _Reading
    left_alone: _Reading
    notes: int


def infill_bits(model: MeloFormer, shards: Shards, context_tokens: int) -> InfillBits:
    """Measure a model on four bars of each held-out piece that has four on either side of them.

    Args:
        model: In evaluation mode.
        shards: Held-out documents.
        context_tokens: Longest stream; as many bars around as fit.

    Raises:
        DataError: No piece is long enough.
    """
    openings = list(_openings(shards, context_tokens))
    if not openings:
        raise DataError("no held-out piece is long enough to leave bars open in it")
    both, left = (
        _bits(model, [getattr(one, side) for one in openings], context_tokens)
        for side in ("both_sides", "left_alone")
    )
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


def _openings(shards: Shards, context_tokens: int) -> Iterator[_Opening]:
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
            yield _Opening(
                _Reading(Window(opened, document, name), filled),
                _Reading(Window(before, document, name), in_bars),
                int(np.count_nonzero(vocab.kind[before[in_bars]] == Kind.ONSET)),
            )


def _bits(model: MeloFormer, readings: list[_Reading], context_tokens: int) -> NDArray[np.float64]:
    """Return the bits of the bars of each piece."""
    costs = model_costs(model, [one.window for one in readings], context_tokens)
    return np.array([cost[one.counts[1:]].sum() for one, cost in zip(readings, costs, strict=True)])
