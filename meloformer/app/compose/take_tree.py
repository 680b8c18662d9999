"""The list of versions of a piece, as the page shows it (`ui/static/compose/takes`)."""

from typing import Any

from meloformer.app.filing import FiledWork
from meloformer.app.library.library import PieceLibrary
from meloformer.app.library.revisions import (
    first_revision,
    revision_of_take,
    take_of_revision,
)
from meloformer.app.library.runs import RunOutcome
from meloformer.app.library.takes import FiledTake, list_takes
from meloformer.app.session import Session
from meloformer.engine.request import ContinueRequest, RewriteRequest
from meloformer.phrases import phrase, plural


def take_tree(library: PieceLibrary, session: Session) -> dict[str, Any]:
    """Return a message with all versions of a session's piece, each below what it goes on from.

    Deleted ones are left out; what was made of them stays.
    """
    work, piece = session.work, session.piece
    if work is None or piece is None:
        return {"rows": [], "can_undo": False, "can_redo": False, "busy": False}
    takes = list_takes(library, work.piece)
    present = take_of_revision(library, work.present.revision)
    is_edited = _is_edited(library, work)
    children: dict[int | None, list[FiledTake]] = {}
    for take in takes:
        children.setdefault(take.parent, []).append(take)
    shown = [take.id for take in takes if take.run == work.present.run and not take.is_deleted]
    here = shown[session.selected] if session.selected < len(shown) else None
    first = piece.first_number
    rows: list[dict[str, Any]] = []

    def add(parent: int | None, depth: int) -> None:
        for take in children.get(parent, []):
            if not take.is_deleted:
                row = _row(take, depth, first, shown=take.id == here, present=take.id == present)
                if take.id == present and is_edited:
                    row["facts"].append(phrase("edited"))
                rows.append(row)
            add(take.id, depth + (not take.is_deleted))

    add(None, 1)
    opened = phrase("As you opened it")
    if present is None and is_edited:
        opened = phrase("Your piece, edited")
    original = {"id": 0, "depth": 0, "name": opened, "present": present is None}
    return {
        "rows": [original, *rows] if rows else [],
        "can_undo": session.can_undo,
        "can_redo": session.can_redo,
        "busy": session.is_writing,
    }


def _is_edited(library: PieceLibrary, work: FiledWork) -> bool:
    """Check if notes of the present revision were changed since it was opened or kept."""
    revision = work.present.revision
    take = take_of_revision(library, revision)
    untouched = first_revision(library, work.piece)
    return revision != (untouched if take is None else revision_of_take(library, take))


def _row(
    take: FiledTake, depth: int, first_number: int, *, shown: bool, present: bool
) -> dict[str, Any]:
    return {
        "id": take.id,
        "depth": depth,
        "name": take.name or phrase("Version {number}", number=take.number),
        "facts": [
            fact
            for fact in (
                _bars(take, first_number),
                phrase("seed {seed}", seed=take.seed),
                _end(take),
            )
            if fact
        ],
        "starred": take.is_starred,
        "kept": take.kept_as is not None,
        "shown": shown,
        "present": present,
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
