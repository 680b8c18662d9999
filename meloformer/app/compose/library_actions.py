"""Actions on the library: the list of versions, the recent pieces, what is kept of the page.

Like those of `actions`, each takes the session's name first.
"""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from meloformer.app.access import owner_of
from meloformer.app.compose.actions import Actions
from meloformer.app.compose.form import is_form_whole
from meloformer.app.compose.recent import recent
from meloformer.app.compose.roll_messages import Message
from meloformer.app.compose.run_words import run_words
from meloformer.app.compose.settings import CONTINUE, REWRITE, Settings
from meloformer.app.compose.shape import check_shape
from meloformer.app.compose.take_tree import take_tree
from meloformer.app.filing import Filing
from meloformer.app.library.library import PieceLibrary
from meloformer.app.library.pieces import page_of, remove_piece, save_page
from meloformer.app.library.size import USUAL_LIMIT_MB, make_room
from meloformer.app.library.takes import find_take, name_take, star_take
from meloformer.app.session import Session
from meloformer.errors import LibraryError, MeloFormerError
from meloformer.phrases import phrase

TASKS = (CONTINUE, REWRITE)


@dataclass(frozen=True, slots=True)
class LibraryActions:
    """What a visitor can do with their library."""

    actions: Actions
    max_bytes: int = USUAL_LIMIT_MB * 1_000_000
    """That the pieces of one visitor may take."""

    is_shared: bool = True
    """Whether visitors without a login share one library."""

    def owner_of(self, user: str | None, browser: object) -> str:
        """Return whose library a visitor works in, as `access.owner_of` does."""
        return owner_of(user, browser, is_shared=self.is_shared)

    @property
    def library(self) -> PieceLibrary:
        """The library of all."""
        return self._filing.library

    @property
    def _filing(self) -> Filing:
        return self.actions.app_state.sessions.filing

    def tree(self, name: str) -> Message:
        """Return the list of versions."""
        session = self.actions.session(name)
        with session.lock:
            return take_tree(self.library, session)

    def recent(self, name: str) -> Message:
        """Return the recent pieces."""
        session = self.actions.session(name)
        with session.lock:
            return recent(self.library, session, self.max_bytes)

    def open_recent(self, name: str, piece: object) -> Message:
        """Show a piece of the library, as it was left.

        Raises:
            LibraryError: The visitor has no such piece.
        """
        session = self.actions.session(name)
        with session.lock:
            self._filing.open_filed(session, _id(piece))
        return self.actions.show(name, run_words(session))

    def remove(self, name: str, piece: object) -> Message:
        """Remove a piece from the library, with all that was made of it.

        Raises:
            LibraryError: The visitor has no such piece.
        """
        session = self.actions.session(name)
        with session.lock:
            remove_piece(self.library, _id(piece), session.owner)
            if session.work is not None and session.work.piece == piece:
                self._filing.close_piece(session)
        return self.actions.show(name, run_words(session))

    def show_take(self, name: str, take: object) -> Message:
        """Show a version, among those that were written with it; 0 is the piece as opened."""
        return self._at_rest(name, take, "show")

    def go_on_from(self, name: str, take: object) -> Message:
        """Make a version what is continued; 0 is the piece as opened."""
        return self._at_rest(name, take, "go")

    def go_on_from_edited(self, name: str, revision: object) -> Message:
        """Make what was edited by hand what is continued."""
        session, number = self.actions.session(name), _id(revision)
        with session.lock:
            session.require_rest()
            self._filing.go_on_from_edited(session, number)
        return self.actions.show(name, phrase("Continue from here."))

    def delete_take(self, name: str, take: object) -> Message:
        """Delete a version; undo brings it back."""
        return self._at_rest(name, take, "delete")

    def _at_rest(self, name: str, take: object, act: str) -> Message:
        session, number = self.actions.session(name), _id(take)
        with session.lock:
            session.require_rest()
            if act == "delete":
                self._filing.delete_take(session, number)
                return self.actions.show(name, phrase("Deleted. Undo brings it back."))
            if number == 0:
                self._filing.show_original(session)
                return self.actions.show(name, phrase("Continue from here."))
            if act == "go":
                self._filing.go_on_from(session, number)
                return self.actions.show(name, phrase("Continue from here."))
            self._filing.show_take(session, number)
        return self.actions.show(name, run_words(session))

    def star(self, name: str, take: object, *, is_starred: bool) -> Message:
        """Give a version a star, which keeps it from being removed, or take it back."""
        star_take(self.library, self._own(name, take), is_starred=is_starred)
        return self.tree(name)

    def rename(self, name: str, take: object, said: object) -> Message:
        """Give a version a name; empty takes it back."""
        name_take(self.library, self._own(name, take), said if isinstance(said, str) else "")
        return self.tree(name)

    def _own(self, name: str, take: object) -> int:
        work = self.actions.session(name).work
        if work is None:
            raise LibraryError("There are no versions yet.", hint="Press Continue.")
        return find_take(self.library, _id(take), work.piece).id

    def make_room(self, name: str) -> int:
        """Remove the versions that go first where a visitor's pieces take too much.

        Returns:
            How many were removed.
        """
        return make_room(self.library, self.actions.session(name).owner, self.max_bytes)

    def keep_page(self, name: str, key: str, value: object) -> None:
        """Keep something of the page with the piece that is shown: `PAGE_KEYS` says what.

        Raises:
            LibraryError: It is too long, or nothing that is kept.
        """
        work = self.actions.session(name).work if name else None
        if work is not None:
            save_page(self.library, work.piece, key, value)

    def keep_settings(self, name: str, settings: Settings) -> None:
        """Keep the form with the piece that is shown."""
        self.keep_page(name, "settings", asdict(settings))

    def kept_page(self, session: Session) -> dict[str, Any]:
        """Return what was kept of the page with the piece that is shown, by `PAGE_KEYS`."""
        return page_of(self.library, session.work.piece) if session.work is not None else {}

    def kept_settings(self, session: Session) -> Settings | None:
        """Return the form as it was kept; `None` if it was not, or is not understood any more."""
        kept = self.kept_page(session).get("settings")
        # Fields that came later have what they have on a fresh page.
        known = {one.name for one in fields(Settings)}
        if not isinstance(kept, dict) or not {"task"} <= kept.keys() <= known:
            return None
        settings = Settings(**kept)
        # What is typed may be unfinished; numbers are within their ranges.
        plain = replace(settings, task=CONTINUE, parts=None, chords="", seed="")
        try:
            plain.request(None)
            check_shape(settings)
        except (MeloFormerError, TypeError, ValueError):
            return None
        texts = (settings.chords or "", settings.seed or "", settings.bars_again or "")
        is_whole = all(isinstance(text, str) for text in texts) and settings.task in TASKS
        return settings if is_whole and is_form_whole(settings) else None

    def marked_bars(self, session: Session, settings: Settings) -> tuple[int, int] | None:
        """Return the bars that the form asks to be written again; `None` for none."""
        if settings.task != REWRITE or session.piece is None:
            return None
        try:
            return self.actions.mark(session.name, settings.bars_again or "")
        except MeloFormerError:
            return None


def _id(value: object) -> int:
    """Read an id that a browser sent."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**62:
        raise LibraryError("The page asked for something that is not in the library.")
    return value
