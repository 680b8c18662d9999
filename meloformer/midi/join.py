"""A continuation appended to the uploaded file itself.

Everything before the seam stays as it was uploaded, message for message: the bytes of each MIDI
track are kept up to the seam, and new messages follow. At the seam notes that still sound are
ended, held pedals released, and what the new notes need is set: tempo and metre where they change,
and channels where they are not as their parts usually are, as `part_messages` says.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from meloformer.errors import MidiError
from meloformer.midi.channel_assignment import (
    ChannelAssignment,
    NewPart,
    assign_channels,
    parts_by_drum,
)
from meloformer.midi.channel_state import ALL_CHANNELS, PEDALS_UP, SYSTEM_MODE
from meloformer.midi.events import END_OF_TRACK, META, Events
from meloformer.midi.file import MidiFile
from meloformer.midi.joined_file import JoinedFile
from meloformer.midi.messages import (
    control_message,
    encode_delta,
    metre_message,
    note_off_message,
    tempo_message,
    track_body,
    us_per_quarter,
)
from meloformer.midi.new_tracks import begin_new_tracks
from meloformer.midi.part_messages import ENDS, OWN, Additions, Placed, add_parts, by_time
from meloformer.midi.ports import PortsOfTrack
from meloformer.midi.read import MAX_TICK
from meloformer.midi.score_at import score_at
from meloformer.midi.shared_channels import shared_channels
from meloformer.midi.stage import Stage
from meloformer.midi.state_messages import settle
from meloformer.midi.usual_state import onsets_of, usual_state, without_gestures
from meloformer.score.score import Score, Tempo, TimeSignature

_Change = TypeVar("_Change", Tempo, TimeSignature)


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """Who plays where after the seam."""

    stage: Stage
    added: Score
    """The continuation in ticks of the file."""
    parts: tuple[NewPart, ...]
    assignments: tuple[ChannelAssignment, ...]


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
    return joined_file(file, continuation, seam_tick=seam_tick, track_of=track_of).data


def joined_file(
    file: MidiFile, continuation: Score, *, seam_tick: int, track_of: Sequence[int | None]
) -> JoinedFile:
    """Append a continuation as `join` does, and say what can't be as it should.

    Raises:
        MidiError: The whole would be longer than a MIDI file can be.
    """
    plan = _planned(file, continuation, seam_tick, track_of)
    stage, added = plan.stage, plan.added
    additions: Additions = defaultdict(list)
    _end_what_sounds(stage, additions)
    _rest_gestures(stage, additions)
    _set_tempo_and_metre(stage, added, additions)
    begin_new_tracks(file, plan.parts, plan.assignments, additions)
    ready = _set_all_channels(stage, additions)
    add_parts(ready, plan.parts, plan.assignments, additions)
    return JoinedFile(
        data=_spliced(stage, additions, added.end_tick),
        remarks=shared_channels(stage, plan.parts, plan.assignments),
    )


def _planned(
    file: MidiFile, continuation: Score, seam_tick: int, track_of: Sequence[int | None]
) -> _Plan:
    added = score_at(continuation, file.container.ticks_per_quarter, seam_tick)
    if added.end_tick > MAX_TICK:
        raise MidiError("The whole piece would be longer than a MIDI file can say.")
    stage = Stage(
        file=file,
        first_tick=seam_tick,
        last_tick=added.end_tick,
        stays=np.zeros(len(file.notes.start), dtype=bool),
        is_kept=file.events.tick < seam_tick,
        file_goes_on=False,
    )
    pairs = zip(added.tracks, track_of, strict=True)
    parts = parts_by_drum([NewPart(track, of) for track, of in pairs], file)
    return _Plan(stage, added, parts, assign_channels(parts, stage))


def _end_what_sounds(seam: Stage, additions: Additions) -> None:
    """End notes whose end gives way to the seam, and release held pedals."""
    notes = seam.file.notes
    gives_way = (notes.end_event < 0) | (seam.file.events.tick[notes.end_event] >= seam.first_tick)
    for index in np.flatnonzero(gives_way & (notes.start < seam.first_tick)).tolist():
        voice = notes.voices[notes.voice[index]]
        off = note_off_message(seam.first_tick, int(notes.channel[index]), int(notes.pitch[index]))
        additions[voice.track].append(Placed(off[0], ENDS, off[1], int(notes.channel[index])))
    for channel in sorted(seam.file.history.used_channels):
        state = seam.state(channel, seam.first_tick)
        tracks = seam.tracks_of(channel)
        for pedal in PEDALS_UP:
            if state.get(pedal, 0) > 0:
                up = control_message(seam.first_tick, channel, pedal, 0)
                track = min(tracks, default=0)
                additions[track].append(Placed(up[0], ENDS, up[1], channel))


def _rest_gestures(seam: Stage, additions: Additions) -> None:
    """Bring to rest the bends and pressures of channels that play for another, as in MPE."""
    notes = seam.file.notes
    own = np.array([voice.channel for voice in notes.voices])[notes.voice]
    for channel in np.unique(notes.channel[notes.channel != own]).tolist():
        have = seam.state(channel, seam.first_tick)
        want = without_gestures(have)
        track = min(seam.tracks_of(channel))
        for message in settle(channel, have, want, seam.file.history.message):
            additions[track].append(Placed(seam.first_tick, OWN, message, channel))


def _set_tempo_and_metre(seam: Stage, added: Score, additions: Additions) -> None:
    """Write the continuation's tempos and metres where they differ from what is in force."""
    container, original = seam.file.container, seam.file.score
    metre = _last_before(original.time_signatures, seam.first_tick, TimeSignature(0, 4, 4))
    for new_metre in added.time_signatures:
        if not new_metre.goes_on(metre, container.ticks_per_quarter):
            additions[0].append(Placed(new_metre.tick, OWN, metre_message(0, new_metre)[1]))
            metre = new_metre
    if container.ticks_per_second is not None:
        return  # the clock runs on its own, whatever the tempo
    tempo = _last_before(original.tempos, seam.first_tick, Tempo(0, 120.0))
    for new_tempo in added.tempos:
        if us_per_quarter(new_tempo.qpm) != us_per_quarter(tempo.qpm):
            additions[0].append(Placed(new_tempo.tick, OWN, tempo_message(0, new_tempo)[1]))
            tempo = new_tempo


def _last_before(changes: Sequence[_Change], tick: int, default: _Change) -> _Change:
    """Return the change that is in force just before a tick."""
    return next((change for change in reversed(changes) if change.tick < tick), default)


def _set_all_channels(stage: Stage, additions: Additions) -> Stage:
    """Set what is valid for all channels as it usually is.

    Returns:
        The stage, with the channels set back where a reset has to be sent again.
    """
    history, table = stage.file.history, stage.file.notes
    onsets = onsets_of(table, range(len(table.voices)), stage.first_tick)
    have = stage.state(ALL_CHANNELS, stage.first_tick)
    want = usual_state(history, ALL_CHANNELS, onsets, stage.first_tick)
    resets = SYSTEM_MODE in want and want[SYSTEM_MODE] != have.get(SYSTEM_MODE)
    if resets:
        have = {}
    for message in settle(ALL_CHANNELS, have, want, history.message):
        additions[0].append(Placed(stage.first_tick, OWN, message))
    return replace(stage, is_reset=resets)


def _spliced(seam: Stage, additions: Additions, end_tick: int) -> bytes:
    """Return the file up to the seam, each track followed by what is added to it."""
    num_tracks = max(len(seam.file.container.tracks), *(track + 1 for track in additions), 0)
    bodies = [_body(seam, track, additions.get(track, []), end_tick) for track in range(num_tracks)]
    return replace(seam.file.container, tracks=tuple(bodies)).to_bytes()


def _body(seam: Stage, track: int, additions: list[Placed], end_tick: int) -> bytes:
    events = seam.file.events
    of_track = np.flatnonzero(events.track == track)
    is_end = (events.status[of_track] == META) & (events.data1[of_track] == END_OF_TRACK)
    if not additions and np.any(is_end & (events.tick[of_track] < seam.first_tick)):
        return _bytes(events, of_track)
    kept = of_track[(events.tick[of_track] < seam.first_tick) & ~is_end]
    now = int(events.tick[kept[-1]]) if len(kept) else 0
    ports = PortsOfTrack(events, track, int(events.port[kept[-1]]) if len(kept) else 0)
    return _bytes(events, kept) + track_body(by_time(additions, ports), end_tick, now)


def _bytes(events: Events, rows: NDArray[np.int64]) -> bytes:
    """Return the bytes of successive messages from the start of a track."""
    if not len(rows):
        return b""
    first, last = rows[0], rows[-1]
    # Data without a status may have been skipped before the first message: its time is not lost.
    delta = encode_delta(int(events.tick[first]))
    return delta + events.buffer[events.message[first] : events.end[last]]
