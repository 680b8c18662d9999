"""`Score` to Standard MIDI Files.

Writing mirrors reading: what a file can hold of a score comes back equal.
"""

from collections.abc import Sequence

from meloformer.midi.container import MidiContainer
from meloformer.midi.events import DRUM_CHANNEL
from meloformer.midi.messages import (
    in_order,
    metre_message,
    name_message,
    note_messages,
    program_message,
    tempo_message,
    track_body,
    trim_unisons,
)
from meloformer.midi.note_table import PITCHED_CHANNELS
from meloformer.score.score import Score, Track


def write_midi(score: Score) -> bytes:
    """Write a Standard MIDI File of type 1: tempos and metres first, then each track.

    Drums are on channel 10. Pitched tracks have a channel each while there are some; from the
    sixteenth on they share the channel of a track with the same program, else take turns, and a
    synthesiser then plays whichever program was set last. Notes of a track that overlap on one
    pitch are trimmed. The file ends at `end_tick`, or with its last note if that is later.
    """
    changes = [metre_message(metre.tick, metre) for metre in score.time_signatures]
    changes += [tempo_message(tempo.tick, tempo) for tempo in score.tempos]
    bodies = [track_body(in_order(changes), score.end_tick)]
    for track, channel in zip(score.tracks, _channels(score.tracks), strict=True):
        opening = [name_message(0, track.name), program_message(0, channel, track.program)]
        notes = note_messages(trim_unisons(track.notes), channel)
        bodies.append(track_body(opening + notes, score.end_tick))
    return MidiContainer(1, score.ticks_per_quarter, tuple(bodies), other_chunks=b"").to_bytes()


def _channels(tracks: Sequence[Track]) -> list[int]:
    """Choose a MIDI channel for each track."""
    channels: list[int] = []
    of_program: dict[int, int] = {}
    turn = 0
    for track in tracks:
        if track.is_drum:
            channels.append(DRUM_CHANNEL)
            continue
        if turn >= len(PITCHED_CHANNELS) and track.program in of_program:
            channels.append(of_program[track.program])
            continue
        channels.append(PITCHED_CHANNELS[turn % len(PITCHED_CHANNELS)])
        of_program.setdefault(track.program, channels[-1])
        turn += 1
    return channels
