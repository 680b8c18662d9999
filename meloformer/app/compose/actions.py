"""Actions of the compose tab: plain functions of values, with no widgets, so that tests call them.

Each takes the session's name first and gives messages for the roll (`roll_messages`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from meloformer.app.access import visitor_of
from meloformer.app.compose.downloads import links_message, make_file
from meloformer.app.compose.facts import facts
from meloformer.app.compose.form import with_form
from meloformer.app.compose.models import model_label
from meloformer.app.compose.opening import OpeningSettings, in_chosen_key, with_changes
from meloformer.app.compose.place_words import place_words
from meloformer.app.compose.restored import Restored, kept_bar, restored
from meloformer.app.compose.roll_messages import (
    Message,
    bars_arrive,
    picture,
    run_begins,
    sound_arrives,
    status_line,
)
from meloformer.app.compose.run_words import run_words
from meloformer.app.compose.settings import Settings
from meloformer.app.compose.shape import shaped
from meloformer.app.compose_job import ComposeJob
from meloformer.app.session import Session
from meloformer.app.state import AppState
from meloformer.audio.mixer import Mixer, mixer_of
from meloformer.engine.candidate import FinishedBar
from meloformer.engine.request import (
    MAX_REWRITE_BARS,
    ContinueRequest,
    RewriteRequest,
    check_bars,
    parse_bars,
)
from meloformer.engine.tasks import task_of
from meloformer.errors import MeloFormerError, MidiError
from meloformer.midi.container import MAX_BYTES
from meloformer.midi.retime import GridChoice
from meloformer.phrases import phrase

MIN_PAUSE_S = 0.1
"""Bars that come faster than this share a message, so that the page stays easy to use."""

PLACE_TOLD_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Actions:
    """The actions of the compose tab."""

    app_state: AppState
    uploads: Path
    """The only folder that uploads are read from."""

    def enter(self, known: object, owner: str = "", browser: str = "") -> Session:
        """Return the session that a page showed before it was loaded again, or a new one.

        Args:
            known: What the page remembers; it comes from a browser, so it may be anything.
            owner: Who has come.
            browser: What their browser is known by.
        """
        session = self.app_state.sessions.find(known) if isinstance(known, str) and known else None
        if session is None or session.owner != owner:
            session = self.app_state.sessions.open(owner)
        else:
            session.enter()
        session.browsers.add(browser)
        session.holder = session.holder or visitor_of(owner, browser)
        return session

    def session(self, name: str) -> Session:
        """Return the session of that name.

        Raises:
            MeloFormerError: It was cleared.
        """
        session = self.app_state.sessions.find(name) if name else None
        if session is None:
            raise MeloFormerError(
                "This page was idle for so long that its music was put away.",
                hint="Load the page again: your pieces are still there.",
            )
        return session

    def session_for_another(self, name: str) -> str:
        """Return the session in which a page is to open another piece.

        Where other pages show the same session, that is a new one, lest theirs is changed.
        """
        session = self.session(name)
        with session.lock:
            if session.visitors <= 1:
                return name
            session.visitors -= 1
            other = self.app_state.sessions.open(session.owner)
            other.loaded, other.grid = session.loaded, session.grid
            other.browsers |= session.browsers
            other.holder = session.holder
            return other.name

    def show(self, name: str, status: str = "") -> Message:
        """Return the whole picture of a session."""
        session = self.session(name)
        most_again = MAX_REWRITE_BARS if self.app_state.fills_in(session) else 0
        return picture(session, status, facts(session.piece) if session.piece else (), most_again)

    def open_upload(self, name: str, path: str) -> Message:
        """Put an uploaded file in the session.

        Raises:
            MidiError: It cannot be read as music.
        """
        file = Path(path).resolve()
        if not file.is_relative_to(self.uploads.resolve()) or not file.is_file():
            raise MidiError("The upload did not arrive.", hint="Drop the file once more.")
        if file.stat().st_size > MAX_BYTES:
            raise MidiError(
                phrase(
                    "The file is larger than {max_bytes} MB.",
                    max_bytes=MAX_BYTES // 1_000_000,
                ),
                hint="MIDI files rarely are.",
            )
        return self.open_file(name, file)

    def open_file(self, name: str, file: Path) -> Message:
        """Put a MIDI file in the session."""
        return self.open_music(name, file.stem[:60] or "music", file.read_bytes())

    def open_music(
        self, name: str, title: str, data: bytes, grid: GridChoice | None = None
    ) -> Message:
        """Put music in the session.

        Args:
            name: The session's.
            title: What to call it.
            data: A MIDI file.
            grid: Whether its beats are followed; `None` for what the page chose.

        Raises:
            MidiError: It cannot be read as music.
        """
        session = self.session(name)
        piece = self.app_state.read(title, data, grid or session.grid)
        session.mixer, session.locked = Mixer(), ()
        with session.lock:
            self.app_state.sessions.filing.open_piece(session, data, piece)
            if (bar := kept_bar(session)) is not None:
                self.app_state.sessions.filing.set_seam(session, bar)
        return self.show(name, self.restored(name).sentence)

    def open_blank(self, name: str, opening: OpeningSettings) -> Message:
        """Put a piece in the session that is still to be written.

        Raises:
            ConfigError: Nobody plays, or something is unknown or out of range.
        """
        session, piece = self.session(name), opening.read().piece()
        session.mixer = Mixer()
        with session.lock:
            self.app_state.sessions.filing.open_piece(session, piece.data, piece)
        return self.show(name)

    def restored(self, name: str) -> Restored:
        """Return the settings that the file in the session brings along."""
        return restored(self.app_state, self.session(name))

    def set_recipes(self, name: str, are_written: bool) -> None:
        """Let files to take away say how their new bars were asked for, or not."""
        self.session(name).has_recipes = bool(are_written)

    def set_grid(self, name: str, grid: str) -> Message:
        """Count the bars of the file, or those that are played; the upload is read again.

        Raises:
            MeloFormerError: There is no such choice.
        """
        session = self.session(name)
        if grid not in set(GridChoice):
            raise MeloFormerError(
                phrase(
                    "`{grid}` is none of auto, as-written and follow.",
                    grid=grid[:20],
                )
            )
        session.grid = GridChoice(grid)
        if session.upload is not None:
            title, data = session.upload
            piece = self.app_state.read(title, data, session.grid)
            with session.lock:
                self.app_state.sessions.filing.open_piece(session, data, piece)
        return self.show(name)

    def choose(self, name: str, model: str) -> Message:
        """Compose with another model from now on; empty for the app's own."""
        session = self.session(name)
        self.app_state.choose(session, model)
        return self.show(
            name, phrase("From now on: {model}.", model=model_label(self.app_state, model))
        )

    def prepare(self, name: str) -> None:
        """Let the model read the piece ahead of the click."""
        session = self.session(name)
        if self.app_state.workers is None or session.loaded is not None:
            self.app_state.prepare(session)  # others read it where they write

    def set_seam(self, name: str, after_bar: float) -> Message:
        """Continue after this bar."""
        session = self.session(name)
        with session.lock:
            self.app_state.sessions.filing.set_seam(session, int(after_bar))
        return self.show(name)

    def mark(self, name: str, text: str) -> tuple[int, int] | None:
        """Return the bars that were chosen to be written again; `None` for none.

        Raises:
            MeloFormerError: There is no piece, no such bars in it, or too many.
        """
        if not text.strip():
            return None
        piece = self.session(name).require_piece()
        first, last = parse_bars(text, piece.first_number)
        RewriteRequest(first_bar=first, last_bar=last)
        check_bars(first, last, piece.num_bars, piece.first_number)
        return first, last

    def begin(self, name: str, settings: Settings) -> Message:
        """Check everything before waiting for a turn.

        Raises:
            MeloFormerError: There is no piece, or a setting is wrong.
        """
        session = self.session(name)
        request = self.request(session, settings)
        session.require_piece().require_room()
        if request.handles:  # which may contradict each other
            task_of(session.require_piece().encoding, request).plan()
        self.app_state.begin(session)
        return status_line(phrase("Waiting for a turn…"))

    def request(self, session: Session, settings: Settings) -> ContinueRequest | RewriteRequest:
        """Turn the form into a request for the piece in a session.

        Raises:
            MeloFormerError: There is no piece, or a setting is wrong.
        """
        piece = session.require_piece()
        request = settings.request(session.from_bar, piece.first_number)
        if isinstance(request, RewriteRequest):
            check_bars(request.first_bar, request.last_bar, piece.num_bars, piece.first_number)
        request = with_changes(request, settings, piece)
        request = with_form(shaped(request, settings, piece, session.locked), settings)
        return in_chosen_key(request, piece)

    def compose(self, name: str, settings: Settings) -> Iterator[Message]:
        """Write candidates; bars are shown as they are finished, and kept if it is stopped."""
        session = self.session(name)
        request = self.request(session, settings)
        yield status_line(phrase("Reading the music…"))
        job = self.app_state.start(session, request)
        yield from self._waits_of(job)
        yield from self._bars_of(session, job)

    def follow(self, name: str) -> Iterator[Message]:
        """Show a run that goes on to a page that was opened meanwhile, from its first bar on."""
        session = self.session(name)
        if session.job is not None and not session.job.is_over:
            yield from self._waits_of(session.job)
            yield from self._bars_of(session, session.job)

    def _waits_of(self, job: ComposeJob) -> Iterator[Message]:
        """Tell how long a run waits for its place, whenever that changes."""
        told = None
        while not job.wait_for_bar(PLACE_TOLD_EVERY_S):
            waiting = job.place.waiting
            said = place_words(waiting) if waiting else None
            if said != told:
                yield status_line(said or phrase("Reading the music…"))
            told = said

    def _bars_of(self, session: Session, job: ComposeJob) -> Iterator[Message]:
        sent: list[FinishedBar] = []
        for bars in job.follow(pause_s=MIN_PAUSE_S):
            with session.lock:
                if session.job is not job or not session.takes:
                    return  # another piece is shown by now
                done = max(1, len(session.takes[0].bars))  # of the one on the screen
                said = phrase("bar {done} of {all}", done=done, all=job.request.num_bars)
                begins = run_begins(session, job.request.num_bars, job.request.num_candidates)
                # The bars of the last message once more, should the browser have missed it.
                arrive = bars_arrive(session, [*sent, *bars], said)
            if not sent:
                yield begins
            yield arrive
            sent = bars

    def cancel(self, name: str) -> Message:
        """Stop this visitor's run after the bar being written."""
        self.session(name).stop.set()
        return {"kind": "stopping", "status": phrase("Stopping after this bar…")}

    def settle(self, name: str) -> Message:
        """Return the picture of a run that has ended, with the bars it has."""
        session = self.session(name)
        if session.job is not None and not session.job.num_finished:
            return self.show(name, phrase("Cancelled.") if session.stop.is_set() else "")
        # Its first message may not have been seen, if it came together with others.
        return {**self.show(name, run_words(session)), "ended": session.run}

    def play(self, name: str) -> Iterator[Message]:
        """Make the audio of the takes, the selected one first, or of the piece."""
        session = self.session(name)
        if self.app_state.synth is None or session.piece is None:
            return
        run = session.run
        order = sorted(range(len(session.takes)), key=lambda index: index != session.selected)
        wanted: list[int | None] = [*order] if order else [None]
        for index in wanted:
            if session.run != run or session.is_composing:
                return
            self.app_state.sound_of(session, index)
            if session.run == run:
                yield sound_arrives(session)

    def pick(self, name: str, index: object) -> None:
        """Select another candidate, whose files are offered from now on."""
        session = self.session(name)
        with session.lock:
            if isinstance(index, int) and 0 <= index < len(session.takes):
                session.selected = index
                self.app_state.sessions.filing.select(session)

    def mix(self, name: str, message: object) -> None:
        """Hear the parts as the page says from now on; downloads can sound so too.

        Args:
            name: The session's.
            message: As `mixer_of` reads it.

        Raises:
            AudioError: It is no mixer.
        """
        self.session(name).mixer = mixer_of(message)

    def make(self, name: str, kind: object, *, as_heard: bool) -> Message:
        """Make a file that is made only when it is asked for, and offer it.

        Args:
            name: The session's.
            kind: One of `MADE`.
            as_heard: Whether audio is mixed as the page says.

        Raises:
            MeloFormerError: There is no such kind, no piece, or nothing to play it with.
        """
        session = self.session(name)
        made = make_file(self.app_state, session, str(kind), as_heard=as_heard)
        return {**links_message(session), "made": {"name": made.name, "file": made}}

    def keep(self, name: str) -> Message:
        """Make the selected candidate the piece."""
        session = self.session(name)
        self.app_state.keep(session, session.selected)
        return self.show(name, phrase("Kept. Continue from here, or undo."))

    def undo(self, name: str) -> Message:
        """Go back to what was shown before."""
        self.app_state.undo(self.session(name))
        return self.show(name, phrase("Back to the version before."))

    def redo(self, name: str) -> Message:
        """Go forward again."""
        self.app_state.redo(self.session(name))
        return self.show(name, phrase("Forward again."))
