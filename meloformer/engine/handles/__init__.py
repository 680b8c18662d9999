"""Handles: scale, ranges, densities and the rest of what a musician holds new notes by."""

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
    "Density",
    "Handles",
    "Keep",
    "Lock",
    "LockedLine",
    "LockedNote",
    "NotesAtOnce",
    "PitchRange",
    "RhythmGrid",
    "VelocityRange",
]
