"""The engine: music in, continuations out. Knows tokens, not widgets.

The names are loaded when first asked for, so that requests can be made without torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meloformer.engine.candidate import Candidate, FinishedBar
    from meloformer.engine.composition import compose, continue_score, finish, prepare_prompt
    from meloformer.engine.export import continuation_alone, whole_piece
    from meloformer.engine.piece import Piece
    from meloformer.engine.request import (
        ContinueRequest,
        PartRequest,
        Presence,
        RewriteRequest,
        SamplingConfig,
    )
    from meloformer.engine.teacher_forcing import teacher_forced_logits

__all__ = [
    "Candidate",
    "ContinueRequest",
    "FinishedBar",
    "PartRequest",
    "Piece",
    "Presence",
    "RewriteRequest",
    "SamplingConfig",
    "compose",
    "continuation_alone",
    "continue_score",
    "finish",
    "prepare_prompt",
    "teacher_forced_logits",
    "whole_piece",
]

_NAMES_OF = {
    "candidate": ("Candidate", "FinishedBar"),
    "composition": ("compose", "continue_score", "finish", "prepare_prompt"),
    "export": ("continuation_alone", "whole_piece"),
    "piece": ("Piece",),
    "request": ("ContinueRequest", "PartRequest", "Presence", "RewriteRequest", "SamplingConfig"),
    "teacher_forcing": ("teacher_forced_logits",),
}
_MODULE_OF = {name: module for module, names in _NAMES_OF.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
