"""Filing: what a session shows is written to the library, and read back from it.

A session is worked on in memory. Each step of the work is filed as it is taken, so that the library
always has all that a page would have to show.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from meloformer.app.filed_work import FiledWork, ShownRun
from meloformer.app.library.history import History, WorkState
from meloformer.app.library.library import PieceLibrary
from meloformer.app.library.pieces import (
    add_piece,
    describe_piece,
    find_piece,
    history_of,
    save_history,
    select_take,
    selected_take,
    upload_of,
)
from meloformer.app.library.revisions import (
    FiledRevision,
    add_revision,
    edited_revisions,
    first_revision,
    read_revision,
    revision_of_take,
    take_of_revision,
)
from meloformer.app.library.runs import (
    Author,
    RunOutcome,
    add_bar,
    author_of,
    begin_run,
    end_run,
    request_of,
    take_ids,
    takes_of,
)
from meloformer.app.library.sessions import save_session
from meloformer.app.library.takes import FiledTake, find_take
from meloformer.app.take import SessionTake
from meloformer.app.whole_steps import whole_step
from meloformer.engine.candidate import FinishedBar
from meloformer.engine.export import recipe_of
from meloformer.engine.piece import Piece
from meloformer.engine.recipe import Recipe
from meloformer.engine.request import ContinueRequest, Request
from meloformer.errors import LibraryError

if TYPE_CHECKING:
    from meloformer.app.session import Session


@dataclass(frozen=True, slots=True)
class Filing:
    """Writes sessions to a library, and reads them back. Call it with the session's lock held."""

    library: PieceLibrary

    def open_piece(self, session: "Session", upload: bytes, piece: Piece) -> None:
        """File a piece that has just been opened, and put it in the session."""
        with whole_step(session), self.library.writing():
            filed, revision = add_piece(self.library, session.owner, upload, piece, session.grid)
            session.work = FiledWork(filed, History((WorkState(revision),)), revision)
            session.upload = piece.name, upload
            session.place(piece)
            save_session(self.library, session.name, session.owner, filed)

    def open_filed(self, session: "Session", piece: int) -> None:
        """Put a piece of the library in the session, in the state in which it was left.

        Raises:
            LibraryError: The owner has no such piece, or it is damaged.
        """
        found = find_piece(self.library, piece, session.owner)
        history, upload = history_of(self.library, piece), upload_of(self.library, piece)
        work = FiledWork(piece, history, history.present.revision)
        self._show(session, work)
        session.work, session.grid, session.upload = work, found.grid, (found.name, upload)
        session.selected = min(selected_take(self.library, piece), max(0, len(session.takes) - 1))
        with suppress(LibraryError):  # of a full disk, which can be read still
            save_session(self.library, session.name, session.owner, piece)

    def close_piece(self, session: "Session") -> None:
        """Leave a session without a piece."""
        session.empty()
        save_session(self.library, session.name, session.owner, None)

    def begin_run(
        self, session: "Session", request: Request, author: Author
    ) -> tuple[Piece, int | None]:
        """Begin a run in the session, and file it.

        Returns:
            The piece, and the id of the run; `None` where the piece was never filed.
        """
        work = session.work
        if work is None:
            return session.begin_run(request), None
        self._hold(session)
        with whole_step(session), self.library.writing():
            run = begin_run(self.library, work.present.revision, request, author)
            kept = request.from_bar if isinstance(request, ContinueRequest) else session.from_bar
            work.history = work.history.pushed(replace(work.present, run=run, from_bar=kept))
            session.selected = 0
            self._save(session, work)
        return session.begin_run(request), run

    def add_bar(self, run: int | None, bar: FinishedBar) -> None:
        """File a finished bar."""
        if run is not None:
            add_bar(self.library, run, bar)

    def end_run(self, run: int | None, outcome: RunOutcome) -> None:
        """File what became of a run."""
        if run is not None:
            end_run(self.library, run, outcome)

    def forget_run(self, session: "Session", run: int | None) -> None:
        """Go back from a run that has written nothing to what was shown before."""
        work = session.work
        if work is not None and run is not None and work.present.run == run:
            work.history = work.history.without_present()
            self._show(session, work)
            self._save(session, work)

    def set_seam(self, session: "Session", after_bar: int) -> None:
        """Continue after the bar of this number; takes that were shown can be brought back.

        Raises:
            MeloFormerError: There is no piece, or no such bar.
        """
        with whole_step(session):
            self._set_seam(session, after_bar)

    def _set_seam(self, session: "Session", after_bar: int) -> None:
        self._hold(session)
        session.set_seam(after_bar)
        work = session.work
        if work is None:
            return
        state = replace(work.present, run=None, from_bar=session.from_bar)
        if work.present.run is None:
            work.history = work.history.replaced(state)
        else:
            work.history = work.history.pushed(state)
        self._save(session, work)

    def select(self, session: "Session") -> None:
        """File which take is looked at."""
        if session.work is not None:
            select_take(self.library, session.work.piece, session.selected)

    def keep(self, session: "Session", index: int) -> None:
        """Make a take that is shown the piece."""
        with whole_step(session):
            self._keep(session, index)

    def _keep(self, session: "Session", index: int) -> None:
        piece, take, task = session.require_piece(), session.take(index), session.task
        work = session.work
        kept, sound = Piece(piece.name, take.file), take.sound
        if work is None:
            session.place(kept, sound)
            return
        ids = self._ids_shown(work)
        if index >= len(ids):
            raise LibraryError("That version is not in your library any more.")
        filed = ids[index]
        revision = revision_of_take(self.library, filed)
        if revision is None:
            revision = add_revision(
                self.library,
                FiledRevision(
                    piece=work.piece,
                    data=take.data,
                    parent=work.present.revision,
                    take=filed,
                    end_tick=task.end_tick(piece.file, take.candidate),
                    pickup_ticks=piece.file.pickup_ticks,
                ),
            )
        self._hold(session)
        session.place(kept, sound)
        work.history = work.history.pushed(WorkState(revision, deleted=work.present.deleted))
        self._save(session, work)

    def edit(self, session: "Session", edited: Piece) -> None:
        """Make what is looked at with notes changed the piece, in one step.

        A take is kept with that, so that it is what the piece goes on from.
        """
        with whole_step(session):
            self._edit(session, edited)

    def _edit(self, session: "Session", edited: Piece) -> None:
        work, is_take = session.work, bool(session.takes)
        if work is None:
            session.place(edited)
            return
        if is_take:
            self._keep(session, session.selected)
        before, state = session.require_piece(), work.present
        revision = add_revision(
            self.library,
            FiledRevision(
                piece=work.piece,
                data=edited.data,
                parent=state.revision,
                take=take_of_revision(self.library, state.revision),
                end_tick=before.score.end_tick,
                pickup_ticks=before.file.pickup_ticks,
                beats_followed=edited.beats_followed,
            ),
        )
        self._hold(session)
        kept = state.from_bar if (state.from_bar or 0) < edited.num_bars else None
        session.place(edited)
        session.from_bar = kept
        after = WorkState(revision, None, kept, state.deleted)
        work.history = work.history.replaced(after) if is_take else work.history.pushed(after)
        self._save(session, work)

    def move(self, session: "Session", by: int) -> None:
        """Undo some steps, or take them again."""
        work = session.work
        if work is not None:
            self._go_to(session, work, work.history.moved(by))

    def show_take(self, session: "Session", take: int) -> None:
        """Show a take of the piece, among those that were written with it.

        Raises:
            LibraryError: There is no such take.
        """
        work, found = self._find(session, take)
        deleted = tuple(one for one in work.present.deleted if one != take)
        kept = getattr(found.request, "from_bar", None)
        state = WorkState(found.revision, found.run, kept, deleted)
        self._go_to(session, work, work.history.pushed(state))
        session.selected = self._ids_shown(work).index(take)
        self.select(session)

    def show_original(self, session: "Session") -> None:
        """Go back to the piece as it was opened; what was made of it stays in the list."""
        work = session.work
        if work is not None:
            state = WorkState(
                first_revision(self.library, work.piece), None, None, work.present.deleted
            )
            self._go_to(session, work, work.history.pushed(state))

    def go_on_from(self, session: "Session", take: int) -> None:
        """Make a take of the piece what is continued, whether it is shown or not.

        Raises:
            LibraryError: There is no such take.
        """
        work, found = self._find(session, take)
        if found.kept_as is None:
            self.show_take(session, take)
            self.keep(session, session.selected)
        else:
            state = WorkState(found.kept_as, deleted=work.present.deleted)
            self._go_to(session, work, work.history.pushed(state))

    def go_on_from_edited(self, session: "Session", revision: int) -> None:
        """Make the piece, or a take of it, what is continued, as it was edited by hand.

        Raises:
            LibraryError: There is no such revision.
        """
        work = self._work(session)
        if all(edit.id != revision for edit in edited_revisions(self.library, work.piece)):
            raise LibraryError("That version is not in your library any more.")
        state = WorkState(revision, deleted=work.present.deleted)
        self._go_to(session, work, work.history.pushed(state))

    def delete_take(self, session: "Session", take: int) -> None:
        """Delete a take; undo brings it back.

        Raises:
            LibraryError: There is no such take.
        """
        work, _ = self._find(session, take)
        deleted = tuple(sorted({*work.present.deleted, take}))
        state = replace(work.present, deleted=deleted)
        self._go_to(session, work, work.history.pushed(state))

    def _find(self, session: "Session", take: int) -> tuple[FiledWork, FiledTake]:
        work = self._work(session)
        return work, find_take(self.library, take, work.piece)

    def _work(self, session: "Session") -> FiledWork:
        if session.work is None:
            raise LibraryError("There are no versions yet.", hint="Press Continue.")
        return session.work

    def _go_to(self, session: "Session", work: FiledWork, history: History) -> None:
        with whole_step(session):
            self._show_state(session, work, history)

    def _show_state(self, session: "Session", work: FiledWork, history: History) -> None:
        self._hold(session)
        if history.present.deleted != work.present.deleted:
            work.runs.clear()
        work.history = history
        # First: only takes that are not deleted are shown.
        save_history(self.library, work.piece, history)
        self._show(session, work)
        self._save(session, work)

    def _save(self, session: "Session", work: FiledWork) -> None:
        save_history(self.library, work.piece, work.history)
        select_take(self.library, work.piece, session.selected)
        if session.piece is not None and work.described != work.present.revision:
            describe_piece(self.library, work.piece, session.piece)
            work.described = work.present.revision

    def _ids_shown(self, work: FiledWork) -> list[int]:
        """Return the ids of the takes that are shown."""
        run = work.present.run
        return [] if run is None else take_ids(self.library, run)

    def _hold(self, session: "Session") -> None:
        """Keep what is shown in memory, for as long as there is room, lest it is read again."""
        work, piece = session.work, session.piece
        if work is None or piece is None:
            return
        state = work.present
        work.hold_revision(state.revision, piece, session.piece_sound)
        if state.run is not None and session.request is not None and session.takes:
            work.hold_run(state.run, ShownRun(session.request, session.takes, session.selected))

    def _show(self, session: "Session", work: FiledWork) -> None:
        """Put the present state of the work in the session, from memory or from the library."""
        state = work.present
        held = work.revisions.get(state.revision)
        piece, sound = held or (read_revision(self.library, state.revision), None)
        shown = None if state.run is None else work.runs.get(state.run) or self._read_run(state.run)
        if session.piece is not piece:
            session.place(piece, sound)
        session.leave_takes()
        session.prompt, session.from_bar = None, state.from_bar
        if shown is None:
            return
        session.request, session.takes = shown.request, shown.takes
        session.selected = min(shown.selected, len(shown.takes) - 1)
        for take in session.takes:
            if not take.data:
                take.join(piece.file, session.task, _recipe(piece, shown, take))

    def _read_run(self, run: int) -> ShownRun | None:
        if not take_ids(self.library, run):
            return None
        takes = [SessionTake(bars=bars) for bars in takes_of(self.library, run)]
        author = author_of(self.library, run)
        return ShownRun(request_of(self.library, run), takes, author=author)


def _recipe(piece: Piece, shown: ShownRun, take: SessionTake) -> Recipe | None:
    """Say how a take was asked for, which its file carries."""
    author = shown.author
    if author is None:
        return None
    return recipe_of(
        piece, shown.request, take.candidate, model=author.model, model_hash=author.model_hash
    )
