"""One player as a Standard MIDI File: notes and the sustain pedal, as they were played in."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from meloformer.midi.container import MidiContainer
from meloformer.midi.events import DRUM_CHANNEL
from meloformer.midi.messages import (
    control_message,
    in_order,
    metre_message,
    name_message,
    note_messages,
    program_message,
    tempo_message,
    track_body,
    trim_unisons,
)
from meloformer.score.score import Score

SUSTAIN: Final = 64
"""The controller of the pedal."""


class PedalMove(NamedTuple):
    """The sustain pedal goes down, or comes up."""

    tick: int
    is_down: bool


def write_solo(score: Score, pedal: Sequence[PedalMove]) -> bytes:
    """Write a file of type 1 with one track of music, which `read_file` reads as `score`.

    Args:
        score: With one track.
        pedal: Its moves, in order. A move at the tick of a note follows it, as feet do.
    """
    (track,) = score.tracks
    channel = DRUM_CHANNEL if track.is_drum else 0
    changes = [metre_message(metre.tick, metre) for metre in score.time_signatures]
    changes += [tempo_message(tempo.tick, tempo) for tempo in score.tempos]
    opening = [name_message(0, track.name), program_message(0, channel, track.program)]
    notes = note_messages(trim_unisons(track.notes), channel)
    moves = [control_message(m.tick, channel, SUSTAIN, 127 * m.is_down) for m in pedal]
    bodies = (
        track_body(in_order(changes), score.end_tick),
        track_body([*opening, *in_order([*notes, *moves])], score.end_tick),
    )
    return MidiContainer(1, score.ticks_per_quarter, bodies, other_chunks=b"").to_bytes()
