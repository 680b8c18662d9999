"""Limits and biases on the next token: one file each, combined by `Constraints`."""

from meloformer.engine.constraints.bar_length import LongestBar
from meloformer.engine.constraints.changes import NoChanges
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
from meloformer.engine.constraints.ending import NoEnding
from meloformer.engine.constraints.grammar import TokenGrammar
from meloformer.engine.constraints.instrumentation import Instrumentation
from meloformer.engine.constraints.leaving import LeavingAsOften
from meloformer.engine.constraints.reach import Reach, WithinReach, reach_of

__all__ = [
    "Choice",
    "Constraint",
    "Constraints",
    "CopyGuard",
    "CurrentBar",
    "ForcedChords",
    "Instrumentation",
    "LeavingAsOften",
    "Logits",
    "LongestBar",
    "Mask",
    "NoChanges",
    "NoEnding",
    "Reach",
    "TokenGrammar",
    "WithinReach",
    "reach_of",
]
