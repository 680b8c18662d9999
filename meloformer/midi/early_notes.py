"""Notes that a musician plays a little before the bar line: they belong to the bar behind it.

Axes: N notes, E messages.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.file import MidiFile
from meloformer.midi.messages import encode, end_message
from meloformer.midi.read import read_file
from meloformer.score.grid import TICKS_PER_QUARTER


def early_notes(file: MidiFile, line: int) -> NDArray[np.bool_]:
    """Find the notes that begin before a bar line and belong behind it. (N,).

    They are those that the grid of the tokens puts there, and those begun up to a step of the grid
    before the line of which most sounds behind it. Drums have no length that would tell: all begun
    so near to the line belong behind it.

    Args:
        file: Its notes.
        line: In ticks.
    """
    start, end = file.notes.start, file.notes.end
    step = file.score.ticks_per_quarter / TICKS_PER_QUARTER
    is_drum = np.array([track.is_drum for track in file.score.tracks])[file.notes.voice]
    is_behind = is_drum | (2 * (end - line) > end - start)
    reach = np.where(is_behind, step, step / 2)
    found: NDArray[np.bool_] = (start < line) & (start >= line - reach)
    return found


def without_early_notes(file: MidiFile, line: int) -> MidiFile:
    """Take the notes that belong behind a bar line out of what is before it.

    Returns:
        The file without them, all other messages as they were; itself if there are none.
    """
    early = early_notes(file, line)
    if not early.any() or early.all():
        return file
    events = file.events
    stays = np.ones(len(events.tick), dtype=bool)
    ends = file.notes.end_event
    stays[file.notes.start_event[early]] = False
    stays[ends[early & (ends >= 0)]] = False
    # One message may end a note and begin another.
    stays[file.notes.start_event[~early]] = True
    stays[ends[~early & (ends >= 0)]] = True
    bodies = []
    for track, body in enumerate(file.container.tracks):
        rows = np.flatnonzero(events.track == track)
        if stays[rows].all():
            bodies.append(body)
            continue
        kept = rows[stays[rows]].tolist()
        timed = [(int(events.tick[row]), events.message_bytes(row)) for row in kept]
        bodies.append(encode(timed or [end_message(int(events.tick[rows[-1]]))]))
    data = replace(file.container, tracks=tuple(bodies)).to_bytes()
    return read_file(data, end_tick=file.score.end_tick, pickup_ticks=file.pickup_ticks)
