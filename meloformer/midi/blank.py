"""Blank files: tempo, metre, key and instruments of a piece that is still to be written.

A blank file is a MIDI file that says so, with a named track for each part and no note in it. What
is written into it becomes an ordinary file.
"""

from collections.abc import Sequence
from typing import Final

import mido
import numpy as np

from meloformer.errors import ConfigError
from meloformer.midi.container import MidiContainer
from meloformer.midi.events import DRUM_CHANNEL, PROGRAM, Events
from meloformer.midi.file import MidiFile
from meloformer.midi.messages import (
    Timed,
    in_order,
    metre_message,
    name_message,
    note_messages,
    program_message,
    tempo_message,
    track_body,
    trim_unisons,
)
from meloformer.midi.note_table import PITCHED_CHANNELS, NoteTable, Voice
from meloformer.midi.score_at import score_at
from meloformer.midi.text_events import find_texts, text_of, with_text
from meloformer.phrases import phrase
from meloformer.score.general_midi import part_name
from meloformer.score.part import Part
from meloformer.score.scales import Scale, key_signature, parse_scale
from meloformer.score.score import Score, Tempo, TimeSignature, Track

MARK: Final = b"@IMeloFormer blank "
"""How the text event begins that a file without notes is known by; its scale follows."""
OPENING: Final = b"@IMeloFormer opening"
"""The text event of a file that was blank: its first bar is a whole one, whatever its notes say."""
MAX_PARTS: Final = 16

_TICKS_PER_QUARTER: Final = 480
_MAX_MARK: Final = 60


def write_blank(
    parts: Sequence[Part], tempo: float, metre: tuple[int, int], scale: Scale | None = None
) -> bytes:
    """Write a file without notes.

    Args:
        parts: Who is to play, in the order of the tracks.
        tempo: Quarters a minute.
        metre: Numerator and denominator.
        scale: What its notes are to keep to.

    Raises:
        ConfigError: There is no part, or more than MIDI has channels for.
    """
    pitched = sum(not part.is_drum for part in parts)
    if not parts:
        raise ConfigError("Nobody plays.", hint="Choose at least one instrument.")
    if pitched > len(PITCHED_CHANNELS) or len(parts) > MAX_PARTS:
        raise ConfigError(
            phrase("At most {count} instruments begin a piece.", count=len(PITCHED_CHANNELS)),
            hint="Let others join when you continue it.",
        )
    channels = iter(PITCHED_CHANNELS)
    opening = [metre_message(0, TimeSignature(0, *metre)), tempo_message(0, Tempo(0, tempo))]
    bodies = [track_body(opening + _key_messages(scale), 0)]
    for part in parts:
        program = 0 if part.is_drum else part.program
        channel = DRUM_CHANNEL if part.is_drum else next(channels)
        name = part_name(program, part.is_drum, part.instance)
        bodies.append(track_body([name_message(0, name), program_message(0, channel, program)], 0))
    data = MidiContainer(1, _TICKS_PER_QUARTER, tuple(bodies), other_chunks=b"").to_bytes()
    return with_text(data, MARK + (scale.name if scale else "").encode("ascii"))


def is_blank(events: Events) -> bool:
    """Check if a file without notes says that it is still to be written."""
    return len(find_texts(events, MARK)) > 0 and 0 < len(_programs(events)) <= MAX_PARTS


def was_blank(events: Events) -> bool:
    """Check if a file says that it was written from nothing, bar by bar from its beginning."""
    return len(find_texts(events, OPENING)) > 0


def blank_notes(events: Events) -> NoteTable:
    """Return the notes of a blank file: none, by the parts that it has tracks for."""
    none = np.zeros(0, dtype=np.int64)
    voices = {
        int(events.track[row]): Voice(
            int(events.track[row]),
            int(events.channel[row]),
            int(events.data1[row]),
            int(events.channel[row]) == DRUM_CHANNEL,
        )
        for row in reversed(_programs(events).tolist())
    }
    return NoteTable(tuple(sorted(voices.values())), *[none] * 8)


def blank_scale(file: MidiFile) -> Scale | None:
    """Return the scale that a blank file is to be written in; `None` where it leaves that open."""
    rows = find_texts(file.events, MARK)
    text = text_of(file.events, int(rows[0]))[len(MARK) :] if len(rows) else b""
    if not 0 < len(text) <= _MAX_MARK:
        return None
    try:
        return parse_scale(text.decode("ascii", errors="replace"))
    except ConfigError:  # from a later version, or changed by hand
        return None


def filled_blank(
    file: MidiFile, score: Score, parts: Sequence[Part], voices: Sequence[int | None]
) -> bytes:
    """Write notes into a blank file, which is none from then on.

    Args:
        file: The blank file.
        score: The notes, tempos and metres, from tick 0 on.
        parts: Of each track of the score.
        voices: For each of them the track of `file.score` that it is; `None` for a further part.
    """
    clock = file.container.ticks_per_quarter
    score = score_at(score, clock)
    changes = [metre_message(metre.tick, metre) for metre in score.time_signatures]
    changes += [tempo_message(tempo.tick, tempo) for tempo in score.tempos]
    bodies = [track_body(in_order(_key_messages(blank_scale(file)) + changes), score.end_tick)]
    own = dict(zip(voices, score.tracks, strict=True))
    for index, voice in enumerate(file.notes.voices):
        track = own.get(index)
        name = file.score.tracks[index].name
        bodies.append(_part_body(name, voice.channel, voice.program, track, score.end_tick))
    taken = {voice.channel for voice in file.notes.voices}
    free = [channel for channel in PITCHED_CHANNELS if channel not in taken] or [0]
    further = [
        (part, track)
        for part, index, track in zip(parts, voices, score.tracks, strict=True)
        if index is None
    ]
    for number, (part, track) in enumerate(further):
        channel = DRUM_CHANNEL if part.is_drum else free[number % len(free)]
        name = part_name(track.program, part.is_drum, part.instance)
        bodies.append(_part_body(name, channel, track.program, track, score.end_tick))
    data = MidiContainer(1, clock, tuple(bodies), other_chunks=b"").to_bytes()
    has_notes = any(len(track.notes) for track in score.tracks)
    return with_text(data, OPENING if has_notes else MARK)


def _programs(events: Events) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.flatnonzero(events.kind == PROGRAM)


def _part_body(name: str, channel: int, program: int, track: Track | None, end_tick: int) -> bytes:
    opening = [name_message(0, name), program_message(0, channel, program)]
    notes = note_messages(trim_unisons(track.notes), channel) if track is not None else []
    return track_body(opening + notes, end_tick)


def _key_messages(scale: Scale | None) -> list[Timed]:
    signature = "" if scale is None else key_signature(scale)
    if not signature:
        return []
    return [(0, bytes(mido.MetaMessage("key_signature", key=signature).bytes()))]
