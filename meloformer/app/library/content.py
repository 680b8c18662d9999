"""Files in the library, each kept once under the hash of its bytes."""

import hashlib

from meloformer.app.library.library import PieceLibrary
from meloformer.errors import LibraryError


def put(library: PieceLibrary, data: bytes) -> str:
    """Keep a file, unless it is kept already, and return its hash."""
    digest = hashlib.sha256(data).hexdigest()
    with library.writing() as connection:
        connection.execute("INSERT OR IGNORE INTO content VALUES (?, ?)", (digest, data))
    return digest


def get(library: PieceLibrary, digest: str) -> bytes:
    """Return the file with this hash.

    Raises:
        LibraryError: It is missing, or its bytes are not what they were.
    """
    row = library.row("SELECT data FROM content WHERE digest = ?", digest)
    data = bytes(row["data"]) if row is not None else b""
    if hashlib.sha256(data).hexdigest() != digest:
        raise LibraryError("A file in the library is damaged.", hint="Drop your file once more.")
    return data


def forget_unused(library: PieceLibrary) -> None:
    """Remove files that nothing speaks of any more."""
    with library.writing() as connection:
        connection.execute(
            "DELETE FROM content WHERE digest NOT IN"
            " (SELECT upload FROM piece UNION SELECT content FROM revision)"
        )
