"""Handles: scale, ranges, densities and the rest of what a musician holds new notes by."""

from meloformer.engine.handles.form import BarLink, FormPlan, Section
from meloformer.engine.handles.handles import (
    Density,
    Handles,
    Keep,
    Lock,
    LockedLine,
    LockedNote,
    NotesAtOnce,
    PitchRange,
    RhythmGrid,
    VelocityRange,
)

__all__ = [
    "BarLink",
    "Density",
    "FormPlan",
    "Handles",
    "Keep",
    "Lock",
    "LockedLine",
    "LockedNote",
    "NotesAtOnce",
    "PitchRange",
    "RhythmGrid",
    "Section",
    "VelocityRange",
]
