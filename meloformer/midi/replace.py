"""New notes in the place of old ones, in the uploaded file itself.

Of some parts, the notes that begin in a range of bars give way to others. Every other message stays
as it was uploaded, at its tick: other parts, controllers, names, tempo map. Pitch bends and
aftertouch belong to notes: where all notes of a channel give way in the range, so do they, and the
bend that was in force comes back after it.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.channel_assignment import ChannelAssignment, assign_channels, notes_by_channel
from meloformer.midi.channel_settings import (
    BEND_CENTRE,
    BEND_SETTING,
    PROGRAM_SETTING,
    read_channel_settings,
)
from meloformer.midi.events import BEND, END_OF_TRACK, META, NOTE_OFF, PROGRAM
from meloformer.midi.file import MidiFile
from meloformer.midi.messages import (
    Timed,
    bend_message,
    name_message,
    note_messages,
    note_off_message,
    program_message,
    track_body,
)
from meloformer.score.general_midi import part_name
from meloformer.score.grid import bar_grid, place
from meloformer.score.score import DURATION, START, Score, note_array

_AFTERTOUCH = (0xA0, 0xD0)
_BEFORE, _AFTER = 0, 2
"""Beside the file's own messages of the same tick."""

_Additions: TypeAlias = defaultdict[int, list[tuple[int, Timed]]]
"""Messages to insert, before or after others of their tick, by MIDI track."""


@dataclass(frozen=True, slots=True, eq=False)
class _Gap:
    """A range of bars of a file in which notes give way."""

    file: MidiFile
    first_tick: int
    last_tick: int
    gone: NDArray[np.bool_]
    """Which notes of the file give way. (N,)."""


def replace_notes(
    file: MidiFile,
    written: Score,
    *,
    first_bar: int,
    last_bar: int,
    again: Collection[int],
    track_of: Sequence[int | None],
) -> bytes:
    """Put new notes in the place of those that some parts have in a range of bars.

    A part of the file plays in its own MIDI track and channel, as long as the channel keeps its
    program there; else, and if it is new, it gets a channel of its own, as `assign_channels` says.

    Args:
        file: What is changed.
        written: The new notes; its tick 0 is the first bar line of the range.
        first_bar: From 0.
        last_bar: The bar after the last.
        again: Indices of the tracks of `file.score` whose notes give way.
        track_of: For each track of `written` the index of the track of `file.score` that it takes
            the place of, or `None` for a new part.
    """
    bar, _ = place(file.score, file.grid, file.notes.start)
    gone = (bar >= first_bar) & (bar < last_bar) & np.isin(file.notes.voice, list(again))
    lines = file.grid.starts[first_bar : last_bar + 1]
    gap = _Gap(file, int(lines[0]), int(lines[-1]), gone)
    moved = _moved(written, lines, file.container.ticks_per_quarter)
    assignments = _assignments(gap, moved, track_of)
    additions: _Additions = defaultdict(list)
    removed = _remove_notes(gap, additions)
    removed |= _rest_bends(gap, additions)
    _open_channels(gap, moved, assignments, additions)
    _add_notes(gap, moved, assignments, additions)
    num_tracks = max(len(file.container.tracks), *(index + 1 for index in additions), 0)
    bodies = [_body(file, index, removed, additions[index]) for index in range(num_tracks)]
    return replace(file.container, tracks=tuple(bodies)).to_bytes()


def _moved(written: Score, lines: NDArray[np.int64], ticks_per_quarter: int) -> Score:
    """Move the new notes to ticks of the file, bar by bar: a bar of the file may be cut short.

    None sounds beyond the last bar.
    """
    own_lines = bar_grid(written).starts
    ratio = ticks_per_quarter / written.ticks_per_quarter

    def moved(ticks: NDArray[np.int64], before_line: int) -> NDArray[np.int64]:
        bar = np.searchsorted(own_lines[:-1], ticks, side="right") - 1
        here = lines[bar] + np.rint((ticks - own_lines[bar]) * ratio).astype(np.int64)
        inside: NDArray[np.int64] = np.minimum(here, lines[bar + 1] - before_line)
        return inside

    tracks = []
    for track in written.tracks:
        notes = track.notes.astype(np.int64)
        start = moved(notes[:, START], 1)
        end = moved(notes[:, START] + notes[:, DURATION], 0)
        notes[:, START], notes[:, DURATION] = start, np.maximum(end - start, 1)
        tracks.append(replace(track, notes=note_array(notes)))
    return written.with_tracks(tuple(tracks))


def _assignments(
    gap: _Gap, written: Score, track_of: Sequence[int | None]
) -> tuple[ChannelAssignment | None, ...]:
    """Assign channels; a part whose channel has another program in the range counts as new."""
    events, end = gap.file.events, int(gap.file.events.tick.max()) + 1
    in_force = read_channel_settings(events, gap.first_tick + 1)
    changes = (events.kind == PROGRAM) & (events.tick > gap.first_tick)
    changes &= events.tick < gap.last_tick
    own: list[int | None] = []
    for track, of in zip(written.tracks, track_of, strict=True):
        if of is not None and not track.is_drum:
            voice = gap.file.notes.voices[of]
            setting = in_force.get((voice.channel, PROGRAM_SETTING))
            programs = {setting.value if setting else 0}
            programs |= set(events.data1[changes & (events.channel == voice.channel)].tolist())
            of = of if programs == {voice.program} else None
        own.append(of)
    settings = read_channel_settings(events, end)
    return assign_channels(written.tracks, own, gap.file.container, gap.file.notes, settings, end)


def _remove_notes(gap: _Gap, additions: _Additions) -> NDArray[np.bool_]:
    """Find the messages that begin or end notes that give way. (E,).

    A message may end one note and begin another, and notes that stay are ended where they were.
    """
    events, table, gone = gap.file.events, gap.file.notes, gap.gone
    removed = np.zeros(len(events.tick), dtype=bool)
    removed[table.start_event[gone]] = True
    ends = table.end_event[gone & (table.end_event >= 0)]
    stays = np.zeros(len(removed), dtype=bool)
    stays[table.start_event[~gone]] = True
    stays[table.end_event[~gone & (table.end_event >= 0)]] = True
    removed[ends[~stays[ends]]] = True
    for index in np.flatnonzero(~gone & (table.end_event >= 0)).tolist():
        if removed[table.end_event[index]]:
            voice = table.voices[table.voice[index]]
            off = note_off_message(int(table.end[index]), voice.channel, int(table.pitch[index]))
            additions[voice.track].append((_BEFORE, off))
    return removed


def _rest_bends(gap: _Gap, additions: _Additions) -> NDArray[np.bool_]:
    """Take bends and aftertouch out of channels whose notes all give way. (E,)."""
    events, table, gone = gap.file.events, gap.file.notes, gap.gone
    channels = np.array([voice.channel for voice in table.voices])[table.voice]
    sounds = (table.start < gap.last_tick) & (table.end > gap.first_tick)
    quiet = set(channels[gone].tolist()) - set(channels[sounds & ~gone].tolist())
    inside = (events.tick >= gap.first_tick) & (events.tick < gap.last_tick)
    of_notes = np.isin(events.kind, (*_AFTERTOUCH, BEND)) & np.isin(events.channel, list(quiet))
    for tick, rests in ((gap.first_tick, True), (gap.last_tick, False)):
        settings = read_channel_settings(events, tick)
        for channel in quiet:
            setting = settings.get((channel, BEND_SETTING))
            if setting is not None and setting.value != BEND_CENTRE:
                bend = bend_message(tick, channel, BEND_CENTRE if rests else setting.value)
                additions[setting.track].append((_BEFORE, bend))
    removed: NDArray[np.bool_] = inside & of_notes
    return removed


def _open_channels(
    gap: _Gap,
    written: Score,
    assignments: Sequence[ChannelAssignment | None],
    additions: _Additions,
) -> None:
    """Name new tracks, set their programs, and give a channel that is shared its own back."""
    in_force = read_channel_settings(gap.file.events, gap.last_tick)
    for track, assignment in zip(written.tracks, assignments, strict=True):
        if assignment is None or not assignment.is_new:
            continue
        added = additions[assignment.track]
        if assignment.track >= len(gap.file.container.tracks):
            name = track.name or part_name(assignment.program, track.is_drum)
            added.append((_BEFORE, name_message(0, name)))
        program = program_message(gap.first_tick, assignment.channel, assignment.program)
        added.append((_AFTER, program))
        setting = in_force.get((assignment.channel, PROGRAM_SETTING))
        if setting is not None and setting.value != assignment.program:
            back = program_message(gap.last_tick, assignment.channel, setting.value)
            added.append((_BEFORE, back))


def _add_notes(
    gap: _Gap,
    written: Score,
    assignments: Sequence[ChannelAssignment | None],
    additions: _Additions,
) -> None:
    """Add the new notes, each where no other note holds its key."""
    for (index, channel), notes in notes_by_channel(written.tracks, assignments).items():
        free = _where_keys_are_free(gap, channel, notes)
        additions[index] += [
            (_BEFORE if message[0] & 0xF0 == NOTE_OFF else _AFTER, (tick, message))
            for tick, message in note_messages(free, channel)
        ]


def _where_keys_are_free(gap: _Gap, channel: int, notes: NDArray[np.int32]) -> NDArray[np.int32]:
    """Leave out what begins on a key that a note which stays holds, and end before its next."""
    table = gap.file.notes
    channels = np.array([voice.channel for voice in table.voices])[table.voice]
    sounds = (table.start < gap.last_tick) & (table.end > gap.first_tick)
    kept = np.flatnonzero(~gap.gone & (channels == channel) & sounds)
    rows = []
    for start, duration, pitch, velocity in notes.tolist():
        same = kept[table.pitch[kept] == pitch]
        if np.any((table.start[same] <= start) & (table.end[same] > start)):
            continue
        later = table.start[same[table.start[same] > start]]
        end = min([start + duration, *later.tolist()])
        rows.append((start, end - start, pitch, velocity))
    return note_array(rows)


def _body(
    file: MidiFile, index: int, removed: NDArray[np.bool_], added: list[tuple[int, Timed]]
) -> bytes:
    """Return the bytes of a MIDI track; one to which nothing happens keeps its own."""
    events = file.events
    rows = np.flatnonzero(events.track == index)
    if not added and not removed[rows].any():
        return file.container.tracks[index]
    is_end = (events.status[rows] == META) & (events.data1[rows] == END_OF_TRACK)
    kept = rows[~is_end & ~removed[rows]].tolist()
    messages = [(int(events.tick[row]), 1, events.message_bytes(row)) for row in kept]
    messages += [(tick, side, message) for side, (tick, message) in added]
    messages.sort(key=lambda timed: timed[:2])
    timed = [(tick, message) for tick, _, message in messages]
    return track_body(timed, int(events.tick[rows].max(initial=0)))
