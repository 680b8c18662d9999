"""The tables of the library, as the migrations that made them. A migration is never changed."""

import sqlite3
import time

MIGRATIONS = (
    """
    CREATE TABLE content (
        digest TEXT PRIMARY KEY,
        data BLOB NOT NULL
    );
    CREATE TABLE piece (
        id INTEGER PRIMARY KEY,
        owner TEXT NOT NULL,
        name TEXT NOT NULL,
        upload TEXT NOT NULL REFERENCES content,
        grid TEXT NOT NULL,
        key TEXT NOT NULL,
        num_bars INTEGER NOT NULL,
        thumbnail TEXT NOT NULL,
        history TEXT NOT NULL DEFAULT '',
        selected INTEGER NOT NULL DEFAULT 0,
        page TEXT NOT NULL DEFAULT '{}',
        created_s REAL NOT NULL,
        used_s REAL NOT NULL
    );
    CREATE INDEX piece_by_owner ON piece (owner, used_s);
    CREATE TABLE revision (
        id INTEGER PRIMARY KEY,
        piece INTEGER NOT NULL REFERENCES piece ON DELETE CASCADE,
        parent INTEGER REFERENCES revision ON DELETE SET NULL,
        take INTEGER REFERENCES take ON DELETE SET NULL,
        content TEXT NOT NULL REFERENCES content,
        end_tick INTEGER NOT NULL,
        pickup_ticks INTEGER,
        beats_followed INTEGER NOT NULL
    );
    CREATE INDEX revision_by_piece ON revision (piece);
    CREATE INDEX revision_by_take ON revision (take);
    CREATE INDEX revision_by_content ON revision (content);
    CREATE INDEX revision_by_parent ON revision (parent);
    CREATE TABLE run (
        id INTEGER PRIMARY KEY,
        revision INTEGER NOT NULL REFERENCES revision ON DELETE CASCADE,
        request TEXT NOT NULL,
        model TEXT NOT NULL,
        model_hash TEXT NOT NULL,
        state TEXT NOT NULL,
        created_s REAL NOT NULL
    );
    CREATE INDEX run_by_revision ON run (revision);
    CREATE TABLE take (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
        candidate INTEGER NOT NULL,
        number INTEGER NOT NULL,
        seed INTEGER NOT NULL,
        num_bars INTEGER NOT NULL,
        name TEXT NOT NULL DEFAULT '',
        is_starred INTEGER NOT NULL DEFAULT 0,
        is_deleted INTEGER NOT NULL DEFAULT 0,
        UNIQUE (run, candidate)
    );
    CREATE TABLE bar (
        take INTEGER NOT NULL REFERENCES take ON DELETE CASCADE,
        number INTEGER NOT NULL,
        content TEXT NOT NULL,
        PRIMARY KEY (take, number)
    ) WITHOUT ROWID;
    CREATE TABLE session (
        name TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        piece INTEGER REFERENCES piece ON DELETE SET NULL,
        used_s REAL NOT NULL
    );
    CREATE INDEX session_by_piece ON session (piece);
    """,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables of a library to what this version of the app reads.

    Raises:
        sqlite3.DatabaseError: It is no library, or one of a later version.
    """
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, applied_s REAL NOT NULL)"
    )
    (done,) = connection.execute("SELECT COUNT(*) FROM migration").fetchone()
    if done > len(MIGRATIONS):
        raise sqlite3.DatabaseError("it was written by a later version of MeloFormer")
    for number in range(done, len(MIGRATIONS)):
        # `executescript` commits what is open, so each migration is a transaction of its own.
        connection.executescript(
            f"BEGIN IMMEDIATE; {MIGRATIONS[number]}"
            f"INSERT INTO migration VALUES ({number}, {time.time()}); COMMIT;"
        )
