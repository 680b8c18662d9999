"""A MIDI file that has been read: its bytes and all that was found in them, in one object."""

from dataclasses import dataclass
from functools import cached_property

from meloformer.midi.channel_history import ChannelHistory
from meloformer.midi.container import MidiContainer
from meloformer.midi.events import Events
from meloformer.midi.note_table import NoteTable
from meloformer.score.grid import BarGrid, bar_grid, no_bars
from meloformer.score.part import Part, parts_of
from meloformer.score.score import Score


@dataclass(frozen=True, eq=False)
class MidiFile:
    """A Standard MIDI File, read once by `read_file`. Bars and parts are found when asked for."""

    data: bytes
    """As uploaded, wrapped or not."""
    container: MidiContainer
    events: Events
    notes: NoteTable
    score: Score
    """Its notes as music; a track for each of `notes.voices`."""

    @cached_property
    def grid(self) -> BarGrid:
        """The bars of the score.

        Raises:
            MidiError: More than 10,000 bars.
        """
        return no_bars() if self.is_blank else bar_grid(self.score)

    @property
    def is_blank(self) -> bool:
        """Whether it is still to be written: it has parts, but not a bar."""
        return not len(self.notes.start) and not self.score.end_tick

    @property
    def pickup_ticks(self) -> int:
        """Length of the pickup; 0 without one."""
        return int(self.grid.whole_starts[1]) if self.grid.first_number == 0 else 0

    @cached_property
    def history(self) -> ChannelHistory:
        """All that its messages set."""
        return ChannelHistory(self.events)

    @cached_property
    def part_of_track(self) -> tuple[Part | None, ...]:
        """The part of each track of the score; `None` for one without notes, unless none has."""
        return parts_of(self.score, is_blank=not len(self.notes.start))

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The parts, in the order of the tracks."""
        return tuple(dict.fromkeys(part for part in self.part_of_track if part is not None))

    @property
    def last_note_s(self) -> float:
        """Seconds until the last note has ended, whatever rests follow it."""
        return float(self.score.seconds_at(int(self.notes.end.max(initial=0))))
