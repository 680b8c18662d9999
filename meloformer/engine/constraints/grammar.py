"""The order that the token format asks for."""

from meloformer.engine.constraints.constraint import Constraint, CurrentBar, Mask
from meloformer.tokens import Cursor


class TokenGrammar(Constraint):
    """Lets a stream go on only in ways that can be decoded."""

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask:
        """Return the tokens that are legal after the last."""
        return cursor.legal()
