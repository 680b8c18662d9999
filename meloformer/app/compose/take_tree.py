"""The list of versions of a piece, as the page shows it (`ui/static/compose/takes`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from meloformer.app.filed_work import FiledWork
from meloformer.app.library.library import PieceLibrary
from meloformer.app.library.revisions import EditedRevision, edited_revisions, first_revision
from meloformer.app.library.runs import RunOutcome
from meloformer.app.library.takes import FiledTake, list_takes
from meloformer.app.session import Session
from meloformer.engine.request import ContinueRequest, RewriteRequest
from meloformer.phrases import phrase, plural


def take_tree(library: PieceLibrary, session: Session) -> dict[str, Any]:
    """Return a message with all versions of a session's piece, each below what it goes on from.

    Deleted ones are left out; what was made of them stays. What was edited by hand is a row of its
    own, beside what it was before.
    """
    work, piece = session.work, session.piece
    if work is None or piece is None:
        return {"rows": [], "can_undo": False, "can_redo": False, "busy": False}
    takes = list_takes(library, work.piece)
    edits = _edits_to_show(library, work)
    shown = [take.id for take in takes if take.run == work.present.run and not take.is_deleted]
    here = shown[session.selected] if session.selected < len(shown) else None
    rows = _Rows(takes, edits, work.present.revision, here, piece.first_number)
    original = {
        "id": 0,
        "depth": 0,
        "name": phrase("As you opened it"),
        "present": work.present.revision == first_revision(library, work.piece),
    }
    below = rows.below(None, "", 0)
    return {
        "rows": [original, *below] if below else [],
        "can_undo": session.can_undo,
        "can_redo": session.can_redo,
        "busy": session.is_writing,
    }


def _edits_to_show(library: PieceLibrary, work: FiledWork) -> list[EditedRevision]:
    """Return the edited revisions that are of use: the present one, and those gone on from.

    And of each version the last one, unless it was undone and left.
    """
    edits = edited_revisions(library, work.piece)
    last = {edit.take: edit.id for edit in edits}.values()
    reached = {state.revision for state in work.history.states} & set(last)
    wanted = {work.present.revision, *reached}
    return [edit for edit in edits if edit.is_gone_on_from or edit.id in wanted]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of the list, as they stand below each other."""

    takes: Sequence[FiledTake]
    edits: Sequence[EditedRevision]
    present: int
    """The revision that is continued."""
    here: int | None
    """The take that is looked at."""
    first_number: int
    """Of the piece's first bar."""

    def below(
        self, parent: int | None, name: str, depth: int, *, has_row: bool = True
    ) -> list[dict[str, Any]]:
        """Return what was made of a take, or of the piece as it was opened.

        Args:
            parent: The take; `None` for the piece.
            name: Of the take.
            depth: Of its row, beside which its edits stand.
            has_row: Whether there is one.
        """
        edits = [edit for edit in self.edits if edit.take == parent]
        edited = {edit.id for edit in edits}
        children = [take for take in self.takes if take.parent == parent]
        untouched = [take for take in children if take.revision not in edited]
        rows = self._written(untouched, depth + has_row)
        for edit in edits:
            rows.append(self._edit(edit, name, depth))
            rows += self._written([one for one in children if one.revision == edit.id], depth + 1)
        return rows

    def _written(self, takes: Sequence[FiledTake], depth: int) -> list[dict[str, Any]]:
        rows = []
        for take in takes:
            name = take.name or phrase("Version {number}", number=take.number)
            if not take.is_deleted:
                rows.append(self._take(take, name, depth))
            rows += self.below(take.id, name, depth, has_row=not take.is_deleted)
        return rows

    def _edit(self, edit: EditedRevision, name: str, depth: int) -> dict[str, Any]:
        edited = phrase("{name}, edited", name=name) if name else phrase("Your piece, edited")
        present = edit.id == self.present
        return {"revision": edit.id, "depth": depth, "name": edited, "present": present}

    def _take(self, take: FiledTake, name: str, depth: int) -> dict[str, Any]:
        facts = (
            _bars(take, self.first_number),
            phrase("seed {seed}", seed=take.seed),
            _end(take),
        )
        return {
            "id": take.id,
            "depth": depth,
            "name": name,
            "facts": [fact for fact in facts if fact],
            "starred": take.is_starred,
            "kept": take.kept_as is not None,
            "shown": take.id == self.here,
            "present": take.kept_as == self.present,
        }


def _bars(take: FiledTake, first_number: int) -> str:
    request = take.request
    if isinstance(request, RewriteRequest):
        first, last = request.first_bar + first_number, request.last_bar - 1 + first_number
        if first == last:
            return phrase("bar {number} again", number=first)
        return phrase("bars {first} to {last} again", first=first, last=last)
    assert isinstance(request, ContinueRequest)
    if request.from_bar is None:
        return plural("{count} bar more", "{count} bars more", take.num_written)
    return plural(
        "{count} bar after bar {number}",
        "{count} bars after bar {number}",
        take.num_written,
        number=request.from_bar - 1 + first_number,
    )


def _end(take: FiledTake) -> str:
    if take.num_written >= take.num_bars:
        return ""
    if take.outcome is RunOutcome.WRITING:
        return phrase("being written")
    bars = {"written": take.num_written, "all": take.num_bars}
    if take.outcome is RunOutcome.DIED:
        return phrase("not finished: {written} of {all} bars", **bars)
    return phrase("stopped: {written} of {all} bars", **bars)
