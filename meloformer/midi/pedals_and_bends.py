"""Sustain pedals and bends of a file, part by part, for a player that knows no channels of it.

Axes: E messages, S messages that count, K bends.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.channel_state import (
    BEND_CENTRE,
    BEND_RANGE,
    SUSTAIN,
    UNSET,
    default_of,
)
from meloformer.midi.events import BEND, CONTROL
from meloformer.midi.file import MidiFile
from meloformer.score.part import Part

MAX_MESSAGES: Final = 20_000
"""Of a file; bends beyond are left out, then pedals."""
_DOWN: Final = 64
"""The least value at which a pedal is down."""
_LEAST_BEND: Final = 0.05
"""Semitones; what changes less is not heard."""


@dataclass(frozen=True, slots=True)
class PartControl:
    """A pedal or a bend that is moved."""

    part: Part
    tick: int
    pedal: bool
    value: float
    """Of a pedal 1 where it is down and 0 where it is up, of a bend semitones."""


def pedals_and_bends(file: MidiFile) -> list[PartControl]:
    """Return what moves the pedals and bends of a file's parts, by tick; drums have none.

    A part that is spread over channels has no bends here, as each bends one of its notes.
    """
    table, found = file.notes, []
    bends: list[PartControl] = []
    for part in file.parts:
        if part.is_drum:
            continue
        own = [index for index, other in enumerate(file.part_of_track) if other == part]
        channels = np.unique(table.channel[np.isin(table.voice, own)])
        for channel in channels.tolist():
            found += _pedals(file, part, channel)
        if len(channels) == 1:
            bends += _bends(file, part, int(channels[0]))
    if len(found) + len(bends) <= MAX_MESSAGES:
        found += bends
    return sorted(found, key=lambda one: one.tick) if len(found) <= MAX_MESSAGES else []


def _pedals(file: MidiFile, part: Part, channel: int) -> list[PartControl]:
    events = file.events
    is_pedal = (events.kind == CONTROL) & (events.data1 == SUSTAIN)
    rows = _in_order(file, is_pedal & (events.channel == channel))
    down = (events.data2[rows] >= _DOWN).astype(np.int64)
    moved = np.diff(down, prepend=0) != 0
    return [
        PartControl(part, tick, True, value)
        for tick, value in zip(events.tick[rows][moved].tolist(), down[moved].tolist(), strict=True)
    ]


def _bends(file: MidiFile, part: Part, channel: int) -> list[PartControl]:
    events, history = file.events, file.history
    rows = _in_order(file, (events.kind == BEND) & (events.channel == channel))
    ticks = events.tick[rows]
    value = events.data1[rows].astype(np.int64) + (events.data2[rows].astype(np.int64) << 7)
    semitones = history.values(channel, BEND_RANGE, history.after(ticks))
    semitones = np.where(semitones == UNSET, default_of(BEND_RANGE), semitones)
    # The upper seven bits are semitones, the lower ones cents.
    width = (semitones >> 7) + (semitones & 0x7F) / 100
    bent = (value - BEND_CENTRE) / BEND_CENTRE * width
    found, last = [], 0.0
    for tick, bend in zip(ticks.tolist(), bent.round(2).tolist(), strict=True):
        if abs(bend - last) >= _LEAST_BEND or (bend == 0 and last != 0):
            found.append(PartControl(part, tick, False, bend))
            last = bend
    return found


def _in_order(file: MidiFile, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    rows = np.flatnonzero(chosen)
    return rows[np.argsort(file.events.tick[rows], kind="stable")]
