"""A session: one visitor's piece, the takes made from it, and the way back.

Sessions are kept on the server under names that cannot be guessed (`session_store`). A browser
holds the name only.
"""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, RLock
from time import monotonic
from uuid import uuid4

from meloformer.app.compose_job import ComposeJob
from meloformer.app.filed_work import FiledWork
from meloformer.app.holdings import Holdings
from meloformer.app.locked_notes import ShownLock
from meloformer.app.model_cache import LoadedModel
from meloformer.app.newest import Newest
from meloformer.app.spare import write_small
from meloformer.app.take import Gap, SessionTake, Sound
from meloformer.app.turns import RunShare
from meloformer.audio.mixer import Mixer
from meloformer.engine.candidate import FinishedBar
from meloformer.engine.generate import Prefilled
from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest, Presence, Request
from meloformer.engine.tasks import Task, task_of
from meloformer.errors import MeloFormerError
from meloformer.midi.retime import GridChoice
from meloformer.phrases import phrase
from meloformer.score.part import Part

TakeFiles = tuple[Sound | None, dict[str, Path]]
"""The sound of a take, and the downloads of it that were written."""


@dataclass(slots=True, eq=False)
class Session:
    """One visitor's work. Change it only under `lock`."""

    name: str
    folder: Path
    owner: str = ""
    """Whose library its pieces are in."""
    spare: Path | None = None
    lock: RLock = field(default_factory=RLock)
    loaded: LoadedModel | None = None
    """The model that was chosen; `None` for the one the app was started with."""
    piece: Piece | None = None
    upload: tuple[str, bytes] | None = None
    """The name and the bytes of the file as it was uploaded."""
    grid: GridChoice = GridChoice.AUTO
    """Whose bars count: the file's, or those that are played."""
    has_recipes: bool = True
    """Whether MIDI files to take away say how their new bars were asked for."""
    piece_sound: Sound | None = None
    mixer: Mixer = field(default_factory=Mixer)
    """How loud the parts are heard on the page."""
    locked: tuple[ShownLock, ...] = ()
    """Notes that stay where their bars are written again."""
    files: dict[str, Path] = field(default_factory=dict)
    """Downloads of the piece that were written, by kind."""
    prompt: Prefilled | None = None
    """The piece up to the seam, once the model has read it."""
    from_bar: int | None = None
    """Bars of the piece to keep, a pickup counted; `None` keeps all."""
    request: Request | None = None
    """What the takes were asked for; `None` while there are none."""
    run: int = 0
    """Counts pieces and runs, so that late messages of an earlier one are recognised."""
    takes: list[SessionTake] = field(default_factory=list)
    selected: int = 0
    work: FiledWork | None = None
    """Where its piece is in the library; `None` while it has none."""
    job: ComposeJob | None = None
    """The run that was started last."""
    stop: Event = field(default_factory=Event)
    is_composing: bool = False
    visitors: int = 1
    """Browser pages that show this session."""
    share: RunShare = field(default_factory=RunShare)
    """What its run has had of the model."""
    left_s: float | None = None
    """When the last page that showed it was closed; `None` while one does."""
    used_s: float = field(default_factory=monotonic)
    """When a page has asked for it last."""
    resting: list[TakeFiles] | None = None
    """The files of its takes, while its music is in the library alone."""
    browsers: set[str] = field(default_factory=set)
    """What the browsers that have shown it are known by; no others get its files."""
    holder: str = ""
    """The visitor whose files are counted here: the first who has come."""
    holdings: Holdings = field(default_factory=Holdings)
    newest: Newest = field(init=False)
    """What its pages told last."""

    def __post_init__(self) -> None:
        self.newest = Newest(self.lock)

    def require_piece(self) -> Piece:
        """Return the piece in the session.

        Raises:
            MeloFormerError: There is none.
        """
        if self.piece is None:
            raise MeloFormerError(
                "There is no music to continue yet.",
                hint="Drop a MIDI file, or choose one of the examples.",
            )
        return self.piece

    def place(self, piece: Piece, sound: Sound | None = None) -> None:
        """Put another piece in the session; what was made from the last one goes."""
        with self.lock:
            self.stop.set()
            self.piece, self.piece_sound, self.files = piece, sound, {}
            self.is_composing, self.job = False, None
            self.leave_takes()
            self.prompt = self.from_bar = None

    def leave_takes(self) -> None:
        """Show the piece alone."""
        with self.lock:
            self.takes, self.selected, self.request = [], 0, None
            self.run += 1

    def empty(self) -> None:
        """Leave the session without a piece."""
        with self.lock:
            self.stop.set()
            self.piece = self.piece_sound = self.upload = self.work = self.job = None
            self.is_composing, self.files = False, {}
            self.leave_takes()
            self.prompt = self.from_bar = None

    @property
    def is_resting(self) -> bool:
        """Whether its music is in the library alone."""
        return self.resting is not None

    @property
    def takes_files(self) -> list[TakeFiles]:
        """What was made of each take."""
        return [(take.sound, take.files) for take in self.takes]

    def enter(self) -> None:
        """Count a page that shows it."""
        with self.lock:
            self.visitors += 1
            self.left_s, self.share.is_shown = None, True

    def leave(self) -> bool:
        """Count a page that was closed, and return whether it was the last."""
        with self.lock:
            self.visitors -= 1
            if self.visitors > 0:
                return False
            self.left_s, self.share.is_shown = monotonic(), False
            return True

    @property
    def is_writing(self) -> bool:
        """Whether a run is going on, or waits for its turn."""
        return self.is_composing or (self.job is not None and not self.job.is_over)

    def require_rest(self) -> None:
        """Check that nothing is being written.

        Raises:
            MeloFormerError: A run is going on, or waits for its turn.
        """
        if self.is_writing:
            raise MeloFormerError(
                "A continuation is being written.", hint="Wait for it, or cancel it first."
            )

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self.work is not None and self.work.history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back."""
        return self.work is not None and self.work.history.can_redo

    @property
    def instrumentation(self) -> tuple[Part, ...]:
        """Parts that the present run may use."""
        named = self.request.parts if self.request else ()
        return tuple(one.part for one in named if one.presence is not Presence.SILENT)

    @property
    def task(self) -> Task:
        """The task of the takes, or that of a press of Continue while there are none."""
        request = self.request or ContinueRequest(from_bar=self.from_bar)
        return task_of(self.require_piece().encoding, request)

    @property
    def seam_quarters(self) -> float:
        """The place where new bars begin, in quarters."""
        return self.require_piece().bar_quarters(self.task.first_bar)

    @property
    def gap(self) -> Gap | None:
        """The stretch in which takes replace notes; `None` where they come after the seam."""
        piece, replaced = self.require_piece(), self.task.replaced
        if replaced is None:
            return None
        return Gap(
            piece.bar_quarters(replaced.first_bar),
            piece.bar_quarters(replaced.last_bar),
            tuple(part for part in piece.parts if part in replaced.parts),
        )

    def begin_run(self, request: Request) -> Piece:
        """Clear the takes for a run, note its request, and return the piece."""
        with self.lock:
            piece = self.require_piece()
            self.is_composing = True
            self.run += 1
            self.takes, self.selected, self.request = [], 0, request
            return piece

    def set_seam(self, from_bar: int | None) -> None:
        """Continue after the bar of this number, or at the end; the takes so far go.

        Raises:
            MeloFormerError: There is no piece, or no such bar, or a continuation is being written.
        """
        with self.lock:
            piece = self.require_piece()
            self.require_rest()
            first, last = piece.first_number, piece.last_number
            if from_bar is not None and not first <= from_bar <= last:
                raise MeloFormerError(
                    phrase(
                        "The piece has bars {first} to {last}, but no bar {from_bar}.",
                        first=first,
                        last=last,
                        from_bar=from_bar,
                    )
                )
            self.from_bar = None
            if from_bar is not None and from_bar != last:
                self.from_bar = from_bar + 1 - first
            self.prompt = None
            self.leave_takes()

    def add_bar(self, bar: FinishedBar) -> None:
        """Append a finished bar to its take."""
        with self.lock:
            while len(self.takes) <= bar.candidate:
                self.takes.append(SessionTake())
            self.takes[bar.candidate].bars.append(bar)

    def take(self, index: int) -> SessionTake:
        """Return a take by its index.

        Raises:
            MeloFormerError: There is no such take.
        """
        with self.lock:
            if not 0 <= index < len(self.takes):
                raise MeloFormerError("There is no continuation yet.", hint="Press Continue.")
            return self.takes[index]

    def take_name(self, index: int) -> str:
        """Name the files of a take, without their ending."""
        suffix = (self.request or ContinueRequest).suffix
        return f"{self.require_piece().name}-{suffix}-{index + 1}"

    def write_file(self, filename: str, content: bytes) -> Path:
        """Write a small file for the browser, in `spare` if its folder takes none."""
        folders = filter(None, (self.folder, self.spare))
        return write_small(folders, filename, content)

    def new_file(self, filename: str) -> Path:
        """Return a path for a file in a new folder whose name cannot be guessed."""
        folder = self.folder / uuid4().hex
        folder.mkdir(parents=True)
        self.holdings.add(self.holder, self.folder)
        return folder / filename
