"""The end of the music, which comes after the bars asked for and not before."""

from meloformer.engine.constraints.constraint import Constraint, CurrentBar, Mask, all_but
from meloformer.tokens import Cursor, Kind, State, vocabulary

_GOING_ON = all_but([vocabulary().id(kind) for kind in (Kind.GAP, Kind.FILL, Kind.EOS)])


class NoEnding(Constraint):
    """Lets one bar follow another: the music does not end by itself, nor leave a bar open."""

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask | None:
        """Return all but end, gap and fill where a bar begins."""
        return _GOING_ON if cursor.state in (State.SONG, State.BAR_END) else None
