"""A continuation appended to the uploaded file itself.

Everything before the seam stays as it was uploaded, message for message: the bytes of each MIDI
track are kept up to the seam, and new messages follow. At the seam notes that still sound are
ended, held pedals released, and what the new notes need is set: programs, pitch bends at rest,
volume where the piece faded out, and tempo and metre where they change.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from meloformer.errors import MidiError
from meloformer.midi.channel_assignment import ChannelAssignment, assign_channels
from meloformer.midi.channel_settings import (
    BEND_CENTRE,
    BEND_SETTING,
    EXPRESSION,
    PROGRAM_SETTING,
    SOSTENUTO,
    SUSTAIN,
    VOLUME,
    ChannelSettings,
    read_channel_settings,
)
from meloformer.midi.container import MidiContainer, read_container
from meloformer.midi.events import END_OF_TRACK, META, PROGRAM, Events, read_events
from meloformer.midi.messages import (
    Timed,
    bend_message,
    control_message,
    encode,
    encode_delta,
    end_message,
    in_order,
    metre_message,
    name_message,
    note_messages,
    note_off_message,
    program_message,
    tempo_message,
    trim_unisons,
)
from meloformer.midi.note_table import NoteTable, read_notes
from meloformer.midi.read import MAX_TICK, is_in_force
from meloformer.score.general_midi import part_name
from meloformer.score.grid import TEMPO_QPM
from meloformer.score.score import Score, Tempo, TimeSignature, note_array

_FADED = 32
"""A volume or expression below this that was once above it is a fade-out."""
_SAME_TEMPO = math.log(TEMPO_QPM[1] / TEMPO_QPM[0]) / 2 + 1e-9
"""A continuation's tempos are rounded: a ratio within half a step is the tempo it came from."""

_Additions: TypeAlias = defaultdict[int, list[Timed]]
"""Messages to append, by MIDI track."""
_Change = TypeVar("_Change", Tempo, TimeSignature)


@dataclass(frozen=True, slots=True, eq=False)
class _Upload:
    """The file as far as it is kept."""

    container: MidiContainer
    events: Events
    table: NoteTable
    settings: ChannelSettings
    seam_tick: int


def join(
    original: bytes,
    continuation: Score,
    *,
    seam_tick: int,
    track_of: Sequence[int | None],
    original_score: Score,
) -> bytes:
    """Append a continuation to a MIDI file.

    The file keeps its type, clock and tracks. Its messages at and after the seam give way. A part
    that the file has goes on in its own MIDI track and channel; a new one gets a MIDI track (in a
    file of type 0 there is only the one) and a channel of its own, as `assign_channels` says.

    Args:
        original: The upload, as `read_midi` reads it.
        continuation: Its tick 0 is the seam.
        seam_tick: In ticks of the original.
        track_of: For each track of the continuation the index of the track in `original_score`
            that it continues, or `None` for a new part.
        original_score: What `read_midi` read from the upload.

    Raises:
        MidiError: The upload cannot be read, or the whole would be longer than a MIDI file can be.
    """
    container = read_container(original)
    events = read_events(container)
    table = read_notes(events, container.ticks_per_quarter)
    settings = read_channel_settings(events, seam_tick)
    added = _at_seam(continuation, container.ticks_per_quarter, seam_tick)
    if added.end_tick > MAX_TICK:
        raise MidiError("The whole piece would be longer than a MIDI file can say.")
    assignments = assign_channels(added.tracks, track_of, container, table, settings, seam_tick)
    upload = _Upload(container, events, table, settings, seam_tick)
    additions: _Additions = defaultdict(list)
    _end_what_sounds(upload, additions)
    _set_tempo_and_metre(upload, added, original_score, additions)
    _open_channels(upload, added, assignments, additions)
    _add_notes(added, assignments, additions)
    return _spliced(upload, additions, added.end_tick)


def _at_seam(continuation: Score, ticks_per_quarter: int, seam_tick: int) -> Score:
    """The continuation in ticks of the file, from the start of the file; it ends with its notes."""

    def moved(tick: int) -> int:
        own = continuation.ticks_per_quarter
        return seam_tick + (2 * tick * ticks_per_quarter + own) // (2 * own)

    tracks = []
    end_tick = moved(continuation.end_tick)
    for track in continuation.tracks:
        rows = [
            (moved(start), max(1, moved(start + duration) - moved(start)), pitch, velocity)
            for start, duration, pitch, velocity in track.notes.tolist()
        ]
        end_tick = max([end_tick, *(start + duration for start, duration, _, _ in rows)])
        tracks.append(replace(track, notes=note_array(rows)))
    return Score(
        ticks_per_quarter=ticks_per_quarter,
        tracks=tuple(tracks),
        tempos=tuple(Tempo(moved(t.tick), t.qpm) for t in continuation.tempos),
        time_signatures=tuple(
            TimeSignature(moved(s.tick), s.numerator, s.denominator)
            for s in continuation.time_signatures
        ),
        end_tick=end_tick,
    )


def _end_what_sounds(upload: _Upload, additions: _Additions) -> None:
    """End notes whose end gives way to the seam, and release held pedals."""
    table, seam_tick = upload.table, upload.seam_tick
    gives_way = (table.end_event < 0) | (upload.events.tick[table.end_event] >= seam_tick)
    for index in np.flatnonzero(gives_way & (table.start < seam_tick)).tolist():
        voice = table.voices[table.voice[index]]
        additions[voice.track].append(
            note_off_message(seam_tick, voice.channel, int(table.pitch[index]))
        )
    for (channel, what), setting in upload.settings.items():
        if what in (SUSTAIN, SOSTENUTO) and setting.value > 0:
            additions[setting.track].append(control_message(seam_tick, channel, what, 0))


def _set_tempo_and_metre(
    upload: _Upload, added: Score, original: Score, additions: _Additions
) -> None:
    """Write the continuation's tempos and metres where they differ from what is in force."""
    metre = _in_force(original.time_signatures, upload.seam_tick, TimeSignature(0, 4, 4))
    for new_metre in added.time_signatures:
        if not is_in_force(metre, new_metre, upload.container.ticks_per_quarter):
            additions[0].append(metre_message(new_metre.tick, new_metre))
            metre = new_metre
    if upload.container.ticks_per_second is not None:
        return  # the clock runs on its own, whatever the tempo
    tempo = _in_force(original.tempos, upload.seam_tick, Tempo(0, 120.0))
    for new_tempo in added.tempos:
        if abs(math.log(new_tempo.qpm / tempo.qpm)) > _SAME_TEMPO:
            additions[0].append(tempo_message(new_tempo.tick, new_tempo))
            tempo = new_tempo


def _in_force(changes: Sequence[_Change], seam_tick: int, default: _Change) -> _Change:
    return next((change for change in reversed(changes) if change.tick < seam_tick), default)


def _open_channels(
    upload: _Upload,
    added: Score,
    assignments: Sequence[ChannelAssignment | None],
    additions: _Additions,
) -> None:
    """Name new tracks, and set each channel as the part that plays there needs it."""
    for track, assignment in zip(added.tracks, assignments, strict=True):
        if assignment is None:
            continue
        if assignment.track >= len(upload.container.tracks):
            name = track.name or part_name(assignment.program, track.is_drum)
            additions[assignment.track].append(name_message(0, name))
        additions[assignment.track] += _settings(upload, assignment)


def _settings(upload: _Upload, assignment: ChannelAssignment) -> Iterator[Timed]:
    tick, channel, settings = upload.seam_tick, assignment.channel, upload.settings
    program = settings.get((channel, PROGRAM_SETTING))
    is_right = assignment.program == (program.value if program else 0)
    if (
        assignment.is_new
        or not is_right
        or _own_program(upload, assignment) not in (None, assignment.program)
    ):
        yield program_message(tick, channel, assignment.program)
    bend = settings.get((channel, BEND_SETTING))
    if bend and bend.value != BEND_CENTRE:
        yield bend_message(tick, channel)
    for control in (VOLUME, EXPRESSION):
        level = settings.get((channel, control))
        if level and level.value < _FADED <= level.highest:
            yield control_message(tick, channel, control, level.highest)


def _own_program(upload: _Upload, assignment: ChannelAssignment) -> int | None:
    """The program that the assignment's MIDI track itself last set in its channel."""
    events = upload.events
    is_own = (events.status == PROGRAM | assignment.channel) & (events.track == assignment.track)
    rows = np.flatnonzero(is_own & (events.tick < upload.seam_tick))
    return int(events.data1[rows[-1]]) if len(rows) else None


def _add_notes(
    added: Score, assignments: Sequence[ChannelAssignment | None], additions: _Additions
) -> None:
    notes: defaultdict[tuple[int, int], list[NDArray[np.int32]]] = defaultdict(list)
    for track, assignment in zip(added.tracks, assignments, strict=True):
        if assignment is not None:
            notes[assignment.track, assignment.channel].append(track.notes)
    for (track_index, channel), together in notes.items():
        additions[track_index] += note_messages(trim_unisons(np.concatenate(together)), channel)


def _spliced(upload: _Upload, additions: _Additions, end_tick: int) -> bytes:
    """The file's bytes before the seam, each track followed by what is added to it."""
    num_tracks = max(len(upload.container.tracks), *(track + 1 for track in additions), 0)
    bodies = [
        _body(upload, track, additions.get(track, []), end_tick) for track in range(num_tracks)
    ]
    return replace(upload.container, tracks=tuple(bodies)).to_bytes()


def _body(upload: _Upload, track: int, additions: list[Timed], end_tick: int) -> bytes:
    events = upload.events
    of_track = np.flatnonzero(events.track == track)
    is_end = (events.status[of_track] == META) & (events.data1[of_track] == END_OF_TRACK)
    if not additions and np.any(is_end & (events.tick[of_track] < upload.seam_tick)):
        return _bytes(events, of_track)
    kept = of_track[(events.tick[of_track] < upload.seam_tick) & ~is_end]
    now = int(events.tick[kept[-1]]) if len(kept) else 0
    added = [*in_order(additions), end_message(end_tick)]
    return _bytes(events, kept) + encode(added, now)


def _bytes(events: Events, rows: NDArray[np.int64]) -> bytes:
    """The bytes of successive messages from the start of a track."""
    if not len(rows):
        return b""
    first, last = rows[0], rows[-1]
    # Data without a status may have been skipped before the first message: its time is not lost.
    delta = encode_delta(int(events.tick[first]))
    return delta + events.buffer[events.message[first] : events.end[last]]
