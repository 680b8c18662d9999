"""A MIDI file on another tempo map: every message at the same second, bars where they are heard."""

import numpy as np
from numpy.typing import NDArray

from meloformer.errors import MidiError
from meloformer.midi.container import MidiContainer, read_container
from meloformer.midi.events import END_OF_TRACK, META, METRE, SET_TEMPO, Events, read_events
from meloformer.midi.messages import (
    Timed,
    encode,
    end_message,
    in_order,
    metre_message,
    tempo_message,
)
from meloformer.score.beat_grid import is_free, on_beat_grid
from meloformer.score.score import Score


def follow_beats(data: bytes, score: Score) -> bytes | None:
    """A recording without a click, with its beats on the quarters.

    Args:
        data: The file.
        score: What `read_midi` made of it.

    Returns:
        The file on its new grid, which sounds the same; `None` if it keeps time by itself, or if
        no beat can be followed.
    """
    if not is_free(score):
        return None
    try:
        return retime(data, score, on_beat_grid(score))
    except MidiError:
        return None


def retime(data: bytes, score: Score, grid: Score) -> bytes:
    """Move a file to the clock, tempos and metres of `grid`.

    All messages stay, controllers and lyrics too, but for the tempos and metres of the file.

    Args:
        data: The file.
        score: What `read_midi` made of it.
        grid: The same music under another tempo map, such as `on_beat_grid` gives.
    """
    container = read_container(data)
    events = read_events(container)
    ticks = grid.ticks_at(score.seconds_at(events.tick))
    is_meta = events.status == META
    is_kept = ~(is_meta & np.isin(events.data1, (SET_TEMPO, METRE, END_OF_TRACK)))
    changes = [metre_message(metre.tick, metre) for metre in grid.time_signatures]
    changes += [tempo_message(tempo.tick, tempo) for tempo in grid.tempos]
    bodies = []
    for track in range(len(container.tracks)):
        rows = np.flatnonzero((events.track == track) & is_kept)
        timed = [(int(ticks[row]), _message(events, int(row))) for row in rows]
        last = _last_tick(ticks, events.track == track)
        bodies.append(_body(in_order(changes + timed) if track == 0 else timed, last))
    return MidiContainer(
        container.format, grid.ticks_per_quarter, tuple(bodies), container.other_chunks
    ).to_bytes()


def _message(events: Events, row: int) -> bytes:
    """The bytes of a message with its status, which it may owe to the one before."""
    contents = events.buffer[events.message[row] : events.end[row]]
    return contents if contents[0] >= 0x80 else bytes([events.status[row]]) + contents


def _last_tick(ticks: NDArray[np.int64], of_track: NDArray[np.bool_]) -> int:
    return int(ticks[of_track].max(initial=0))


def _body(messages: list[Timed], last_tick: int) -> bytes:
    end = max(last_tick, messages[-1][0] if messages else 0)
    return encode([*messages, end_message(end)])
