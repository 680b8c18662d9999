"""The states that a piece was in, in order, for undo and redo."""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace

MAX_STATES = 200
"""The oldest are forgotten beyond that; what they showed stays in the list of versions."""


@dataclass(frozen=True, slots=True)
class WorkState:
    """One state of the work on a piece."""

    revision: int
    """The revision that is continued."""
    run: int | None = None
    """The run whose takes are shown."""
    from_bar: int | None = None
    """Bars of the revision to keep when it is continued; `None` keeps all."""
    deleted: tuple[int, ...] = ()
    """Takes of the piece that were deleted, in order of their ids."""


@dataclass(frozen=True, slots=True)
class History:
    """States, and which of them is the present one."""

    states: tuple[WorkState, ...]
    at: int = 0

    @property
    def present(self) -> WorkState:
        """The present state."""
        return self.states[self.at]

    @property
    def can_undo(self) -> bool:
        """Whether there is a state before."""
        return self.at > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a state that was undone."""
        return self.at + 1 < len(self.states)

    def pushed(self, state: WorkState) -> "History":
        """Return the history after one more step; what was undone before is left."""
        if state == self.present:
            return self
        states = (*self.states[: self.at + 1], state)[-MAX_STATES:]
        return History(states, len(states) - 1)

    def replaced(self, state: WorkState) -> "History":
        """Return the history with another present state, which is no step of its own."""
        states = list(self.states)
        states[self.at] = state
        return replace(self, states=tuple(states))

    def without_present(self) -> "History":
        """Return the history before the present state was pushed; what it left stays left."""
        return History(self.states[: self.at], self.at - 1) if self.at else self

    def moved(self, by: int) -> "History":
        """Return the history some states earlier or later, as far as there are."""
        return replace(self, at=min(max(self.at + by, 0), len(self.states) - 1))

    def to_json(self) -> str:
        """Write the history."""
        states = [[one.revision, one.run, one.from_bar, one.deleted] for one in self.states]
        return json.dumps({"at": self.at, "states": states})


def read_history(
    text: str, first: int, revisions: Collection[int], runs: Collection[int]
) -> History:
    """Read a history, without what is not in the library any more.

    Args:
        text: As `to_json` wrote it; empty for a piece that was just opened.
        first: The revision that a piece without a history is in.
        revisions: Those of the piece.
        runs: Those of the piece.
    """
    if not text:
        return History((WorkState(first),))
    content = json.loads(text)
    states, at = [], 0
    for index, (revision, run, from_bar, deleted) in enumerate(content["states"]):
        if revision not in revisions:
            continue
        shown = run if run in runs else None
        states.append(WorkState(revision, shown, from_bar, tuple(deleted)))
        if index <= content["at"]:
            at = len(states) - 1
    return History(tuple(states), at) if states else History((WorkState(first),))
