"""The list of recent pieces, as the page shows it (`ui/static/compose/recent`)."""

import json
from typing import Any

from meloformer.app.compose.facts import key_phrase
from meloformer.app.compose.legend import PART_COLOURS
from meloformer.app.library.library import PieceLibrary
from meloformer.app.library.pieces import recent_pieces
from meloformer.app.library.size import NEARLY, size_of
from meloformer.app.library.thumbnail import HEIGHT, WIDTH
from meloformer.app.session import Session
from meloformer.phrases import phrase

MOST_SHOWN = 30
_MB = 1_000_000


def recent(library: PieceLibrary, session: Session, max_bytes: int) -> dict[str, Any]:
    """Return a message with the pieces of a session's owner, the last first, and their size.

    Args:
        library: Where they are.
        session: Whose.
        max_bytes: That the pieces of one owner may take.
    """
    size = size_of(library, session.owner)
    pieces = recent_pieces(library, session.owner, MOST_SHOWN)
    here = session.work.piece if session.work is not None else None
    return {
        "pieces": [
            {
                "id": piece.id,
                "name": piece.name,
                "key": key_phrase(piece.key),
                "bars": piece.num_bars,
                "used_s": piece.used_s,
                "lines": json.loads(piece.thumbnail),
                "here": piece.id == here,
            }
            for piece in pieces
        ],
        "width": WIDTH,
        "height": HEIGHT,
        "palette": list(PART_COLOURS),
        "empty": session.piece is None,
        "size": size_sentence(size, max_bytes) if pieces else "",
        "nearly_full": size > NEARLY * max_bytes,
    }


def size_sentence(size: int, max_bytes: int) -> str:
    """Return how full a library is, and what will go when there is no more room."""
    sizes = {"size": _megabytes(size), "most": max_bytes / _MB}
    if size <= NEARLY * max_bytes:
        return phrase("Your pieces take {size} of {most:,.0f} MB.", **sizes)
    return phrase(
        "Your pieces take {size} of {most:,.0f} MB. When that is full, the oldest versions "
        "without a star, a name or a sequel go first.",
        **sizes,
    )


def _megabytes(size: int) -> str:
    if size < _MB / 10:
        return phrase("less than 0.1")
    return f"{size / _MB:.1f}" if size < 10 * _MB else f"{size / _MB:,.0f}"
