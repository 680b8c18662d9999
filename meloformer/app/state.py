"""The state of the app: the loaded model and its lock, the synthesizer, the visitors' sessions.

One model serves all visitors who have chosen no other. Models are taken for one bar at a time, so
that visitors who compose at the same moment take turns bar by bar.
"""

import logging
from collections.abc import Generator
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore, Event

from meloformer import checkpoint
from meloformer.app.compose_job import ComposeJob
from meloformer.app.library.library import PieceLibrary
from meloformer.app.library.runs import Author, RunOutcome
from meloformer.app.memory import MemoryBudget
from meloformer.app.metrics import Metrics
from meloformer.app.model_cache import LoadedModel, ModelCache
from meloformer.app.places import Place, Places
from meloformer.app.renderer import Renderer
from meloformer.app.run_record import RunRecord
from meloformer.app.session import Session
from meloformer.app.session_store import SessionStore
from meloformer.app.take import Sound
from meloformer.app.turns import RunShare, TurnLostError, Turns
from meloformer.audio import Synth, find_soundfont
from meloformer.audio.files import wav_bytes
from meloformer.checkpoint import Card
from meloformer.data.known_runs import KnownRuns
from meloformer.engine.candidate import FinishedBar
from meloformer.engine.composition import prepare_prompt
from meloformer.engine.export import recipe_of
from meloformer.engine.generate import Prefilled
from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest, Request
from meloformer.engine.writer import Engine, LocalEngine
from meloformer.errors import AudioError, MeloFormerError
from meloformer.midi.file import MidiFile
from meloformer.midi.retime import GridChoice
from meloformer.model import MeloFormer
from meloformer.model.weights_hash import weights_hash
from meloformer.phrases import phrase
from meloformer.registry import default_checkpoint

logger = logging.getLogger(__name__)

_SOUND_HINT = phrase(
    "Everything but rendered audio works without it. Whoever set this up finds in the README how to"
    " add it."
)
MAX_RUNS = 32
"""That are begun and keep what they have read in memory; others wait for one to end."""
MAX_READERS = 2
"""Files that are read at once: the longest take a core for some seconds."""


@dataclass(slots=True)
class AppState:
    """Everything the app needs to continue, join and play music. No module globals elsewhere."""

    model: MeloFormer
    card: Card
    synth: Synth | None
    """`None` where FluidSynth or every SoundFont is missing."""
    sound_problem: str
    """Why there is no synthesizer, as problem and hint; else empty."""
    sessions: SessionStore
    model_cache: ModelCache = field(default_factory=ModelCache)
    """The models that a visitor may choose instead."""
    known_runs: KnownRuns | None = None
    """What the model is not to copy, if it has an index of that."""
    metrics: Metrics = field(default_factory=Metrics)
    renderer: Renderer = field(init=False)
    """Where sound is made."""
    turns: Turns = field(default_factory=Turns)
    """At the model: a bar of one run, then a bar of the next."""
    workers: Engine | None = None
    """What writes with the app's own model instead of this process: replicas elsewhere."""
    places: Places = field(default_factory=lambda: Places(MAX_RUNS))
    """Of the runs that are written at the same time."""
    _readers: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(MAX_READERS))

    def __post_init__(self) -> None:
        """Make a place for the synthesizer to work in, and count."""
        self.renderer = Renderer(self.synth, self.sound_problem)
        self.metrics.watch(
            waiting=lambda: self.turns.num_waiting + self.places.num_waiting,
            writing=lambda: self.places.num_taken,
            sessions=lambda: len(self.sessions),
            kept_bytes=lambda: self.sessions.memory.num_bytes,
        )
        self.sessions.is_crowded = lambda: self.places.num_waiting > 0

    @classmethod
    def open(
        cls,
        folder: Path,
        soundfonts: Path,
        path: Path | None = None,
        workspace: Path | None = None,
        library: PieceLibrary | None = None,
        spare: Path | None = None,
        memory: MemoryBudget | None = None,
    ) -> "AppState":
        """Load a checkpoint and the synthesizer.

        Args:
            folder: Where the visitors' files go.
            soundfonts: The project's own SoundFonts.
            path: The checkpoint; the shipped one if `None`.
            workspace: The folder of the runs, whose models can be chosen too.
            library: Where the visitors' music is kept; without one, in memory only.
            spare: As in `SessionStore`.
            memory: Owns what is kept to be quick.

        Raises:
            CheckpointError: There is no such checkpoint, or it is damaged.
        """
        path = path or default_checkpoint()
        model, card = checkpoint.load(path)
        known_runs = checkpoint.load_known_runs(path)
        synth, problem = None, ""
        try:
            synth = Synth(find_soundfont(soundfonts))
        except AudioError as error:
            problem = f"{error.problem}\n\nhint: {_SOUND_HINT}"
            logger.warning("No sound: %s", error)  # with the command that helps
        sessions = SessionStore(folder, library, memory, spare=spare)
        model_cache = ModelCache(workspace)
        return cls(model, card, synth, problem, sessions, model_cache, known_runs)

    def choose(self, session: Session, name: str) -> None:
        """Compose with another model from now on.

        Args:
            session: Whose.
            name: As in `model_cache.entries`; empty for the model the app was started with.

        Raises:
            MeloFormerError: There is no such model, or a continuation is being written.
        """
        loaded = self.model_cache.load(name) if name else None
        with session.lock:
            if session.is_writing:
                raise MeloFormerError(
                    "A continuation is being written with the model there is.",
                    hint="Wait for it, or cancel it first.",
                )
            session.loaded, session.prompt = loaded, None

    def read(self, title: str, data: bytes, grid: GridChoice) -> Piece:
        """Read a MIDI file as `Piece.read` does, with its tokens, in turn with other visitors.

        Raises:
            MidiError: It cannot be read as music.
        """
        with self._readers:
            piece = Piece.read(title, data, grid)
            _ = piece.encoding, piece.chords  # the page shows both
            return piece

    def fills_in(self, session: Session) -> bool:
        """Check if the session's model has learned to write bars between others."""
        return self._model_of(session.loaded)[1].infill

    def model_hash(self, session: Session) -> str:
        """Return the hash of the weights that a session composes with."""
        return weights_hash(self._model_of(session.loaded)[0])

    def prepare(
        self, session: Session, share: RunShare | None = None, unless: Event | None = None
    ) -> Prefilled:
        """Read the piece into the model ahead of the click, unless that is done already.

        Args:
            session: Whose.
            share: Of the run that needs it.
            unless: When it is set there is no need any more.

        Raises:
            MeloFormerError: There is no piece.
            TurnLostError: `unless` was set before it could begin.
        """
        with self.turns.take(unless, share):
            with session.lock:
                piece, from_bar, loaded = session.require_piece(), session.from_bar, session.loaded
                if session.prompt is not None:
                    return session.prompt
            request = ContinueRequest(from_bar=from_bar)
            prompt = prepare_prompt(*self._model_of(loaded), piece.encoding, request)
            with session.lock:
                if (session.piece, session.from_bar, session.loaded) == (piece, from_bar, loaded):
                    session.prompt = prompt
        self.sessions.keep_prompt(session)
        return prompt

    def begin(self, session: Session) -> None:
        """Ask for a run; until it starts it waits, and may be stopped.

        Raises:
            MeloFormerError: There is no piece, or this session is composing already.
        """
        session.require_piece()
        with session.lock:
            self._check_rests(session)
            session.stop.clear()

    def start(self, session: Session, request: Request) -> ComposeJob:
        """Write candidates in a thread of their own, as `compose` does.

        Raises:
            MeloFormerError: This session is composing already.
        """
        with session.lock:
            self._check_rests(session)
            session.share = RunShare(is_shown=session.visitors > 0)
            num_bars = request.num_bars * request.num_candidates
            place = Place(self.places, num_bars, session.stop)
            session.job = ComposeJob(request, self.compose(session, request), place)
            session.job.start()
            return session.job

    def _check_rests(self, session: Session) -> None:
        if session.is_writing:
            raise MeloFormerError(
                "A continuation is being written already.",
                hint="Wait for it, or cancel it first.",
            )

    def compose(self, session: Session, request: Request) -> Generator[FinishedBar, None, None]:
        """Write candidates, bar by bar; they become the session's takes.

        Stops after the current bar when `session.stop` is set or the generator is closed. Bars that
        are finished by then are kept.

        Raises:
            MeloFormerError: There is no piece, or the request cannot be met.
        """
        loaded, model = session.loaded, self._model_of(session.loaded)
        author = Author(model=model[1].name, model_hash=weights_hash(model[0]))
        filing = self.sessions.filing
        elsewhere = self.workers if loaded is None else None
        share, reads_ahead = session.share, request.reads_ahead and elsewhere is None
        try:
            prompt = self.prepare(session, share, session.stop) if reads_ahead else None
        except TurnLostError:
            return
        with session.lock:
            if session.is_composing or session.stop.is_set() or session.loaded is not loaded:
                return
            piece, filed = filing.begin_run(session, request, author)
            run, stop = session.run, session.stop
        known_runs = self.known_runs if loaded is None else loaded.known_runs
        engine = elsewhere or LocalEngine(*model, known_runs)
        bars = engine.write(
            piece.encoding, request, prompt, pause=lambda: self.turns.pause(share, stop)
        )
        outcome, record = RunOutcome.FAILED, RunRecord(request, self.metrics)
        try:
            with closing(bars):
                while not stop.is_set() and session.run == run:
                    with nullcontext() if elsewhere else self.turns.take(stop, share):
                        bar = next(bars, None)
                    if bar is None:
                        outcome = RunOutcome.FINISHED
                        return
                    record.add_bar()
                    self._add_bar(session, run, filed, bar)
                    if session.run == run:
                        yield bar
                outcome = RunOutcome.STOPPED
        except TurnLostError:
            outcome = RunOutcome.STOPPED
        except GeneratorExit:
            outcome = RunOutcome.STOPPED
            raise
        finally:
            record.end(outcome)
            with session.lock:
                if session.run == run:
                    _keep_takes(session, piece, request, author)
                    if not session.takes:
                        filing.forget_run(session, filed)
            filing.end_run(filed, outcome)

    def _add_bar(self, session: Session, run: int, filed: int | None, bar: FinishedBar) -> None:
        try:
            self.sessions.filing.add_bar(filed, bar)
        finally:  # what a full disk does not take can still be saved from the page
            if session.run == run:
                session.add_bar(bar)

    def _model_of(self, loaded: LoadedModel | None) -> tuple[MeloFormer, Card]:
        return (self.model, self.card) if loaded is None else (loaded.model, loaded.card)

    def sound_of(self, session: Session, index: int | None) -> Sound | None:
        """Play the piece (`None`) or a take into a file, unless that is done already.

        Of a take only what differs from the piece is rendered. No lock of the session is held
        meanwhile.

        Returns:
            `None` where there is no synthesizer, or nothing in the piece.

        Raises:
            AudioError: Rendering failed.
            OutputError: The visitor holds too much already.
        """
        if self.synth is None:
            return None
        piece = session.require_piece()
        if piece.file.is_blank and index is None:
            return None
        if index is None:
            return self._sound_of_piece(session, piece)
        take = session.take(index)
        with self.renderer.turn(take.file):
            if take.sound is None:
                self._require_room(session, take.file)
            if take.sound is None and piece.file.is_blank:
                path = session.new_file(f"{session.take_name(index)}.wav")
                take.sound = self.renderer.whole(take.file, path)
            if take.sound is None:
                base = self._sound_of_piece(session, piece)
                path = session.new_file(f"{session.take_name(index)}.wav")
                take.sound = self.renderer.version(take.file, piece.file, base, path)
            return take.sound

    def _sound_of_piece(self, session: Session, piece: Piece) -> Sound:
        with self.renderer.turn(piece.file):
            if session.piece is piece and session.piece_sound is not None:
                return session.piece_sound
            self._require_room(session, piece.file)
            sound = self.renderer.whole(piece.file, session.new_file(f"{piece.name}.wav"))
            with session.lock:
                if session.piece is piece:
                    session.piece_sound = sound
            return sound

    def _require_room(self, session: Session, file: MidiFile) -> None:
        wanted = wav_bytes(file.last_note_s, Synth.sample_rate)
        session.holdings.require_room(session.holder, wanted)

    def keep(self, session: Session, index: int) -> None:
        """Make a take the piece, to be continued again; it is not read anew.

        Raises:
            MeloFormerError: There is no such take, or it is still being written.
        """
        with session.lock:
            session.require_piece()
            if not session.take(index).data:
                raise MeloFormerError("This continuation is still being written.")
            self.sessions.filing.keep(session, index)

    def undo(self, session: Session) -> None:
        """Go back to what was shown before the last step.

        Raises:
            MeloFormerError: There is nothing before, or a continuation is being written.
        """
        with session.lock:
            if not session.can_undo:
                raise MeloFormerError("There is nothing to undo.")
            self._check_rests(session)
            self.sessions.filing.move(session, -1)

    def redo(self, session: Session) -> None:
        """Take the step again that was taken back last.

        Raises:
            MeloFormerError: There is none, or a continuation is being written.
        """
        with session.lock:
            if not session.can_redo:
                raise MeloFormerError("There is nothing to do again.")
            self._check_rests(session)
            self.sessions.filing.move(session, 1)


def _keep_takes(session: Session, piece: Piece, request: Request, author: Author) -> None:
    """Keep the takes of a run that has ended, those that have a bar."""
    session.is_composing = False
    session.takes = [take for take in session.takes if take.bars]
    session.request = request if session.takes else None
    mark = {"model": author.model, "model_hash": author.model_hash}
    for take in session.takes:
        recipe = recipe_of(piece, request, take.candidate, **mark)
        take.join(piece.file, session.task, recipe)
