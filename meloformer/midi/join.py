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
from meloformer.midi.channel_assignment import ChannelAssignment, assign_channels, notes_by_channel
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
from meloformer.midi.events import END_OF_TRACK, META, PROGRAM, Events
from meloformer.midi.file import MidiFile
from meloformer.midi.messages import (
    Timed,
    bend_message,
    control_message,
    encode_delta,
    in_order,
    metre_message,
    name_message,
    note_messages,
    note_off_message,
    program_message,
    tempo_message,
    track_body,
)
from meloformer.midi.read import MAX_TICK
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
class _Seam:
    """A file as far as it is kept."""

    file: MidiFile
    tick: int
    settings: ChannelSettings
    """Of all channels at the seam."""


def join(
    file: MidiFile, continuation: Score, *, seam_tick: int, track_of: Sequence[int | None]
) -> bytes:
    """Append a continuation to a MIDI file.

    The file keeps its type, clock and tracks. Its messages at and after the seam give way. A part
    that the file has goes on in its own MIDI track and channel; a new one gets a MIDI track (in a
    file of type 0 there is only the one) and a channel of its own, as `assign_channels` says.

    Args:
        file: What is continued.
        continuation: Its tick 0 is the seam.
        seam_tick: In ticks of the file.
        track_of: For each track of the continuation the index of the track of `file.score` that it
            continues, or `None` for a new part.

    Raises:
        MidiError: The whole would be longer than a MIDI file can be.
    """
    added = _at_seam(continuation, file.container.ticks_per_quarter, seam_tick)
    if added.end_tick > MAX_TICK:
        raise MidiError("The whole piece would be longer than a MIDI file can say.")
    seam = _Seam(file, seam_tick, read_channel_settings(file.events, seam_tick))
    assignments = assign_channels(
        added.tracks, track_of, file.container, file.notes, seam.settings, seam_tick
    )
    additions: _Additions = defaultdict(list)
    _end_what_sounds(seam, additions)
    _set_tempo_and_metre(seam, added, additions)
    _open_channels(seam, added, assignments, additions)
    _add_notes(added, assignments, additions)
    return _spliced(seam, additions, added.end_tick)


def _at_seam(continuation: Score, ticks_per_quarter: int, seam_tick: int) -> Score:
    """Move the continuation to ticks of the file, from its start; it ends with its notes."""

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


def _end_what_sounds(seam: _Seam, additions: _Additions) -> None:
    """End notes whose end gives way to the seam, and release held pedals."""
    notes = seam.file.notes
    gives_way = (notes.end_event < 0) | (seam.file.events.tick[notes.end_event] >= seam.tick)
    for index in np.flatnonzero(gives_way & (notes.start < seam.tick)).tolist():
        voice = notes.voices[notes.voice[index]]
        additions[voice.track].append(
            note_off_message(seam.tick, voice.channel, int(notes.pitch[index]))
        )
    for (channel, what), setting in seam.settings.items():
        if what in (SUSTAIN, SOSTENUTO) and setting.value > 0:
            additions[setting.track].append(control_message(seam.tick, channel, what, 0))


def _set_tempo_and_metre(seam: _Seam, added: Score, additions: _Additions) -> None:
    """Write the continuation's tempos and metres where they differ from what is in force."""
    container, original = seam.file.container, seam.file.score
    metre = _last_before(original.time_signatures, seam.tick, TimeSignature(0, 4, 4))
    for new_metre in added.time_signatures:
        if not new_metre.goes_on(metre, container.ticks_per_quarter):
            additions[0].append(metre_message(new_metre.tick, new_metre))
            metre = new_metre
    if container.ticks_per_second is not None:
        return  # the clock runs on its own, whatever the tempo
    tempo = _last_before(original.tempos, seam.tick, Tempo(0, 120.0))
    for new_tempo in added.tempos:
        if abs(math.log(new_tempo.qpm / tempo.qpm)) > _SAME_TEMPO:
            additions[0].append(tempo_message(new_tempo.tick, new_tempo))
            tempo = new_tempo


def _last_before(changes: Sequence[_Change], tick: int, default: _Change) -> _Change:
    """Return the change that is in force just before a tick."""
    return next((change for change in reversed(changes) if change.tick < tick), default)


def _open_channels(
    seam: _Seam,
    added: Score,
    assignments: Sequence[ChannelAssignment | None],
    additions: _Additions,
) -> None:
    """Name new tracks, and set each channel as the part that plays there needs it."""
    for track, assignment in zip(added.tracks, assignments, strict=True):
        if assignment is None:
            continue
        if assignment.track >= len(seam.file.container.tracks):
            name = track.name or part_name(assignment.program, track.is_drum)
            additions[assignment.track].append(name_message(0, name))
        additions[assignment.track] += _settings(seam, assignment)


def _settings(seam: _Seam, assignment: ChannelAssignment) -> Iterator[Timed]:
    tick, channel, settings = seam.tick, assignment.channel, seam.settings
    program = settings.get((channel, PROGRAM_SETTING))
    is_right = assignment.program == (program.value if program else 0)
    if (
        assignment.is_new
        or not is_right
        or _own_program(seam, assignment) not in (None, assignment.program)
    ):
        yield program_message(tick, channel, assignment.program)
    bend = settings.get((channel, BEND_SETTING))
    if bend and bend.value != BEND_CENTRE:
        yield bend_message(tick, channel)
    for control in (VOLUME, EXPRESSION):
        level = settings.get((channel, control))
        if level and level.value < _FADED <= level.highest:
            yield control_message(tick, channel, control, level.highest)


def _own_program(seam: _Seam, assignment: ChannelAssignment) -> int | None:
    """Return the program that the assignment's MIDI track itself last set in its channel."""
    events = seam.file.events
    is_own = (events.status == PROGRAM | assignment.channel) & (events.track == assignment.track)
    rows = np.flatnonzero(is_own & (events.tick < seam.tick))
    return int(events.data1[rows[-1]]) if len(rows) else None


def _add_notes(
    added: Score, assignments: Sequence[ChannelAssignment | None], additions: _Additions
) -> None:
    for (track_index, channel), notes in notes_by_channel(added.tracks, assignments).items():
        additions[track_index] += note_messages(notes, channel)


def _spliced(seam: _Seam, additions: _Additions, end_tick: int) -> bytes:
    """Return the file up to the seam, each track followed by what is added to it."""
    num_tracks = max(len(seam.file.container.tracks), *(track + 1 for track in additions), 0)
    bodies = [_body(seam, track, additions.get(track, []), end_tick) for track in range(num_tracks)]
    return replace(seam.file.container, tracks=tuple(bodies)).to_bytes()


def _body(seam: _Seam, track: int, additions: list[Timed], end_tick: int) -> bytes:
    events = seam.file.events
    of_track = np.flatnonzero(events.track == track)
    is_end = (events.status[of_track] == META) & (events.data1[of_track] == END_OF_TRACK)
    if not additions and np.any(is_end & (events.tick[of_track] < seam.tick)):
        return _bytes(events, of_track)
    kept = of_track[(events.tick[of_track] < seam.tick) & ~is_end]
    now = int(events.tick[kept[-1]]) if len(kept) else 0
    return _bytes(events, kept) + track_body(in_order(additions), end_tick, now)


def _bytes(events: Events, rows: NDArray[np.int64]) -> bytes:
    """Return the bytes of successive messages from the start of a track."""
    if not len(rows):
        return b""
    first, last = rows[0], rows[-1]
    # Data without a status may have been skipped before the first message: its time is not lost.
    delta = encode_delta(int(events.tick[first]))
    return delta + events.buffer[events.message[first] : events.end[last]]
