"""New notes in the place of old ones, in the uploaded file itself.

Of some parts, the notes that begin in a range of bars give way to others. Every other message stays
as it was uploaded, at its tick: other parts, controllers, names, tempo map. Bends and aftertouch
belong to notes and give way with them, as `gestures` says; what rang on beyond the range sounds on
there, as `tails` says.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.channel_assignment import (
    ChannelAssignment,
    NewPart,
    assign_channels,
    parts_by_drum,
)
from meloformer.midi.channel_state import PROGRAM as PROGRAM_PARAMETER
from meloformer.midi.early_notes import early_notes
from meloformer.midi.events import END_OF_TRACK, META, PROGRAM
from meloformer.midi.file import MidiFile
from meloformer.midi.gestures import rest_gestures
from meloformer.midi.joined_file import JoinedFile
from meloformer.midi.messages import note_off_message, track_body
from meloformer.midi.new_tracks import begin_new_tracks
from meloformer.midi.part_messages import ENDS, OWN, Additions, Placed, add_parts, by_time
from meloformer.midi.ports import PortsOfTrack, channel_of_row
from meloformer.midi.shared_channels import shared_channels
from meloformer.midi.stage import Stage
from meloformer.midi.tails import hold_tails
from meloformer.midi.usual_state import program_of_each
from meloformer.score.grid import TICKS_PER_QUARTER, bar_grid
from meloformer.score.score import DURATION, START, Score, note_array


@dataclass(frozen=True, slots=True, eq=False)
class _Gap:
    """A range of bars of a file in which notes give way."""

    file: MidiFile
    first_tick: int
    last_tick: int
    gone: NDArray[np.bool_]
    """Which notes of the file give way. (N,)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """Who plays where in the range."""

    gap: _Gap
    stage: Stage
    parts: tuple[NewPart, ...]
    assignments: tuple[ChannelAssignment, ...]


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
    replaced = replaced_file(
        file,
        written,
        first_bar=first_bar,
        last_bar=last_bar,
        again=again,
        track_of=track_of,
    )
    return replaced.data


def replaced_file(
    file: MidiFile,
    written: Score,
    *,
    first_bar: int,
    last_bar: int,
    again: Collection[int],
    track_of: Sequence[int | None],
    locked: NDArray[np.bool_] | None = None,
) -> JoinedFile:
    """Put new notes in the place of old ones as `replace_notes` does, and say what can't be.

    Args:
        file: As there, as all that follow but the last.
        written: As there.
        first_bar: As there.
        last_bar: As there.
        again: As there.
        track_of: As there.
        locked: Notes of the file that do not give way. (N,).
    """
    plan = _planned(file, written, (first_bar, last_bar), again, track_of, locked)
    gap, parts, assignments = plan.gap, plan.parts, plan.assignments
    additions: Additions = defaultdict(list)
    removed = _remove_notes(gap, additions)
    removed |= rest_gestures(plan.stage, gap.gone, additions)
    begin_new_tracks(file, parts, assignments, additions)
    free = _where_keys_are_free(gap, parts, assignments)
    held = hold_tails(plan.stage, gap.gone, free, assignments, additions)
    add_parts(plan.stage, held, assignments, additions)
    num_tracks = max(len(file.container.tracks), *(index + 1 for index in additions), 0)
    bodies = [_body(file, index, removed, additions[index]) for index in range(num_tracks)]
    return JoinedFile(
        data=replace(file.container, tracks=tuple(bodies)).to_bytes(),
        remarks=shared_channels(plan.stage, parts, assignments),
    )


def _planned(
    file: MidiFile,
    written: Score,
    bars: tuple[int, int],
    again: Collection[int],
    track_of: Sequence[int | None],
    locked: NDArray[np.bool_] | None,
) -> _Plan:
    first_bar, last_bar = bars
    lines = file.grid.starts[first_bar : last_bar + 1]
    gone = _begin_between(file, int(lines[0]), int(lines[-1]))
    gone &= np.isin(file.notes.voice, list(again))
    if locked is not None:
        gone &= ~locked
    gap = _Gap(file, int(lines[0]), int(lines[-1]), gone)
    stage = _stage(gap)
    parts = _parts(gap, _moved(written, lines, file.container.ticks_per_quarter), track_of)
    return _Plan(gap, stage, parts, assign_channels(parts, stage))


def _begin_between(file: MidiFile, first_line: int, last_line: int) -> NDArray[np.bool_]:
    """Find the notes of bars, those that begin a little early among them. (N,)."""
    start = file.notes.start
    is_first = (start >= first_line) | early_notes(file, first_line)
    is_after = (start >= last_line) | early_notes(file, last_line)
    return is_first & ~is_after


def _stage(gap: _Gap) -> Stage:
    table = gap.file.notes
    sounds = (table.start < gap.last_tick) & (table.end > gap.first_tick)
    return Stage(
        file=gap.file,
        first_tick=gap.first_tick,
        last_tick=gap.last_tick,
        stays=sounds & ~gap.gone,
        is_kept=np.ones(len(gap.file.events.tick), dtype=bool),
        file_goes_on=True,
    )


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


def _parts(gap: _Gap, written: Score, track_of: Sequence[int | None]) -> tuple[NewPart, ...]:
    """Return the parts that play, and whether their channels have their programs all the while."""
    pairs = zip(written.tracks, track_of, strict=True)
    parts = parts_by_drum([NewPart(track, of) for track, of in pairs], gap.file)
    return tuple(replace(part, keeps_channel=_has_program(gap, part)) for part in parts)


def _has_program(gap: _Gap, part: NewPart) -> bool:
    """Check if a part's channel has its program in the whole range."""
    if part.voice is None or part.track.is_drum:
        return True
    history, voice = gap.file.history, gap.file.notes.voices[part.voice]
    events = gap.file.events
    inside = (events.tick > gap.first_tick) & (events.tick < gap.last_tick)
    changes = events.tick[(events.kind == PROGRAM) & inside & (events.channel == voice.channel)]
    places = history.after(np.append(changes, gap.first_tick).astype(np.int64))
    programs = np.maximum(history.values(voice.channel, PROGRAM_PARAMETER, places), 0)
    return bool((program_of_each(programs) == voice.program).all())


def _remove_notes(gap: _Gap, additions: Additions) -> NDArray[np.bool_]:
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
            off = note_off_message(
                int(table.end[index]), int(table.channel[index]), int(table.pitch[index])
            )
            additions[voice.track].append(Placed(off[0], ENDS, off[1], int(table.channel[index])))
    return removed


def _where_keys_are_free(
    gap: _Gap, parts: Sequence[NewPart], assignments: Sequence[ChannelAssignment]
) -> list[NewPart]:
    """Leave out what begins on a key that a note which stays holds, and end before its next.

    What is held only for less than half a step of the grid, which is no time, begins right after.
    """
    table = gap.file.notes
    no_time = gap.file.score.ticks_per_quarter / (2 * TICKS_PER_QUARTER)
    sounds = ~gap.gone & (table.start < gap.last_tick) & (table.end > gap.first_tick)
    free = []
    for part, assignment in zip(parts, assignments, strict=True):
        kept = np.flatnonzero(sounds & (table.channel == assignment.channel))
        rows = []
        for start, duration, pitch, velocity in part.track.notes.tolist():
            same = kept[table.pitch[kept] == pitch]
            held = table.end[same[(table.start[same] <= start) & (table.end[same] > start)]]
            begin = max([start, *held.tolist()])
            later = table.start[same[table.start[same] > start]]
            end = min([start + duration, *later.tolist()])
            if begin - start <= no_time and begin < end:
                rows.append((begin, end - begin, pitch, velocity))
        free.append(replace(part, track=replace(part.track, notes=note_array(rows))))
    return free


def _body(file: MidiFile, index: int, removed: NDArray[np.bool_], added: list[Placed]) -> bytes:
    """Return the bytes of a MIDI track; one to which nothing happens keeps its own."""
    events = file.events
    rows = np.flatnonzero(events.track == index)
    if not added and not removed[rows].any():
        return file.container.tracks[index]
    is_end = (events.status[rows] == META) & (events.data1[rows] == END_OF_TRACK)
    kept = rows[~is_end & ~removed[rows]].tolist()
    messages = [
        Placed(int(events.tick[row]), OWN, events.message_bytes(row), channel_of_row(events, row))
        for row in kept
    ]
    timed = by_time([*messages, *added], PortsOfTrack(events, index))
    return track_body(timed, int(events.tick[rows].max(initial=0)))
