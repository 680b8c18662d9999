"""Scores: music as notes, bars and parts.

`read_midi` and `write_midi` are loaded when first asked for, so that rooms which need only the
score's shapes (a trainer on a bare GPU image) do without the MIDI libraries.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from meloformer.score.grid import BarGrid, bar_grid, quantise
from meloformer.score.part import Part, parts_of
from meloformer.score.score import Score, Tempo, TimeSignature, Track, note_array

if TYPE_CHECKING:
    from meloformer.midi.read import read_midi
    from meloformer.midi.write import write_midi

__all__ = [
    "BarGrid",
    "Part",
    "Score",
    "Tempo",
    "TimeSignature",
    "Track",
    "bar_grid",
    "note_array",
    "parts_of",
    "quantise",
    "read_midi",
    "write_midi",
]

_MODULE_OF = {"read_midi": "meloformer.midi.read", "write_midi": "meloformer.midi.write"}


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
