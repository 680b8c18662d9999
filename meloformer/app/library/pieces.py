"""Pieces in the library: a musician's files, each with the state that the work on it is in."""

import json
import time
from dataclasses import dataclass
from typing import Any

from meloformer.app.library import content
from meloformer.app.library.history import History, read_history
from meloformer.app.library.library import PieceLibrary
from meloformer.app.library.revisions import FiledRevision, add_revision
from meloformer.app.library.thumbnail import thumbnail
from meloformer.engine.piece import Piece
from meloformer.errors import LibraryError
from meloformer.midi.retime import GridChoice
from meloformer.score.key import estimate_key

PAGE_KEYS = ("settings", "mixer", "loop", "recipes", "locks")
"""What a page may ask to be kept with a piece."""
MAX_PAGE_BYTES = 100_000
"""Of each, as JSON."""


@dataclass(frozen=True, slots=True)
class FiledPiece:
    """A piece in the library, without its music."""

    id: int
    owner: str
    name: str
    grid: GridChoice
    key: str
    num_bars: int
    """Of the revision that was worked on last."""
    thumbnail: str
    """JSON of `thumbnail`."""
    used_s: float
    """When it was worked on last, in seconds since 1970."""


def add_piece(
    library: PieceLibrary, owner: str, upload: bytes, piece: Piece, grid: GridChoice
) -> tuple[int, int]:
    """File a piece as it was opened.

    Args:
        library: Where to.
        owner: Whose it is.
        upload: The bytes of the file as it came.
        piece: The file as it was read.
        grid: How its bars were counted.

    Returns:
        The ids of the piece and of its first revision.
    """
    now = _now(library)
    with library.writing() as connection:
        cursor = connection.execute(
            "INSERT INTO piece (owner, name, upload, grid, key, num_bars, thumbnail,"
            " created_s, used_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(owner, piece.name, content.put(library, upload), grid.value),
                *(key_of(piece), piece.num_bars, json.dumps(thumbnail(piece)), now, now),
            ),
        )
        assert cursor.lastrowid is not None
        revision = FiledRevision(
            piece=cursor.lastrowid,
            data=piece.data,
            pickup_ticks=0 if piece.beats_followed else None,
            beats_followed=piece.beats_followed,
        )
        return cursor.lastrowid, add_revision(library, revision)


def key_of(piece: Piece) -> str:
    """Return the key of a piece as musicians write it."""
    return estimate_key(piece.score).replace("b ", "♭ ").replace("#", "♯")


def find_piece(library: PieceLibrary, piece: int, owner: str) -> FiledPiece:
    """Return a piece of this owner.

    Raises:
        LibraryError: There is none.
    """
    row = library.row(f"{_PIECE} WHERE id = ? AND owner = ?", piece, owner)
    if row is None:
        raise LibraryError("That piece is not in your library any more.")
    return _filed(row)


def recent_pieces(library: PieceLibrary, owner: str, most: int) -> list[FiledPiece]:
    """Return the pieces of an owner, the one worked on last first."""
    rows = library.rows(f"{_PIECE} WHERE owner = ? ORDER BY used_s DESC LIMIT ?", owner, most)
    return [_filed(row) for row in rows]


def remove_piece(library: PieceLibrary, piece: int, owner: str) -> None:
    """Remove a piece with all that was made of it.

    Raises:
        LibraryError: There is none.
    """
    find_piece(library, piece, owner)
    with library.writing() as connection:
        connection.execute("DELETE FROM piece WHERE id = ?", (piece,))
        content.forget_unused(library)


def upload_of(library: PieceLibrary, piece: int) -> bytes:
    """Return the file of a piece as it came."""
    row = library.row("SELECT upload FROM piece WHERE id = ?", piece)
    return content.get(library, row["upload"] if row is not None else "")


def history_of(library: PieceLibrary, piece: int) -> History:
    """Return the states that a piece was in."""
    row = library.row("SELECT history FROM piece WHERE id = ?", piece)
    revisions = [row["id"] for row in library.rows(_REVISIONS, piece)]
    if row is None or not revisions:
        raise LibraryError("That piece is not in your library any more.")
    runs = [row["id"] for row in library.rows(_RUNS, piece)]
    return read_history(row["history"], revisions[0], revisions, runs)


def save_history(library: PieceLibrary, piece: int, history: History) -> None:
    """File the states that a piece was in."""
    deleted = history.present.deleted
    with library.writing() as connection:
        connection.execute(
            "UPDATE piece SET history = ?, used_s = ? WHERE id = ?",
            (history.to_json(), _now(library), piece),
        )
        connection.execute(
            f"UPDATE take SET is_deleted = id IN ({','.join('?' * len(deleted))})"
            " WHERE run IN (SELECT run.id FROM run JOIN revision ON revision.id = run.revision"
            " WHERE revision.piece = ?)",
            (*deleted, piece),
        )


def describe_piece(library: PieceLibrary, piece: int, shown: Piece) -> None:
    """File what the list of pieces tells of the revision that is worked on."""
    described = (key_of(shown), shown.num_bars, json.dumps(thumbnail(shown)))
    with library.writing() as connection:
        connection.execute(
            "UPDATE piece SET key = ?, num_bars = ?, thumbnail = ? WHERE id = ?",
            (*described, piece),
        )


def select_take(library: PieceLibrary, piece: int, index: int) -> None:
    """File which of the takes shown is looked at."""
    with library.writing() as connection:
        connection.execute("UPDATE piece SET selected = ? WHERE id = ?", (index, piece))


def selected_take(library: PieceLibrary, piece: int) -> int:
    """Return which of the takes shown was looked at."""
    row = library.row("SELECT selected FROM piece WHERE id = ?", piece)
    return int(row["selected"]) if row is not None else 0


def page_of(library: PieceLibrary, piece: int) -> dict[str, Any]:
    """Return what pages asked to be kept with a piece, by `PAGE_KEYS`."""
    row = library.row("SELECT page FROM piece WHERE id = ?", piece)
    page: dict[str, Any] = json.loads(row["page"]) if row is not None else {}
    return page


def save_page(library: PieceLibrary, piece: int, key: str, value: object) -> None:
    """Keep something of a page with a piece: the form, the mixer, the loop.

    Raises:
        LibraryError: It is no JSON, too long, or nothing that is kept.
    """
    try:
        text = json.dumps(value)
    except (TypeError, ValueError) as error:
        raise LibraryError("The state of the page could not be read.") from error
    if key not in PAGE_KEYS or len(text) > MAX_PAGE_BYTES:
        raise LibraryError("The state of the page is too long to be kept.")
    with library.writing() as connection:
        page = page_of(library, piece)
        connection.execute(
            "UPDATE piece SET page = ? WHERE id = ?",
            (json.dumps({**page, key: json.loads(text)}), piece),
        )


_LATER_S = 0.001
_PIECE = "SELECT id, owner, name, grid, key, num_bars, thumbnail, used_s FROM piece"
_REVISIONS = "SELECT id FROM revision WHERE piece = ? ORDER BY id"
_RUNS = "SELECT run.id FROM run JOIN revision ON revision.id = run.revision WHERE piece = ?"


def _now(library: PieceLibrary) -> float:
    """Return the time, or if the clock was set back, one that is later than all there are."""
    row = library.row("SELECT MAX(used_s) AS last_s FROM piece")
    last_s = row["last_s"] if row is not None else None
    return time.time() if last_s is None else max(time.time(), last_s + _LATER_S)


def _filed(row: Any) -> FiledPiece:
    return FiledPiece(**{**dict(row), "grid": GridChoice(row["grid"])})
