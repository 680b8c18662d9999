"""A stretch of a file as a file of its own that sounds as the stretch does in the whole.

Before its first message the channels are set as they are there, and the notes that are held
already begin at once. Its clock counts milliseconds, so that a message is at the same time in every
excerpt of a file, the whole among them.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.channel_state import ALL_CHANNELS, BANK, BANK_LSB, PROGRAM, State
from meloformer.midi.container import MidiContainer
from meloformer.midi.events import ONE_DATA_BYTE, SYSTEM_EXCLUSIVE, Events
from meloformer.midi.messages import Timed, control_message, note_off_message, track_body
from meloformer.midi.state_messages import settle
from meloformer.midi.timeline import Timeline

_TICKS_PER_QUARTER: Final = 500
"""At the 120 quarters a minute of a file that says no tempo, a tick is a millisecond."""


def excerpt(
    timeline: Timeline,
    *,
    start_ms: int = 0,
    zero_ms: int = 0,
    is_heard: NDArray[np.bool_] | None = None,
) -> bytes:
    """Write what is heard of a file from a time on.

    Args:
        timeline: Of the file.
        start_ms: Where the excerpt begins; what was held there is struck again.
        zero_ms: Where its clock begins, not after the start: in between it is silent.
        is_heard: Which notes play; all if `None`. (N,).

    Returns:
        A MIDI file with the tracks of the other behind one that sets the channels.
    """
    events = timeline.file.events
    plays = (events.status <= SYSTEM_EXCLUSIVE) & (timeline.message_ms >= start_ms)
    if is_heard is not None:
        plays &= ~_silenced(timeline, is_heard)
    bodies = [track_body(list(_beginning(timeline, start_ms, zero_ms, is_heard)), 0)]
    for track in range(len(timeline.file.container.tracks)):
        rows = np.flatnonzero(plays & (events.track == track))
        ticks = (timeline.message_ms[rows] - zero_ms).tolist()
        messages = zip(ticks, _contents(events, rows), strict=True)
        bodies.append(track_body(list(messages), 0))
    return MidiContainer(1, _TICKS_PER_QUARTER, tuple(bodies), b"").to_bytes()


def _contents(events: Events, rows: NDArray[np.int64]) -> Iterator[bytes]:
    """Write messages as they were read, whatever is wrong with their bytes."""
    columns = (events.status[rows], events.data1[rows], events.data2[rows], rows)
    for status, data1, data2, row in zip(*(each.tolist() for each in columns), strict=True):
        if status >= SYSTEM_EXCLUSIVE:
            yield events.message_bytes(row)
        elif status & 0xF0 in ONE_DATA_BYTE:
            yield bytes((status, data1))
        else:
            yield bytes((status, data1, data2))


def _silenced(timeline: Timeline, is_heard: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Find the messages of notes that are not to be heard, and of no others. (E,)."""
    notes = timeline.file.notes
    silenced = np.zeros(len(timeline.message_ms), dtype=bool)
    silenced[notes.start_event[~is_heard]] = True
    has_end = notes.end_event >= 0
    silenced[notes.end_event[~is_heard & has_end]] = True
    silenced[notes.end_event[is_heard & has_end]] = False
    silenced[notes.start_event[is_heard]] = False
    return silenced


def state_messages(timeline: Timeline, ms: int) -> Iterator[bytes]:
    """Make the messages that set all channels as they are before a time."""
    history = timeline.file.history
    place = int(history.before(timeline.tick_from(ms)))
    for channel in (ALL_CHANNELS, *sorted(history.used_channels)):
        state = history.state(channel, place)
        yield from settle(channel, {}, state, history.message)
        yield from _waiting_bank(channel, state)


def _waiting_bank(channel: int, state: State) -> Iterator[bytes]:
    """Choose the bank that the next program of a channel will be from."""
    program = state.get(PROGRAM, 0)
    for controller, bank in ((BANK, program >> 14), (BANK_LSB, program >> 7 & 127)):
        if state.get(controller, bank) != bank:
            yield control_message(0, channel, controller, state[controller])[1]


def _beginning(
    timeline: Timeline, start_ms: int, zero_ms: int, is_heard: NDArray[np.bool_] | None
) -> Iterator[Timed]:
    """Set the channels, and strike what is held."""
    if start_ms <= 0:
        return
    at = start_ms - zero_ms
    for message in state_messages(timeline, start_ms):
        yield at, message
    events, notes = timeline.file.events, timeline.file.notes
    held = (timeline.note_ms < start_ms) & (timeline.held_until_ms > start_ms)
    if is_heard is not None:
        held &= is_heard
    rows = np.flatnonzero(held)
    rows = rows[np.argsort(timeline.note_ms[rows], kind="stable")]
    for message in _contents(events, notes.start_event[rows]):
        yield at, message
    for row in rows.tolist():
        end = int(notes.end_event[row])
        if end >= 0 and timeline.message_ms[end] < start_ms:  # a pedal holds it
            yield note_off_message(at + 1, int(notes.channel[row]), int(notes.pitch[row]))
