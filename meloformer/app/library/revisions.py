"""Revisions: a piece as it was opened, as each take that was kept has made it, and as edited."""

from dataclasses import dataclass

from meloformer.app.library import content
from meloformer.app.library.library import PieceLibrary
from meloformer.engine.piece import Piece
from meloformer.errors import LibraryError
from meloformer.midi.read import read_file


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledRevision:
    """A revision, as it is filed."""

    piece: int
    data: bytes
    """The MIDI file, on the grid of its beats if these were followed."""
    parent: int | None = None
    """The revision that it goes on from."""
    take: int | None = None
    """The take that was kept, edited or not; `None` for the piece as it was opened."""
    end_tick: int = 0
    pickup_ticks: int | None = None
    """As `read_file` is to be told them."""
    beats_followed: bool = False


def add_revision(library: PieceLibrary, revision: FiledRevision) -> int:
    """File a revision and return its id."""
    with library.writing() as connection:
        cursor = connection.execute(
            "INSERT INTO revision (piece, parent, take, content, end_tick, pickup_ticks,"
            " beats_followed) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(revision.piece, revision.parent, revision.take),
                *(content.put(library, revision.data), revision.end_tick),
                *(revision.pickup_ticks, revision.beats_followed),
            ),
        )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def read_revision(library: PieceLibrary, revision: int) -> Piece:
    """Read a revision as the piece that it was.

    Raises:
        LibraryError: It is not there any more, or damaged.
    """
    row = library.row(
        "SELECT name, content, end_tick, pickup_ticks, beats_followed FROM revision"
        " JOIN piece ON piece.id = revision.piece WHERE revision.id = ?",
        revision,
    )
    if row is None:
        raise LibraryError("That version is not in your library any more.")
    data = content.get(library, row["content"])
    file = read_file(data, end_tick=row["end_tick"], pickup_ticks=row["pickup_ticks"])
    return Piece(row["name"], file, bool(row["beats_followed"]))


@dataclass(frozen=True, slots=True)
class EditedRevision:
    """A revision whose notes were changed by hand."""

    id: int
    take: int | None
    """Whose notes these were; `None` for the piece as it was opened."""
    is_gone_on_from: bool
    """Whether anything was written for it."""


def edited_revisions(library: PieceLibrary, piece: int) -> list[EditedRevision]:
    """Return the edited revisions of a piece in the order in which they were made."""
    return [
        EditedRevision(row["id"], row["take"], bool(row["is_gone_on_from"]))
        for row in library.rows(_EDITED, piece)
    ]


def first_revision(library: PieceLibrary, piece: int) -> int:
    """Return the revision that is the piece as it was opened.

    Raises:
        LibraryError: There is no such piece.
    """
    row = library.row("SELECT MIN(id) AS id FROM revision WHERE piece = ?", piece)
    if row is None or row["id"] is None:
        raise LibraryError("That piece is not in your library any more.")
    return int(row["id"])


def revision_of_take(library: PieceLibrary, take: int) -> int | None:
    """Return the revision that a take has become; `None` if it was never kept."""
    row = library.row("SELECT id FROM revision WHERE take = ? ORDER BY id LIMIT 1", take)
    return int(row["id"]) if row is not None else None


def take_of_revision(library: PieceLibrary, revision: int) -> int | None:
    """Return the take that a revision was, edited or not; `None` for the piece as it was opened."""
    row = library.row("SELECT take FROM revision WHERE id = ?", revision)
    return int(row["take"]) if row is not None and row["take"] is not None else None


_EDITED = """
    SELECT id, take, EXISTS (SELECT 1 FROM run WHERE run.revision = revision.id) AS is_gone_on_from
    FROM revision WHERE piece = ?1
        AND id NOT IN (SELECT MIN(id) FROM revision WHERE piece = ?1 GROUP BY take)
    ORDER BY id
"""
