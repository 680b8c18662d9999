"""The fewest notes that a part plays in a bar."""

from collections.abc import Mapping

import numpy as np

from meloformer.engine.constraints.constraint import Choice, Constraint, CurrentBar, Logits
from meloformer.engine.constraints.leaving import LEAVING
from meloformer.score.part import Part
from meloformer.tokens import Cursor
from meloformer.tokens.cursor import AFTER_NOTE

PULL = 6.0
"""How strongly a part is kept while it has none of its fewest notes, in nats; with half of them
half as strongly."""


class FewestNotes(Constraint):
    """Makes it unlikely that a part is left before it has played as much as the sparsest do.

    Without it a piece that begins from nothing may go on as it happened to begin, a note a bar.

    Args:
        rates: Notes per grid tick, by part.
    """

    states = AFTER_NOTE

    def __init__(self, rates: Mapping[Part, float]) -> None:
        self._rates = {part.number: rate for part, rate in rates.items()}

    def bias(self, cursor: Cursor, bar: CurrentBar, choice: Choice) -> Logits | None:
        """Return what keeps the part, as long as it has too few notes."""
        fewest = round(self._rates.get(cursor.part, 0.0) * cursor.bar_ticks)
        short = fewest - cursor.counts.of(cursor.part, cursor.bar)
        if short <= 0:
            return None
        bias = np.zeros_like(choice.logits)
        bias[LEAVING] = -PULL * short / fewest
        return bias
