"""The stage: what of a file goes on where new notes come."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.channel_state import PEDALS_UP, State
from meloformer.midi.events import PROGRAM
from meloformer.midi.file import MidiFile


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """What of a file goes on where new notes come.

    Axes: E messages of the file, N notes of the file.
    """

    file: MidiFile
    first_tick: int
    last_tick: int
    """Where the new notes end."""
    stays: NDArray[np.bool_]
    """Notes of the file that sound together with the new ones. (N,)."""
    is_kept: NDArray[np.bool_]
    """Messages of the file that are there when all is done. (E,)."""
    file_goes_on: bool
    """Whether its messages go on here, as where bars are replaced, or end with the seam."""
    is_reset: bool = False
    """Whether all channels are set back right before the first new note."""

    def state(self, channel: int, tick: int) -> State:
        """Return the state of a channel as the file has it before the messages of a tick."""
        history = self.file.history
        return history.state(channel, int(history.before(tick)))

    def first_state(self, channel: int) -> State:
        """Return the state of a channel where new messages can first be heard."""
        if self.file_goes_on:  # after the file's own of that tick
            return self.state(channel, self.first_tick + 1)
        if self.is_reset:
            return {}
        at_seam = self.state(channel, self.first_tick)
        return {**at_seam, **dict.fromkeys(at_seam.keys() & set(PEDALS_UP), 0)}

    def tracks_of(self, channel: int) -> set[int]:
        """Return the tracks that have notes in a channel."""
        table = self.file.notes
        voices = np.unique(table.voice[table.channel == channel]).tolist()
        return {table.voices[voice].track for voice in voices}

    def plays_after(self, channel: int) -> bool:
        """Check if notes of the file begin in a channel where the new ones have ended."""
        if not self.file_goes_on:
            return False
        table = self.file.notes
        return bool(np.any((table.start >= self.last_tick) & (table.channel == channel)))

    def track_of_program(self, channel: int, default: int) -> int:
        """Return the track that has last set a channel's program before the new notes end."""
        events = self.file.events
        is_program = (events.kind == PROGRAM) & (events.channel == channel)
        rows = np.flatnonzero(is_program & (events.tick < self.last_tick))
        if not len(rows):
            return default
        return int(events.track[rows[np.argsort(events.tick[rows], kind="stable")[-1]]])
