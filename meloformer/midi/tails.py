"""Tails: what is left of notes that have given way but rang on beyond the bars written again.

The bars after those stay as they were, so a chord that was held into them goes on sounding there: a
new note on its key rings on, else it begins anew at the bar line.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.channel_assignment import ChannelAssignment, NewPart
from meloformer.midi.channel_state import PROGRAM, program_of, value_in
from meloformer.midi.events import NOTE_OFF, NOTE_ON
from meloformer.midi.part_messages import ENDS, SETTINGS, Additions, Placed
from meloformer.midi.stage import Stage
from meloformer.score.score import DURATION, PITCH, START, note_array

_SHORTEST_QUARTERS = 0.5
"""What rings on for less belongs to the end of its note, not to the bar."""


def hold_tails(
    stage: Stage,
    gone: NDArray[np.bool_],
    parts: Sequence[NewPart],
    assignments: Sequence[ChannelAssignment],
    additions: Additions,
) -> tuple[NewPart, ...]:
    """Let pitched notes that have given way sound on where they rang beyond the last bar line.

    Args:
        stage: The bars written again.
        gone: Which notes of the file give way. (N,)
        parts: The new notes.
        assignments: Of each part.
        additions: Takes tails that begin anew.

    Returns:
        The parts, with notes that ring on.
    """
    tails = _tails(stage, gone)
    longer: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for voice, channel, pitch, velocity, end in tails:
        own = stage.file.notes.voices[voice]
        held = _who_holds(stage, parts, assignments, channel, pitch)
        if held is not None:
            longer[held[0]][held[1]] = end
            continue
        state = stage.state(channel, stage.last_tick + 1)
        if program_of(value_in(state, PROGRAM)) != own.program:
            continue
        on = bytes((NOTE_ON | channel & 15, pitch, velocity))
        off = bytes((NOTE_OFF | channel & 15, pitch, 0))
        additions[own.track] += [
            Placed(stage.last_tick, SETTINGS + 1, on, channel),
            Placed(end, ENDS, off, channel),
        ]
    return tuple(_lengthened(part, longer[index]) for index, part in enumerate(parts))


def _tails(stage: Stage, gone: NDArray[np.bool_]) -> list[tuple[int, int, int, int, int]]:
    """Return voice, channel, pitch, velocity and end of each tail; on one key the longest."""
    table = stage.file.notes
    shortest = _SHORTEST_QUARTERS * stage.file.container.ticks_per_quarter
    is_pitched = np.array([not track.is_drum for track in stage.file.score.tracks])[table.voice]
    rows = np.flatnonzero(gone & is_pitched & (table.end >= stage.last_tick + shortest))
    channels = table.channel
    longest: dict[tuple[int, int], tuple[int, int, int, int, int]] = {}
    for row in rows[np.argsort(table.end[rows], kind="stable")].tolist():
        same = ~gone & (channels == channels[row]) & (table.pitch == table.pitch[row])
        if np.any(same & (table.start <= stage.last_tick) & (table.end > stage.last_tick)):
            continue  # another note has the key there
        later = table.start[same & (table.start > stage.last_tick)]
        end = min([int(table.end[row]), *later.tolist()])
        key = int(channels[row]), int(table.pitch[row])
        longest[key] = (int(table.voice[row]), *key, int(table.velocity[row]), end)
    return list(longest.values())


def _who_holds(
    stage: Stage,
    parts: Sequence[NewPart],
    assignments: Sequence[ChannelAssignment],
    channel: int,
    pitch: int,
) -> tuple[int, int] | None:
    """Find the new note that holds a key up to the last bar line: its part and its row."""
    for index, (part, assignment) in enumerate(zip(parts, assignments, strict=True)):
        notes = part.track.notes
        holds = notes[:, START] + notes[:, DURATION] == stage.last_tick
        rows = np.flatnonzero(holds & (notes[:, PITCH] == pitch))
        if assignment.channel == channel and not assignment.has_moved and len(rows):
            return index, int(rows[0])
    return None


def _lengthened(part: NewPart, ends: dict[int, int]) -> NewPart:
    notes = part.track.notes.copy()
    for row, end in ends.items():
        notes[row, DURATION] = end - notes[row, START]
    return replace(part, track=replace(part.track, notes=note_array(notes)))
