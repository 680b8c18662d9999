"""The list of all takes of a piece: what each was asked for, and what became of it."""

from dataclasses import dataclass
from typing import Any

from meloformer.app.library.library import PieceLibrary
from meloformer.app.library.requests import request_from_json
from meloformer.app.library.runs import RunOutcome
from meloformer.engine.request import Request
from meloformer.errors import LibraryError

MAX_NAME = 60
"""Characters of a name."""


@dataclass(frozen=True, slots=True)
class FiledTake:
    """A take in the library, without its music."""

    id: int
    run: int
    revision: int
    """What it was written for."""
    candidate: int
    number: int
    """Counts all takes of the piece, from 1."""
    seed: int
    num_bars: int
    """Bars asked for."""
    num_written: int
    name: str
    """That the musician gave it, or nothing."""
    is_starred: bool
    is_deleted: bool
    kept_as: int | None
    """The revision that it has become, if it was kept."""
    parent: int | None
    """The take that had become the revision it was written for, if one had."""
    outcome: RunOutcome
    """Of its run."""
    request: Request
    model: str
    model_hash: str
    created_s: float


def list_takes(library: PieceLibrary, piece: int) -> list[FiledTake]:
    """Return all takes of a piece in the order in which they were written, deleted ones too."""
    return [_filed(row) for row in library.rows(f"{_TAKE} WHERE of.piece = ? {_ORDER}", piece)]


def find_take(library: PieceLibrary, take: int, piece: int) -> FiledTake:
    """Return a take of a piece.

    Raises:
        LibraryError: There is none.
    """
    row = library.row(f"{_TAKE} WHERE take.id = ? AND of.piece = ?", take, piece)
    if row is None:
        raise LibraryError("That version is not in your library any more.")
    return _filed(row)


def star_take(library: PieceLibrary, take: int, *, is_starred: bool) -> None:
    """Give a take a star, or take it back."""
    with library.writing() as connection:
        connection.execute("UPDATE take SET is_starred = ? WHERE id = ?", (is_starred, take))


def name_take(library: PieceLibrary, take: int, name: str) -> None:
    """Give a take a name; empty takes it back."""
    with library.writing() as connection:
        connection.execute(
            "UPDATE take SET name = ? WHERE id = ?", (" ".join(name.split())[:MAX_NAME], take)
        )


_TAKE = """
    SELECT take.id, take.run, run.revision, take.candidate, take.number, take.seed, take.num_bars,
        (SELECT COUNT(*) FROM bar WHERE bar.take = take.id) AS num_written,
        take.name, take.is_starred, take.is_deleted,
        (SELECT MIN(id) FROM revision WHERE revision.take = take.id) AS kept_as,
        of.take AS parent, run.state AS outcome, run.request, run.model, run.model_hash,
        run.created_s
    FROM take JOIN run ON run.id = take.run JOIN revision of ON of.id = run.revision
"""
_ORDER = "ORDER BY run.id, take.candidate"


def _filed(row: Any) -> FiledTake:
    read: dict[str, Any] = {
        "is_starred": bool(row["is_starred"]),
        "is_deleted": bool(row["is_deleted"]),
        "outcome": RunOutcome(row["outcome"]),
        "request": request_from_json(row["request"]),
    }
    return FiledTake(**{**dict(row), **read})
