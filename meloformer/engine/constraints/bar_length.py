"""The longest bar."""

from collections.abc import Callable

from meloformer.engine.constraints.constraint import Constraint, CurrentBar, Mask, all_but
from meloformer.tokens import Cursor, Kind, vocabulary
from meloformer.tokens.cursor import AFTER_NOTE

MAX_BAR_TOKENS = 800
"""A bar that has grown so long is closed as soon as the other constraints allow."""

_NO_MORE_NOTES = all_but(vocabulary().span(Kind.ONSET))


class LongestBar(Constraint):
    """Leaves each part after its first note once the bar has grown too long.

    Args:
        max_tokens: Of one bar.
        is_due: Whether the part being written has notes still to come whatever the length.
    """

    states = AFTER_NOTE

    def __init__(
        self,
        max_tokens: int = MAX_BAR_TOKENS,
        is_due: Callable[[Cursor, CurrentBar], bool] = lambda cursor, bar: False,
    ) -> None:
        self._max_tokens = max_tokens
        self._is_due = is_due

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask | None:
        """Return all but onsets if the bar is too long."""
        is_long = bar.num_tokens > self._max_tokens
        return _NO_MORE_NOTES if is_long and not self._is_due(cursor, bar) else None
