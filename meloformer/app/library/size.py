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
    """Remove what an owner can't come to any more, then takes, the oldest first, until all fits.

    Takes with a star or a name stay, those that were kept, and those that a page may show.

    Returns:
        How many takes were removed.
    """
    removed = 0
    with library.writing() as connection:
        if size_of(library, owner) > max_bytes:
            _remove_lost_edits(library, owner)
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


def _remove_lost_edits(library: PieceLibrary, owner: str) -> None:
    """Remove revisions that were edited, undone and left: no state and no run speaks of them.

    The last one of a piece stays: it may be so new that its state is not filed yet.
    """
    with library.writing() as connection:
        for piece in library.rows("SELECT id FROM piece WHERE owner = ?", owner):
            reached = {state.revision for state in history_of(library, piece["id"]).states}
            for row in library.rows(_EDITED_IN_VAIN, piece["id"]):
                if row["id"] not in reached:
                    connection.execute("DELETE FROM revision WHERE id = ?", (row["id"],))
        content.forget_unused(library)


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
_EDITED_IN_VAIN = """
    SELECT id FROM revision WHERE piece = ?1
        AND id NOT IN (SELECT MIN(id) FROM revision WHERE piece = ?1 GROUP BY take)
        AND id <> (SELECT MAX(id) FROM revision WHERE piece = ?1)
        AND NOT EXISTS (SELECT 1 FROM run WHERE run.revision = revision.id)
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
