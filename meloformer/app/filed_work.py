"""Where the work of a session is in the library, and what of it is held in memory besides."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TypeVar

from meloformer.app.library.history import History, WorkState
from meloformer.app.library.runs import Author
from meloformer.app.take import SessionTake, Sound
from meloformer.engine.piece import Piece
from meloformer.engine.request import Request

T = TypeVar("T")

MAX_HELD = 3
"""Revisions, and runs, that a session keeps in memory beside the present one, for undo."""


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A run whose takes are in memory."""

    request: Request
    takes: list[SessionTake]
    selected: int = 0
    author: Author | None = None
    """Of takes that are still to be joined to the piece."""


@dataclass(slots=True)
class FiledWork:
    """Where the work of a session is in the library."""

    piece: int
    history: History
    described: int
    """The revision that the list of pieces tells of."""
    revisions: OrderedDict[int, tuple[Piece, Sound | None]] = field(default_factory=OrderedDict)
    runs: OrderedDict[int, ShownRun] = field(default_factory=OrderedDict)

    @property
    def present(self) -> WorkState:
        """The state that is shown."""
        return self.history.present

    def hold_revision(self, revision: int, piece: Piece, sound: Sound | None) -> None:
        """Keep a revision in memory, and let the one go that was not asked for longest."""
        _put(self.revisions, revision, (piece, sound))

    def hold_run(self, run: int, shown: ShownRun) -> None:
        """Keep a run in memory, likewise."""
        _put(self.runs, run, shown)


def _put(held: OrderedDict[int, T], key: int, value: T) -> None:
    held[key] = value
    held.move_to_end(key)
    while len(held) > MAX_HELD:
        held.popitem(last=False)
