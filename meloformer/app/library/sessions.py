"""Sessions in the library: which piece a page has shown, and whose it is."""

import time
from dataclasses import dataclass

from meloformer.app.library.library import PieceLibrary

_FORGOTTEN_AFTER_S = 366 * 86_400.0
"""A session without use; its piece stays among the recent ones."""


@dataclass(frozen=True, slots=True)
class FiledSession:
    """A session that some page has shown."""

    name: str
    owner: str
    piece: int | None


def save_session(library: PieceLibrary, name: str, owner: str, piece: int | None) -> None:
    """File what a session shows now."""
    with library.writing() as connection:
        connection.execute(
            "INSERT INTO session VALUES (?, ?, ?, ?) ON CONFLICT (name)"
            " DO UPDATE SET piece = excluded.piece, used_s = excluded.used_s",
            (name, owner, piece, time.time()),
        )
        connection.execute(
            "DELETE FROM session WHERE used_s < ?", (time.time() - _FORGOTTEN_AFTER_S,)
        )


def find_session(library: PieceLibrary, name: str) -> FiledSession | None:
    """Return the session of this name, if one was filed."""
    row = library.row("SELECT name, owner, piece FROM session WHERE name = ?", name)
    return FiledSession(row["name"], row["owner"], row["piece"]) if row is not None else None
