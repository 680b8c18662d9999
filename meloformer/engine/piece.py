"""The music that a visitor works on."""

from dataclasses import dataclass, replace

from meloformer.midi.retime import follow_beats
from meloformer.score import read_midi
from meloformer.score.grid import BarGrid, bar_grid
from meloformer.score.part import Part, parts_of
from meloformer.score.score import Score


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """The music that a visitor continues."""

    name: str
    """The file's name without its suffix."""
    data: bytes
    """As uploaded, or as joined by the take that was kept."""
    score: Score
    grid: BarGrid
    beats_followed: bool = False
    """Whether it was recorded without a click, so that `data` was moved to a grid of its beats."""

    @classmethod
    def read(cls, name: str, data: bytes, *, end_tick: int = 0) -> "Piece":
        """Read a MIDI file.

        Args:
            name: What to call it.
            data: The file.
            end_tick: Where the piece ends if its last notes end earlier: rests count.

        Raises:
            MidiError: It cannot be read as music.
        """
        score = read_midi(data)
        on_grid = follow_beats(data, score)
        if on_grid is not None:
            data, score = on_grid, read_midi(on_grid)
        score = replace(score, end_tick=max(score.end_tick, end_tick))
        return cls(name, data, score, bar_grid(score), on_grid is not None)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Its parts, in the order of the file's tracks."""
        return tuple(dict.fromkeys(part for part in parts_of(self.score) if part is not None))

    def track_name(self, part: Part) -> str:
        """What the file calls a part; empty if nothing, or if it is several tracks of drums."""
        if part.is_drum or part not in self.parts:
            return ""
        return self.score.tracks[parts_of(self.score).index(part)].name.strip()

    def seam_tick(self, from_bar: int | None) -> int:
        """Where a continuation that keeps `from_bar` bars begins; `None` keeps all."""
        return int(self.grid.starts[self.grid.num_bars if from_bar is None else from_bar])

    def seam_quarters(self, from_bar: int | None) -> float:
        """The same in quarters."""
        return self.seam_tick(from_bar) / self.score.ticks_per_quarter
