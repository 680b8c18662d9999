"""How much of the disk an owner's pieces take, and which takes go first when that is too much."""

from meloformer.app.library import content
from meloformer.app.library.library import PieceLibrary
from meloformer.app.library.pieces import history_of

USUAL_LIMIT_MB = 1_000
NEARLY = 0.9
"""A library as full as this says so."""


def size_of(library: PieceLibrary, owner: str) -> int:
    """Return the bytes that the music of an owner takes."""
    row = library.row(_SIZE, owner)
    return int(row["bytes"]) if row is not None else 0


def make_room(library: PieceLibrary, owner: str, max_bytes: int) -> int:
    """Remove takes of an owner, the oldest first, until the rest fits.

    Those with a star or a name stay, those that were kept, and those that a page may show.

    Returns:
        How many were removed.
    """
    removed = 0
    with library.writing() as connection:
        excess = size_of(library, owner) - max_bytes
        shown = _runs_shown(library, owner) if excess > 0 else set()
        for row in library.rows(_FIRST_TO_GO, owner) if excess > 0 else []:
            if excess <= 0:
                break
            if row["run"] in shown:
                continue
            connection.execute("DELETE FROM take WHERE id = ?", (row["id"],))
            excess -= row["bytes"] or 0
            removed += 1
        if removed:
            connection.execute(
                "DELETE FROM run WHERE id NOT IN (SELECT run FROM take) AND state <> 'writing'"
            )
            content.forget_unused(library)
    return removed


def _runs_shown(library: PieceLibrary, owner: str) -> set[int | None]:
    """Return the runs in whose state the pieces of an owner were left."""
    pieces = library.rows("SELECT id FROM piece WHERE owner = ?", owner)
    return {history_of(library, row["id"]).present.run for row in pieces}


_BYTES = "(SELECT SUM(LENGTH(CAST(content AS BLOB))) FROM bar WHERE bar.take = take.id)"
_SIZE = f"""
    SELECT COALESCE((SELECT SUM(LENGTH(data)) FROM content WHERE digest IN (
                SELECT upload FROM piece WHERE owner = ?1 UNION
                SELECT content FROM revision JOIN piece ON piece.id = revision.piece
                WHERE owner = ?1)), 0)
        + COALESCE((SELECT SUM({_BYTES}) FROM take JOIN run ON run.id = take.run
            JOIN revision ON revision.id = run.revision JOIN piece ON piece.id = revision.piece
            WHERE owner = ?1), 0) AS bytes
"""
_FIRST_TO_GO = f"""
    SELECT take.id, take.run, {_BYTES} AS bytes
    FROM take JOIN run ON run.id = take.run
    JOIN revision ON revision.id = run.revision JOIN piece ON piece.id = revision.piece
    WHERE owner = ?1 AND NOT take.is_starred AND take.name = ''
        AND NOT EXISTS (SELECT 1 FROM revision kept WHERE kept.take = take.id)
        AND run.id NOT IN (
            SELECT MAX(last.id) FROM run last JOIN revision of ON of.id = last.revision
            GROUP BY of.piece)
    ORDER BY NOT take.is_deleted, take.id
"""
