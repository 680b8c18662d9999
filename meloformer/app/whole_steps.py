"""Steps of the work on a piece, each taken whole: what cannot be filed does not change it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from meloformer.errors import MeloFormerError

if TYPE_CHECKING:
    from meloformer.app.session import Session

_CHANGED = ("piece", "piece_sound", "upload", "files", "prompt", "from_bar", "request", "takes")
_FIELDS = (*_CHANGED, "selected", "work")
"""What steps change."""


@contextmanager
def whole_step(session: "Session") -> Iterator[None]:
    """Leave a session as it was if the step in the block fails, as on a full disk."""
    before = {name: getattr(session, name) for name in _FIELDS}
    work = session.work
    filed = None if work is None else (work.history, work.described)
    try:
        yield
    except MeloFormerError:
        for name, value in before.items():
            setattr(session, name, value)
        if work is not None and filed is not None:
            work.history, work.described = filed
        raise
