"""Channel assignment: the MIDI track and channel in which each part of a continuation plays."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.channel_settings import PROGRAM_SETTING, ChannelSettings
from meloformer.midi.container import MidiContainer
from meloformer.midi.events import DRUM_CHANNEL
from meloformer.midi.messages import trim_unisons
from meloformer.midi.note_table import PITCHED_CHANNELS, NoteTable
from meloformer.score.score import Track


@dataclass(frozen=True, slots=True)
class ChannelAssignment:
    """The place where one part plays."""

    track: int
    """Index of the MIDI track; those to be added count on from those of the file."""
    channel: int
    program: int
    is_new: bool


def assign_channels(
    tracks: Sequence[Track],
    track_of: Sequence[int | None],
    container: MidiContainer,
    table: NoteTable,
    settings: ChannelSettings,
    seam_tick: int,
) -> tuple[ChannelAssignment | None, ...]:
    """Choose a MIDI track and a channel for every part that plays.

    A part of the file keeps its assignment, unless its channel goes on with another program: two
    programs that took turns in one channel cannot play there at once. A new part gets a new MIDI
    track, or the only one of a file of type 0. Drums play in channel 10. Other parts get a channel
    that no message before the seam has used; if there is none, that of a part with the same
    program, else the least used, and rather one that falls silent at the seam.

    Returns:
        An assignment for each track, `None` for one without notes.
    """
    assignments: list[ChannelAssignment | None] = [None] * len(tracks)
    going_on: dict[int, int] = {}  # channel to program
    plays = [index for index, track in enumerate(tracks) if len(track.notes)]
    for index in plays:
        of = track_of[index]
        if of is None:
            continue
        voice = table.voices[of]
        if going_on.get(voice.channel, voice.program) == voice.program or tracks[index].is_drum:
            going_on[voice.channel] = voice.program
            assignments[index] = ChannelAssignment(
                voice.track, voice.channel, voice.program, is_new=False
            )
    num_tracks = len(container.tracks)
    for index in plays:
        if assignments[index] is not None:
            continue
        of = track_of[index]
        program = tracks[index].program if of is None else table.voices[of].program
        channel = DRUM_CHANNEL
        if not tracks[index].is_drum:
            channel = _find_channel(program, going_on, table, settings, seam_tick)
        going_on[channel] = program
        assignments[index] = ChannelAssignment(
            num_tracks if container.format else 0, channel, program, is_new=True
        )
        num_tracks += 1
    return tuple(assignments)


def notes_by_channel(
    tracks: Sequence[Track], assignments: Sequence[ChannelAssignment | None]
) -> dict[tuple[int, int], NDArray[np.int32]]:
    """Gather the notes of tracks that play together, overlaps on one key trimmed.

    Returns:
        By MIDI track and channel; (N, 4) each, as in `Track.notes`.
    """
    notes: defaultdict[tuple[int, int], list[NDArray[np.int32]]] = defaultdict(list)
    for track, assignment in zip(tracks, assignments, strict=True):
        if assignment is not None:
            notes[assignment.track, assignment.channel].append(track.notes)
    return {place: trim_unisons(np.concatenate(together)) for place, together in notes.items()}


def _find_channel(
    program: int,
    going_on: dict[int, int],
    table: NoteTable,
    settings: ChannelSettings,
    seam_tick: int,
) -> int:
    channels = [voice.channel for voice in table.voices]
    num_notes = Counter(channels[voice] for voice in table.voice[table.start < seam_tick].tolist())
    used = {channel for channel, _ in settings} | num_notes.keys() | going_on.keys()
    free = [channel for channel in PITCHED_CHANNELS if channel not in used]
    if free:
        return free[0]
    last_programs = {
        channel: setting.value
        for (channel, what), setting in settings.items()
        if what == PROGRAM_SETTING
    }
    programs = last_programs | going_on
    same = [channel for channel in PITCHED_CHANNELS if programs.get(channel, 0) == program]
    return min(same or PITCHED_CHANNELS, key=lambda c: (c in going_on, num_notes[c]))
