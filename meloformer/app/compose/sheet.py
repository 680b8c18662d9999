"""The score of what is looked at: which music it is of, and its file once that is made."""

from typing import Any

from meloformer.app.compose.archives import MUSICXML
from meloformer.app.compose.downloads import downloads, make_file, shown_piece
from meloformer.app.session import Session
from meloformer.app.state import AppState
from meloformer.errors import MeloFormerError


def sheet_message(session: Session) -> dict[str, Any]:
    """Return a message for the score view: what it could show, and the file if it is there.

    Args:
        session: Whose music is looked at.
    """
    files, piece = downloads(session), shown_piece(session)
    if files.whole is None or piece is None:
        return {"key": ""}
    bars = piece.num_bars if files.musicxml else 0
    key = files.whole.parent.name
    return {"key": key, "name": piece.name, "bars": bars, "file": files.musicxml}


def make_sheet(app_state: AppState, session: Session) -> dict[str, Any]:
    """Write the score of what is looked at, and return the message that shows it.

    Where it can't be written, the message says why.

    Args:
        app_state: Of the app.
        session: Whose music is looked at.
    """
    try:
        make_file(app_state, session, MUSICXML, as_heard=False)
    except MeloFormerError as error:
        return {**sheet_message(session), "problem": error.problem}
    return sheet_message(session)
