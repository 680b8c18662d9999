"""The action of editing: notes of the roll are changed, and the piece becomes another revision."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from meloformer.app.compose.actions import Actions
from meloformer.app.compose.note_edits import read_note_edits
from meloformer.app.compose.roll_messages import Message
from meloformer.app.session import Session
from meloformer.engine.piece import Piece
from meloformer.errors import MeloFormerError
from meloformer.midi.edit import NoteEdit, edit_notes
from meloformer.midi.read import read_file
from meloformer.phrases import joined, phrase, plural


@dataclass(frozen=True, slots=True)
class EditActions:
    """What a visitor can do with single notes."""

    actions: Actions

    def edit(
        self, name: str, changes: object, *, take: object = None, number: object = None
    ) -> Message:
        """Change notes of what is looked at.

        Where that is a version, the piece goes on from it, as if it had been kept. Undo takes all
        of the change back in one step.

        Args:
            name: The session's.
            changes: As `read_note_edits` reads them; they come from a browser.
            take: The version that is looked at, if there are some.
            number: By which the page knows its edit again.

        Returns:
            The whole picture. Where the edit can't be made, that is the picture before, with a
            sentence that says why.
        """
        session = self.actions.session(name)
        self.actions.pick(name, take)
        try:
            said = self._edited(session, changes)
        except MeloFormerError as error:
            said = joined(" ", filter(None, [error.problem, error.hint]))
        return {**self.actions.show(name, said), "edited": number}

    def _edited(self, session: Session, changes: object) -> str:
        with session.lock:
            session.require_rest()
            before, is_take = _looked_at(session), bool(session.takes)
            edits = read_note_edits(before.file, changes)
            if not edits:
                return ""
            self.actions.app_state.sessions.filing.edit(session, edited(before, edits))
        changed = plural("{count} note changed.", "{count} notes changed.", len(edits))
        if not is_take:
            return changed
        return joined(" ", [changed, phrase("You go on from this version now.")])


def edited(piece: Piece, edits: Sequence[NoteEdit]) -> Piece:
    """Return a piece with notes changed; it has no fewer bars than before.

    Raises:
        MidiError: What comes of it can't be read as music.
    """
    file = piece.file
    data = edit_notes(file, edits)
    read = read_file(data, end_tick=file.score.end_tick, pickup_ticks=file.pickup_ticks)
    return replace(piece, file=read)


def _looked_at(session: Session) -> Piece:
    piece = session.require_piece()
    if not session.takes:
        return piece
    take = session.take(session.selected)
    if not take.data:
        raise MeloFormerError("This continuation is still being written.")
    return Piece(piece.name, take.file)
