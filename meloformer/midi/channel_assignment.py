"""Channel assignment: the MIDI track and channel in which each part of new music plays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.drum_places import drum_places
from meloformer.midi.events import CHANNELS_OF_PORT, DRUM_CHANNEL
from meloformer.midi.file import MidiFile
from meloformer.midi.note_table import PITCHED_CHANNELS
from meloformer.midi.stage import Stage
from meloformer.score.score import DURATION, START, Track, note_array


@dataclass(frozen=True, slots=True)
class ChannelAssignment:
    """The place where one part plays."""

    track: int
    """Index of the MIDI track; those to be added count on from those of the file."""
    channel: int
    program: int
    voices: tuple[int, ...]
    """The voices of the file that it goes on with: they tell how it usually sounds."""
    has_moved: bool
    """Whether the file never had this part in this channel."""


@dataclass(frozen=True, slots=True, eq=False)
class NewPart:
    """The new notes of a part, in ticks of the file."""

    track: Track
    voice: int | None
    """The voice of the file that it goes on with; `None` for a new part."""
    keeps_channel: bool = True
    """Whether its channel has its program all the while."""


def parts_by_drum(parts: Sequence[NewPart], file: MidiFile) -> tuple[NewPart, ...]:
    """Give each drum to the track and channel of the file that has that drum.

    A file may have a track for each drum, or several drum channels; drums that it has not go where
    most of its drums are.
    """
    split: list[NewPart] = []
    for part in parts:
        if not part.track.is_drum or part.voice is None:
            split.append(part)
            continue
        places = drum_places(file, part.track.notes)
        for voice in sorted(set(places.tolist())):
            own = replace(part.track, notes=note_array(part.track.notes[places == voice]))
            split.append(replace(part, track=own, voice=voice))
    return tuple(part for part in split if len(part.track.notes))


def assign_channels(parts: Sequence[NewPart], stage: Stage) -> tuple[ChannelAssignment, ...]:
    """Choose a MIDI track and a channel for every part.

    A part of the file keeps its track, and its channel unless that goes on with another program:
    two programs that took turns in one channel cannot play there at once. A new part gets a new
    MIDI track, or the only one of a file of type 0. Drums play in their own channel, new ones in
    channel 10. Other parts get a channel that no message has used; if there is none, one without
    notes, then one that is silent now. Where all play, a part shares the channel in which it meets
    the fewest other notes.

    Args:
        parts: With notes, as `parts_by_drum` returns them.
        stage: What else there is.
    """
    table, container = stage.file.notes, stage.file.container
    assignments: dict[int, ChannelAssignment] = {}
    claims = _Claims(stage)
    for index, part in enumerate(parts):
        if part.voice is None or not part.keeps_channel:
            continue
        voice = table.voices[part.voice]
        if part.track.is_drum or claims.may_have(voice.channel, voice.program):
            claims.add(voice.channel, voice.program, part.track)
            assignments[index] = ChannelAssignment(
                voice.track, voice.channel, voice.program, (part.voice,), has_moved=False
            )
    num_tracks = len(container.tracks)
    for index, part in enumerate(parts):
        if index in assignments:
            continue
        voices: tuple[int, ...] = () if part.voice is None else (part.voice,)
        if part.voice is None:
            program, track = part.track.program, num_tracks if container.format else 0
            num_tracks += 1
        else:
            of = table.voices[part.voice]
            program, track = of.program, of.track
        port = 0 if part.voice is None else table.voices[part.voice].channel // CHANNELS_OF_PORT
        channel = DRUM_CHANNEL + port * CHANNELS_OF_PORT
        if not part.track.is_drum:
            channel = claims.best(program, part.track, port)
        claims.add(channel, program, part.track)
        assignments[index] = ChannelAssignment(
            track, channel, program, voices or claims.voices_with(channel, program), has_moved=True
        )
    return tuple(assignments[index] for index in range(len(parts)))


class _Claims:
    """Which programs play in which channels."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        events, table = stage.file.events, stage.file.notes
        tracks = stage.file.score.tracks
        self._channels = table.channel
        is_channel_message = (events.status < 0xF0) & stage.is_kept
        self._touched = set(np.unique(events.channel[is_channel_message]).tolist())
        inside = is_channel_message & (events.tick >= stage.first_tick)
        is_note = (events.kind == 0x80) | (events.kind == 0x90)
        self._changing = set(np.unique(events.channel[inside & ~is_note]).tolist())
        kept = stage.is_kept[table.start_event]
        num_channels = (int(events.port.max(initial=0)) + 1) * CHANNELS_OF_PORT
        self._num_notes = np.bincount(self._channels[kept], minlength=num_channels)
        self._drums = {
            voice.channel for voice, own in zip(table.voices, tracks, strict=True) if own.is_drum
        }
        self._programs: dict[int, set[int]] = {}
        self._spans: dict[tuple[int, int], list[NDArray[np.int64]]] = {}

    def may_have(self, channel: int, program: int) -> bool:
        """Check if no other program plays in a channel."""
        return self._programs.get(channel, {program}) == {program}

    def add(self, channel: int, program: int, track: Track) -> None:
        """Note that a part plays in a channel."""
        self._programs.setdefault(channel, set()).add(program)
        self._spans.setdefault((channel, program), []).append(spans_of(track))

    def voices_with(self, channel: int, program: int) -> tuple[int, ...]:
        """Return the voices of the file in a channel with a program."""
        voices = self._stage.file.notes.voices
        return tuple(
            index for index, v in enumerate(voices) if (v.channel, v.program) == (channel, program)
        )

    def best(self, program: int, track: Track, port: int) -> int:
        """Choose a channel of a port for a pitched part."""
        channels = [port * CHANNELS_OF_PORT + channel for channel in PITCHED_CHANNELS]
        pitched = [channel for channel in channels if channel not in self._drums]

        def rank(channel: int) -> tuple[int, int, bool, int]:
            used = channel in self._touched
            is_silent = channel not in self._programs and not self._stays(channel).any()
            use = (used + bool(self._num_notes[channel])) if is_silent else 3
            differs = not self.voices_with(channel, program)
            clashes = self._clashes(channel, program, track)
            return clashes, use, differs, int(self._num_notes[channel])

        return min(pitched or channels, key=rank)

    def _stays(self, channel: int) -> NDArray[np.bool_]:
        stays: NDArray[np.bool_] = self._stage.stays & (self._channels == channel)
        return stays

    def _clashes(self, channel: int, program: int, track: Track) -> int:
        """Count the notes that would begin while those of another program sound."""
        own = spans_of(track)
        table, stays = self._stage.file.notes, self._stays(channel)
        others = [np.stack([table.start[stays], table.end[stays]])]
        for (of, other), spans in self._spans.items():
            if of == channel and other != program:
                others += spans
        theirs = np.concatenate(others, axis=1)
        return count_clashes(own, theirs) + (channel in self._changing)


def spans_of(track: Track) -> NDArray[np.int64]:
    """Return where the notes of a track begin and end. (2, N)."""
    start = track.notes[:, START].astype(np.int64)
    return np.stack([start, start + track.notes[:, DURATION]])


def count_clashes(own: NDArray[np.int64], theirs: NDArray[np.int64]) -> int:
    """Count the notes of either that begin while some of the other sound; (2, N) and (2, M)."""
    return _onsets_within(own, theirs) + _onsets_within(theirs, own)


def _onsets_within(onsets: NDArray[np.int64], spans: NDArray[np.int64]) -> int:
    """Count the notes that begin while others sound."""
    begun = np.searchsorted(np.sort(spans[0]), onsets[0], side="right")
    over = np.searchsorted(np.sort(spans[1]), onsets[0], side="right")
    return int(np.count_nonzero(begun > over))
