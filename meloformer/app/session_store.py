"""All sessions: which are in memory, and what of them.

What a session shows is in the library. In memory it is only to be quick: music that nobody has
asked for in a while rests where there is no room for it, and what a visitor has left goes within
minutes.
"""

import hashlib
import logging
import shutil
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event, RLock, Thread, Timer
from time import monotonic
from uuid import uuid4

from meloformer.app.filing import Filing
from meloformer.app.holdings import Holdings
from meloformer.app.library.library import PieceLibrary
from meloformer.app.library.sessions import find_session
from meloformer.app.memory import MemoryBudget, give_back
from meloformer.app.resting import music_bytes, rest, wake
from meloformer.app.session import Session
from meloformer.errors import MeloFormerError

logger = logging.getLogger(__name__)

PATIENCE_S = 20.0
"""For how long a run goes on that no page shows: a page that is loaded again is back by then."""
CROWDED_PATIENCE_S = 3.0
"""The same, where others wait for its place."""
LEFT_S = 180.0
"""For how long the music of a closed page stays in memory."""
UNUSED_S = 120.0
"""Music rests only if nobody has asked for it for so long: it may be played or printed just now."""
TIDIED_EVERY_S = 20.0


class SessionStore:
    """All sessions, and what of them is in memory.

    Args:
        folder: For files that the browser may fetch.
        library: What outlasts the app; without one, all is kept in memory.
        memory: Owns what is kept to be quick.
        max_sessions: In memory; more only while so many write.
        patience_s: How long a run goes on that no page shows.
        holdings: What visitors hold of the disk.
        spare: For small files where `folder` takes none.
    """

    def __init__(
        self,
        folder: Path,
        library: PieceLibrary | None = None,
        memory: MemoryBudget | None = None,
        *,
        max_sessions: int = 1_000,
        patience_s: float = PATIENCE_S,
        holdings: Holdings | None = None,
        spare: Path | None = None,
    ) -> None:
        self.library = library or PieceLibrary()
        self.memory = memory or MemoryBudget()
        self.filing = Filing(self.library)
        self.holdings = holdings or Holdings()
        self.is_crowded: Callable[[], bool] = lambda: False
        """Tells whether runs wait for the place of another."""
        self._folder = folder
        self._max_sessions = max_sessions
        self._patience_s = patience_s
        self._spare = spare
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._lock = RLock()

    def __len__(self) -> int:
        return len(self._sessions)

    def open(self, owner: str = "") -> Session:
        """Open a new, empty session.

        Args:
            owner: Whose library its pieces go to.
        """
        name = uuid4().hex
        return self._hold(self._new(name, owner))

    def find(self, name: str) -> Session | None:
        """Return the session of this name, from memory or from the library."""
        with self._lock:
            session = self._sessions.get(name)
            if session is not None:
                self._sessions.move_to_end(name)
                session.used_s = monotonic()
        if session is not None:
            with session.lock:
                if session.is_resting:
                    self._read(session, partial(wake, session, self.filing))
            return session
        filed = find_session(self.library, name)
        if filed is None:
            return None
        session = self._new(name, filed.owner, visitors=0)
        piece = filed.piece
        if piece is not None:
            self._read(session, partial(self.filing.open_filed, session, piece))
        return self._hold(session)

    def _read(self, session: Session, read: Callable[[], None]) -> None:
        """Read the music of a session from the library; what is damaged leaves it empty."""
        try:
            read()
        except MeloFormerError:
            logger.exception("A session could not be read from the library.")
            session.empty()

    def may_fetch(self, folder: str, browser: str) -> bool:
        """Return whether a browser gets files from a folder: not from others' sessions.

        Args:
            folder: Its name.
            browser: What the browser is known by.
        """
        with self._lock:
            sessions = [one for one in self._sessions.values() if one.folder.name == folder]
            return all(browser in session.browsers for session in sessions)

    def _new(self, name: str, owner: str, visitors: int = 1) -> Session:
        # The name of its folder is in links, and does not tell the session's.
        folder = hashlib.sha256(name.encode()).hexdigest()[:32]
        spare = self._spare / folder if self._spare is not None else None
        return Session(name, self._folder / folder, owner, spare, visitors=visitors)

    def _hold(self, session: Session) -> Session:
        """Keep a session in memory, unless another thread has just done so."""
        with self._lock:
            session = self._sessions.setdefault(session.name, session)
            session.holdings = self.holdings
            others = [one for one in self._sessions.values() if one is not session]
            resting = [one for one in others if not one.is_writing]
            resting.sort(key=lambda one: one.visitors > 0)  # those that no page shows go first
            for one in resting[: max(0, len(self._sessions) - self._max_sessions)]:
                self._clear(one)
        return session

    def leave(self, name: str) -> None:
        """Count a page that was closed.

        A run goes on meanwhile, but lets all others go before, and is stopped if no page comes back
        within `patience_s`, or sooner where others wait for its place; its bars are in the library.
        """
        with self._lock:
            session = self._sessions.get(name)
        if session is None or not session.leave():
            return
        if session.is_writing:
            self._end_unseen_after(session, min(CROWDED_PATIENCE_S, self._patience_s), 0.0)

    def _end_unseen_after(self, session: Session, seconds: float, so_far_s: float) -> None:
        wait = Timer(seconds, self._end_unseen, [session, so_far_s + seconds])
        wait.daemon = True
        wait.start()

    def _end_unseen(self, session: Session, unseen_s: float) -> None:
        """Stop the run of a session that no page shows, unless there is no hurry yet."""
        if session.visitors > 0 or not session.is_writing:
            return
        if unseen_s < self._patience_s and not self.is_crowded():
            seconds = min(CROWDED_PATIENCE_S, self._patience_s - unseen_s)
            self._end_unseen_after(session, seconds, unseen_s)
            return
        session.stop.set()

    def keep_prompt(self, session: Session) -> None:
        """Count the prompt that was read for a session."""
        prompt = session.prompt
        if prompt is None:
            return

        def drop() -> bool:
            session.prompt = None
            return True

        self.memory.keep(("prompt", session.name), prompt.num_bytes, drop)

    def tidy(self) -> None:
        """Clear what was left, and let music rest that there is no room for."""
        now = monotonic()
        with self._lock:
            for session in tuple(self._sessions.values()):
                is_left = session.left_s is not None and now - session.left_s > LEFT_S
                if is_left and not session.is_writing:
                    self._clear(session)
            sessions = tuple(self._sessions.values())  # the longest unused first
        for session in sessions:
            if session.prompt is None:
                self.memory.forget(("prompt", session.name))
            self.memory.count(
                ("music", session.name), music_bytes(session), partial(self._rest, session)
            )
        self.memory.fit()

    def _rest(self, session: Session) -> bool:
        return monotonic() - session.used_s > UNUSED_S and rest(session)

    def _clear(self, session: Session) -> None:
        self._sessions.pop(session.name, None)
        session.stop.set()
        for kind in ("prompt", "music"):
            self.memory.forget((kind, session.name))
        for folder in filter(None, (session.folder, session.spare)):
            shutil.rmtree(folder, ignore_errors=True)


def keep_tidy(*tidied: Callable[[], None]) -> Event:
    """Tidy from time to time, in a thread, until the event is set.

    Args:
        tidied: Each lets go of what is not needed any more.
    """
    end = Event()

    def tidy() -> None:
        while not end.wait(TIDIED_EVERY_S):
            for one in tidied:
                one()
            give_back()

    Thread(target=tidy, name="tidy", daemon=True).start()
    return end
