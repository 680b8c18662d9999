"""The plan of a continuation, as a list of constraints on the next token."""

from collections.abc import Mapping
from dataclasses import dataclass

from meloformer.engine.constraints import (
    Constraint,
    ForcedChords,
    Instrumentation,
    LeavingAsOften,
    LongestBar,
    MetresAndTempos,
    NoEnding,
    Reach,
    TokenGrammar,
    WithinReach,
)
from meloformer.score.part import Part


@dataclass(frozen=True, slots=True)
class Plan:
    """The bars to be written: how many, by which parts, over which chords.

    Bars are those of the stream.
    """

    num_bars: int
    may_play: frozenset[Part]
    must_play: frozenset[Part]
    reach: Mapping[Part, Reach]
    """What each part can play, from `reach_of`."""
    chords: tuple[int | None, ...]
    """Chord of each bar, repeated from the start when they run out; `None`, and without any every
    bar, is left free."""
    metres: tuple[int, ...] = ()
    """Of each bar, repeated; without any the metre stays. Indices into `METRES`."""
    tempos: tuple[int | None, ...] = ()
    """Of each bar, likewise; with `None` the tempo stays. Indices into `TEMPO_QPM`."""
    longest_bar: tuple[LongestBar, ...] = (LongestBar(),)
    """What closes bars that grow too long; none where it is known how many notes they have."""
    rests_from: int | None = None
    """The bar from which on nobody plays, as where the last chord of a piece is held."""
    further: tuple[Constraint, ...] = ()
    """Constraints beyond those that every plan has."""

    def constraints(self) -> tuple[Constraint, ...]:
        """Return all that limits or biases the next token."""
        return (
            TokenGrammar(),
            NoEnding(),
            MetresAndTempos(self.metres, self.tempos),
            ForcedChords(self.chords),
            Instrumentation(
                may_play=self.may_play, must_play=self.must_play, rests_from=self.rests_from
            ),
            WithinReach(self.reach),
            *self.longest_bar,
            LeavingAsOften(),
            *self.further,
        )
