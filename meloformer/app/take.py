"""Takes: versions of what was asked for, each with its file and its sound."""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from meloformer.engine.candidate import Candidate, FinishedBar
from meloformer.engine.export import with_recipe_in
from meloformer.engine.recipe import Recipe
from meloformer.engine.tasks import Task
from meloformer.midi.file import MidiFile
from meloformer.midi.read import read_file
from meloformer.score.part import Part


@dataclass(frozen=True, slots=True)
class Sound:
    """Audio of a piece or of a take, written to a file."""

    wav: Path
    duration_s: float
    gain: float
    """The factor by which it was turned up: versions are as loud as the piece where it goes on."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the piece in which notes give way to those of a take."""

    start_quarters: float
    end_quarters: float
    parts: tuple[Part, ...]
    """Whose notes give way."""


@dataclass(slots=True, eq=False)
class SessionTake:
    """One candidate, finished or as far as it got."""

    bars: list[FinishedBar] = field(default_factory=list)
    """Its finished bars, as they came."""
    data: bytes = b""
    """The whole piece with this take in it, all else as uploaded. Empty while the take is being
    made."""
    sound: Sound | None = None
    files: dict[str, Path] = field(default_factory=dict)
    """Downloads that were written, by kind."""
    remarks: tuple[str, ...] = ()
    """Sentences that say where the whole piece falls short."""
    _end_tick: int = 0
    _pickup_ticks: int = 0
    _file: MidiFile | None = None
    _reading: Lock = field(default_factory=Lock)

    def join(self, file: MidiFile, task: Task, recipe: Recipe | None = None) -> None:
        """Put what there is of the take into the file of the piece, and how it was asked for."""
        joined = with_recipe_in(task.joined_file(file, self.candidate), recipe)
        self.data, self.remarks = joined.data, joined.remarks
        self._end_tick = task.end_tick(file, self.candidate)
        self._pickup_ticks = file.pickup_ticks

    @property
    def file(self) -> MidiFile:
        """The joined file, read when it is first heard or kept, and only once."""
        with self._reading:
            if self._file is None:
                self._file = read_file(
                    self.data, end_tick=self._end_tick, pickup_ticks=self._pickup_ticks
                )
            return self._file

    @property
    def candidate(self) -> Candidate:
        """The new notes alone, as far as it got."""
        return self.bars[-1].so_far
