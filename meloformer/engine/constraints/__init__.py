"""Limits and biases on the next token: one file each, combined by `Constraints`."""

from meloformer.engine.constraints.bar_length import LongestBar
from meloformer.engine.constraints.cadence import LastBars
from meloformer.engine.constraints.changes import MetresAndTempos
from meloformer.engine.constraints.chords import ForcedChords
from meloformer.engine.constraints.constraint import (
    Choice,
    Constraint,
    Constraints,
    CurrentBar,
    Logits,
    Mask,
)
from meloformer.engine.constraints.copy_guard import CopyGuard
from meloformer.engine.constraints.density import Densities
from meloformer.engine.constraints.ending import NoEnding
from meloformer.engine.constraints.grammar import TokenGrammar
from meloformer.engine.constraints.instrumentation import Instrumentation
from meloformer.engine.constraints.kept_lines import KeptNotes, KeptRhythm
from meloformer.engine.constraints.leaving import LeavingAsOften
from meloformer.engine.constraints.likeness import LikeBars, ReferenceBar
from meloformer.engine.constraints.locked_notes import LockedLines, LockedNotes
from meloformer.engine.constraints.onsets import OnsetsOnGrid
from meloformer.engine.constraints.own_density import OwnDensity
from meloformer.engine.constraints.own_similarity import OwnSimilarity
from meloformer.engine.constraints.reach import Reach, WithinReach, reach_of
from meloformer.engine.constraints.rolls import NoRolls
from meloformer.engine.constraints.scale import ChordsInScale
from meloformer.engine.constraints.sparseness import FewestNotes
from meloformer.engine.constraints.tonic import BeginsOnTonic, ComesHome
from meloformer.engine.constraints.undisturbed import Undisturbed
from meloformer.engine.constraints.velocity import Velocities

__all__ = [
    "BeginsOnTonic",
    "Choice",
    "ChordsInScale",
    "ComesHome",
    "Constraint",
    "Constraints",
    "CopyGuard",
    "CurrentBar",
    "Densities",
    "FewestNotes",
    "ForcedChords",
    "Instrumentation",
    "KeptNotes",
    "KeptRhythm",
    "LastBars",
    "LeavingAsOften",
    "LikeBars",
    "LockedLines",
    "LockedNotes",
    "Logits",
    "LongestBar",
    "Mask",
    "MetresAndTempos",
    "NoEnding",
    "NoRolls",
    "OnsetsOnGrid",
    "OwnDensity",
    "OwnSimilarity",
    "Reach",
    "ReferenceBar",
    "TokenGrammar",
    "Undisturbed",
    "Velocities",
    "WithinReach",
    "reach_of",
]
