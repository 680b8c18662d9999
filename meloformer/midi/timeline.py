"""When the messages of a file are played and how long its notes are held, in milliseconds.

Axes: E messages, N notes.
"""

from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.channel_state import SOSTENUTO, SUSTAIN
from meloformer.midi.events import CONTROL
from meloformer.midi.file import MidiFile

NEVER: Final = 1 << 40
"""A time after everything."""
_DOWN = 64
"""A pedal from here on is down."""
_RESET_CONTROLLERS = 121


class Timeline:
    """The clock of a file, worked out when it is asked for.

    Args:
        file: Whose messages and notes are meant.
    """

    def __init__(self, file: MidiFile) -> None:
        self.file = file

    @cached_property
    def message_ms(self) -> NDArray[np.int64]:
        """When each message is played. (E,)."""
        return self._ms(self.file.events.tick)

    @cached_property
    def note_ms(self) -> NDArray[np.int64]:
        """When each note begins. (N,)."""
        return self.message_ms[self.file.notes.start_event]

    @cached_property
    def held_until_ms(self) -> NDArray[np.int64]:
        """When each note is let go by its key and by the pedals; `NEVER` if it is not. (N,)."""
        notes = self.file.notes
        lost = notes.end_event < 0
        key_up = np.where(lost, NEVER, self.message_ms[np.where(lost, 0, notes.end_event)])
        held = key_up.copy()
        for channel in np.unique(notes.channel).tolist():
            own = notes.channel == channel
            for pedal in (SUSTAIN, SOSTENUTO):
                held[own] = np.maximum(held[own], self._pedal_up(channel, pedal, key_up[own]))
        return held

    def tick_from(self, ms: int) -> int:
        """Return the tick of the first message that is not played before a time."""
        later = self.file.events.tick[self.message_ms >= ms]
        return int(later.min()) if len(later) else int(self.file.events.tick.max()) + 1

    def _ms(self, ticks: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.rint(self.file.score.seconds_at(ticks) * 1000).astype(np.int64)

    def _pedal_up(self, channel: int, pedal: int, from_ms: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return when a pedal is up, at some times or next after them."""
        events = self.file.events
        moves = np.isin(events.data1, (pedal, _RESET_CONTROLLERS))
        rows = np.flatnonzero((events.kind == CONTROL) & (events.channel == channel) & moves)
        rows = rows[np.argsort(events.tick[rows], kind="stable")]
        is_down = (events.data1[rows] == pedal) & (events.data2[rows] >= _DOWN)
        # After each move, the time of the next at which it is up; the last stands for none.
        up_ms = np.where(is_down, NEVER, self.message_ms[rows])
        next_up = np.minimum.accumulate(np.append(up_ms, NEVER)[::-1])[::-1]
        last = np.searchsorted(self.message_ms[rows], from_ms, side="right") - 1
        held = (last >= 0) & np.append(is_down, False)[last]
        up: NDArray[np.int64] = np.where(held, next_up[last], from_ms)
        return up
