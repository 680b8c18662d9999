"""Actions of shape: what is held in words, notes locked on the roll."""

from dataclasses import dataclass
from typing import Any

from meloformer.app.compose.library_actions import LibraryActions
from meloformer.app.compose.roll_messages import Message
from meloformer.app.compose.settings import Settings
from meloformer.app.compose.shape_words import shape_sentence
from meloformer.app.locked_notes import ShownLock, read_locks
from meloformer.app.session import Session
from meloformer.engine.tasks import task_of
from meloformer.errors import ConfigError, MeloFormerError
from meloformer.midi.file import MidiFile
from meloformer.phrases import joined, phrase, plural

_NEAR_QUARTERS = 0.06
"""A note of a version is shown on the grid of the tokens, and in the file on that of its ticks."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a form holds new notes by."""

    said: str = ""
    """In a line of words; empty where nothing is held."""
    problem: MeloFormerError | None = None
    """Why nothing can be written so."""


@dataclass(frozen=True, slots=True)
class ShapeActions:
    """What a visitor can hold new notes by."""

    library: LibraryActions

    def held(self, name: str, settings: Settings) -> Held:
        """Return what a form holds new notes by, and which of it contradicts each other.

        Whatever else is wrong with the form is said where it is filled in.
        """
        actions = self.library.actions
        session = actions.session(name)
        if session.piece is None:
            return Held()
        try:
            said = shape_sentence(settings, session.piece, session.locked)
        except MeloFormerError as error:
            return Held(phrase("Shape"), error)
        if not said:
            return Held()
        try:
            settings.request(session.from_bar, session.piece.first_number)
        except MeloFormerError:
            return Held(said)
        try:
            request = actions.request(session, settings)
            if request.handles:
                task_of(session.piece.encoding, request).plan()
        except ConfigError as error:
            return Held(said, error)
        return Held(said)

    def lock(self, name: str, notes: object, take: object = None) -> tuple[Message, bool]:
        """Lock notes as the roll shows them, in the place of those that were locked.

        Where some are of a version that is looked at, the piece goes on from it, as if it had been
        kept: bars are written again in the piece, and the notes are to be there.

        Args:
            name: The session's.
            notes: As `read_locks` reads them; they come from a browser.
            take: The version that is looked at, if there are some.

        Returns:
            The message for the roll, and whether the piece is another one now.

        Raises:
            ConfigError: They could not be read, or are too many.
        """
        actions, session = self.library.actions, self.library.actions.session(name)
        locked = read_locks(notes)
        with session.lock:
            session.locked = locked
            self.library.keep_page(name, "locks", [list(one) for one in locked])
            if not self._are_of_take(session, take):
                return {"kind": "status"}, False  # the page has said it already
            actions.pick(name, take)
            actions.app_state.keep(session, session.selected)
        said = plural("{count} note locked.", "{count} notes locked.", len(locked))
        said = joined(" ", [said, phrase("You go on from this version now.")])
        return actions.show(name, said), True

    def _are_of_take(self, session: Session, take: object) -> bool:
        if session.is_writing or not isinstance(take, int) or not 0 <= take < len(session.takes):
            return False
        version, piece = session.takes[take], session.require_piece()
        if not version.data:
            return False
        own = [one for one in session.locked if not _is_in(piece.file, one)]
        return any(_is_in(version.file, one) for one in own)

    def restore(self, session: Session, kept: dict[str, Any]) -> None:
        """Lock the notes that were kept with the piece in a session."""
        try:
            session.locked = read_locks(kept.get("locks") or [])
        except ConfigError:
            session.locked = ()


def _is_in(file: MidiFile, note: ShownLock) -> bool:
    table = file.notes
    numbers = [None if part is None else part.number for part in file.part_of_track]
    voices = [track for track, number in enumerate(numbers) if number == note.part]
    near = abs(table.start / file.score.ticks_per_quarter - note.start) <= _NEAR_QUARTERS
    own = near & (table.pitch == note.pitch)
    return bool(set(table.voice[own].tolist()) & set(voices))
