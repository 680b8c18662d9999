"""The end of the music, which comes after the bars asked for and not before."""

from meloformer.engine.constraints.constraint import Constraint, CurrentBar, Mask, all_but
from meloformer.tokens import Cursor, Kind, State, vocabulary

_GOING_ON = all_but([vocabulary().id(kind) for kind in (Kind.GAP, Kind.FILL, Kind.EOS)])


class NoEnding(Constraint):
    """Lets one bar follow another: the music does not end by itself, nor leave a bar open."""

    states = (State.SONG, State.BAR_END)

    def mask(self, cursor: Cursor, bar: CurrentBar) -> Mask:
        """Return all but end, gap and fill."""
        return _GOING_ON
