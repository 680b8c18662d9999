"""What a visitor can do: plain functions of values, with no widgets, so that tests call them.

Each takes the desk's name first and gives messages for the roll (`ui.roll_view`).
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from meloformer.engine.candidate import Progress
from meloformer.engine.desk import Desk
from meloformer.engine.piece import Piece
from meloformer.engine.request import MAX_REWRITE_BARS, RewriteRequest, check_bars, parse_bars
from meloformer.engine.studio import Studio
from meloformer.errors import MeloFormerError, MidiError
from ui.facts import facts
from ui.form import Settings
from ui.models_view import model_label
from ui.roll_view import Message, bars_arrive, picture, run_begins, sound_arrives, status_line

MAX_UPLOAD_BYTES = 5_000_000
MIN_PAUSE_S = 0.1
"""Bars that come faster than this share a message, so that the page stays easy to use."""


@dataclass(frozen=True, slots=True)
class Actions:
    """Everything the compose tab does."""

    studio: Studio
    uploads: Path
    """The only folder that uploads are read from."""

    def enter(self, known: object) -> Desk:
        """A page was opened: the desk it showed before a reload, or a new one."""
        desk = self.studio.desks.find(known) if isinstance(known, str) and known else None
        if desk is None:
            return self.studio.desks.open()
        desk.visitors += 1
        return desk

    def desk(self, name: str) -> Desk:
        """The visitor's desk.

        Raises:
            MeloFormerError: It was cleared.
        """
        desk = self.studio.desks.find(name) if name else None
        if desk is None:
            raise MeloFormerError(
                "This page was idle for so long that its music was put away.",
                hint="Load the page again and drop your file once more.",
            )
        return desk

    def show(self, name: str, status: str = "") -> Message:
        """The whole picture."""
        desk = self.desk(name)
        most_again = MAX_REWRITE_BARS if self.studio.fills_in(desk) else 0
        return picture(desk, status, facts(desk.piece) if desk.piece else (), most_again)

    def open_upload(self, name: str, path: str) -> Message:
        """Put an uploaded file on the desk.

        Raises:
            MidiError: It cannot be read as music.
        """
        file = Path(path).resolve()
        if not file.is_relative_to(self.uploads.resolve()) or not file.is_file():
            raise MidiError("The upload did not arrive.", hint="Drop the file once more.")
        if file.stat().st_size > MAX_UPLOAD_BYTES:
            raise MidiError("The file is larger than 5 MB.", hint="MIDI files rarely are.")
        return self.open_file(name, file)

    def open_file(self, name: str, file: Path) -> Message:
        """Put a MIDI file on the desk."""
        desk = self.desk(name)
        piece = Piece.read(file.stem[:60] or "music", file.read_bytes())
        desk.earlier.clear()
        desk.place(piece)
        return self.show(name)

    def choose(self, name: str, model: str) -> Message:
        """Compose with another model from now on; empty for the one of the start."""
        desk = self.desk(name)
        self.studio.choose(desk, model)
        return self.show(name, f"From now on: {model_label(self.studio, model)}.")

    def prepare(self, name: str) -> None:
        """Let the model read the piece before anyone asks."""
        self.studio.prepare(self.desk(name))

    def set_seam(self, name: str, after_bar: float) -> Message:
        """Continue after this bar."""
        self.desk(name).set_seam(int(after_bar))
        return self.show(name)

    def mark(self, name: str, text: str) -> tuple[int, int] | None:
        """Bars were chosen to be written again; `None` while none are.

        Raises:
            MeloFormerError: There is no piece, no such bars in it, or too many.
        """
        if not text.strip():
            return None
        first, last = parse_bars(text)
        RewriteRequest(first_bar=first, last_bar=last)
        check_bars(first, last, self.desk(name).require_piece().grid.num_bars)
        return first, last

    def begin(self, name: str, settings: Settings) -> Message:
        """Continue was pressed: check everything before waiting for a turn.

        Raises:
            MeloFormerError: There is no piece, or a setting is wrong.
        """
        desk = self.desk(name)
        desk.require_piece()
        settings.request(desk.from_bar)
        self.studio.begin(desk)
        return status_line("Waiting for a turn…")

    def compose(self, name: str, settings: Settings) -> Iterator[Message]:
        """Write candidates; bars are shown as they are finished, and kept if it is stopped."""
        desk = self.desk(name)
        request = settings.request(desk.from_bar)
        sent: list[Progress] = []
        waiting: list[Progress] = []
        last_s = 0.0
        yield status_line("Reading the music…")
        for progress in self.studio.compose(desk, request):
            if not last_s:
                yield run_begins(desk, request.num_bars, request.num_candidates)
            waiting.append(progress)
            if time.monotonic() - last_s < MIN_PAUSE_S:
                continue
            last_s = time.monotonic()
            done = max(1, len(desk.takes[0].bars))  # of the one on the screen
            # The bars of the last message once more, should the browser have missed it.
            yield bars_arrive(desk, [*sent, *waiting], f"bar {done} of {request.num_bars}")
            sent, waiting = waiting, []

    def cancel(self, name: str) -> Message:
        """Stop this visitor's run after the bar being written."""
        self.desk(name).stop.set()
        return {"kind": "stopping", "status": "Stopping after this bar…"}

    def settle(self, name: str) -> Message:
        """A run has ended, one way or another: show what there is."""
        desk = self.desk(name)
        if not desk.takes:
            return self.show(name, "Cancelled." if desk.stop.is_set() else "")
        made, first = len(desk.takes[0].bars), desk.takes[0].candidate
        seed = first.seed
        if made < first.num_bars:
            return self.show(name, f"Stopped: {made} of {first.num_bars} bars kept (seed {seed})")
        return self.show(name, f"{made} bars written (seed {seed})")

    def play(self, name: str) -> Iterator[Message]:
        """Make the audio of what is on the desk, the selected take first."""
        desk = self.desk(name)
        if self.studio.synth is None or desk.piece is None:
            return
        run = desk.run
        order = sorted(range(len(desk.takes)), key=lambda index: index != desk.selected)
        wanted: list[int | None] = [*order] if order else [None]
        for index in wanted:
            if desk.run != run or desk.is_composing:
                return
            self.studio.sound_of(desk, index)
            if desk.run == run:
                yield sound_arrives(desk)

    def pick(self, name: str, index: object) -> None:
        """Another candidate is looked at; downloads follow it."""
        desk = self.desk(name)
        if isinstance(index, int) and 0 <= index < len(desk.takes):
            desk.selected = index

    def keep(self, name: str) -> Message:
        """The selected candidate becomes the piece."""
        desk = self.desk(name)
        self.studio.keep(desk, desk.selected)
        return self.show(name, "Kept. Continue from here, or undo.")

    def undo(self, name: str) -> Message:
        """Back to the piece before."""
        self.studio.undo(self.desk(name))
        return self.show(name, "Back to the version before.")
