"""The library's file: one SQLite database, used by all threads of the app in turn.

It is in WAL mode, and what was written is on the disk before `writing` ends: a process that is
killed at any moment loses what it was just writing, and nothing else.
"""

import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Any, BinaryIO

from meloformer.app.library.schema import migrate
from meloformer.errors import LibraryError
from meloformer.lock import share_lock
from meloformer.phrases import phrase

NAME = "library.sqlite"
_BUSY_S = 10.0
"""How long to wait for another app on the same library."""


class PieceLibrary:
    """All that is kept. The modules of this room say what can be asked of it.

    Args:
        folder: Where its file lies or is made; without one it is kept in memory only.

    Attributes:
        is_alone: Whether no other app was using it when it was opened, so that whatever seemed to
            be going on had died.

    Raises:
        LibraryError: It cannot be opened.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._lock = RLock()
        self._depth = 0
        held: BinaryIO | None = None
        self.is_alone = True
        try:
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
                # Shared as long as the app lives: it tells runs that died from those of others.
                held, self.is_alone = share_lock(folder / ".lock")
            self._connection = sqlite3.connect(
                ":memory:" if folder is None else folder / NAME,
                timeout=_BUSY_S,
                isolation_level=None,
                check_same_thread=False,
            )
            self._finalizer = weakref.finalize(self, _close, self._connection, held)
            self._connection.row_factory = sqlite3.Row
            for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                self._connection.execute(f"PRAGMA {setting}")
            migrate(self._connection)
        except (OSError, sqlite3.Error) as error:
            raise LibraryError(
                phrase(
                    "The library of your pieces in {folder} cannot be opened: {error}.",
                    folder=folder,
                    error=error,
                ),
                hint="Move that folder away; the app then begins a new one.",
            ) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Make all changes of the block together, or none if it fails; blocks may be nested.

        Raises:
            LibraryError: The disk is full, or fails.
        """
        with self._lock:
            if self._depth:
                yield self._connection
                return
            self._depth = 1
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException as error:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise _failure(error) from error
                raise
            finally:
                self._depth = 0

    def rows(self, question: str, *values: Any) -> list[sqlite3.Row]:
        """Return what SQL finds.

        Raises:
            LibraryError: The disk fails.
        """
        with self._lock:
            try:
                return self._connection.execute(question, values).fetchall()
            except sqlite3.Error as error:
                raise _failure(error) from error

    def row(self, question: str, *values: Any) -> sqlite3.Row | None:
        """Return the first row that SQL finds, if there is one."""
        return next(iter(self.rows(question, *values)), None)

    def close(self) -> None:
        """Close the file; nothing can be asked of it any more."""
        self._finalizer()


def _close(connection: sqlite3.Connection, held: Any) -> None:
    connection.close()
    if held is not None:
        held.close()


def _failure(error: sqlite3.Error) -> LibraryError:
    return LibraryError(
        f"Your music could not be saved: {error}.",
        hint="Make room on the disk, and download what you want to keep.",
    )
