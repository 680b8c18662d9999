"""How the channels of a MIDI file are set at one moment: programs, pedals, pitch bends, volumes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from meloformer.midi.events import BEND, CONTROL, PROGRAM, Events

VOLUME, EXPRESSION, SUSTAIN, SOSTENUTO = 7, 11, 64, 66
"""Controllers."""
PROGRAM_SETTING, BEND_SETTING = 128, 129
"""What is not a controller, numbered on."""
BEND_CENTRE: Final = 0x2000

_RESET_ALL = 121
_RESTORED_BY_RESET: Final = (1, EXPRESSION, SUSTAIN, SOSTENUTO, 67, BEND_SETTING)


@dataclass(frozen=True, slots=True)
class Setting:
    """A value in force."""

    value: int
    """0 to 127; of a pitch bend 0 to 16,383."""
    track: int
    """The MIDI track that set it."""
    highest: int
    """The highest value this channel had so far."""


ChannelSettings: TypeAlias = Mapping[tuple[int, int], Setting]
"""What was ever set, by channel and controller."""


def read_channel_settings(events: Events, before_tick: int) -> ChannelSettings:
    """Collect what the messages before a tick set; later in the file wins a tie."""
    kind = events.kind
    is_setting = np.isin(kind, [CONTROL, PROGRAM, BEND]) & (events.tick < before_tick)
    rows = np.flatnonzero(is_setting)
    rows = rows[np.argsort(events.tick[rows], kind="stable")]
    kind = kind[rows]
    data1, data2 = events.data1[rows].astype(np.int64), events.data2[rows].astype(np.int64)
    is_program, is_bend = kind == PROGRAM, kind == BEND
    what = np.where(is_program, PROGRAM_SETTING, np.where(is_bend, BEND_SETTING, data1))
    value = np.where(is_program, data1, np.where(is_bend, data2 << 7 | data1, data2))
    key = events.channel[rows] * 256 + what
    highest = np.zeros(int(key.max(initial=0)) + 1, dtype=np.int64)
    np.maximum.at(highest, key, value)
    keys, from_last = np.unique(key[::-1], return_index=True)
    last = dict(zip(keys.tolist(), (len(rows) - 1 - from_last).tolist(), strict=True))
    return {
        divmod(k, 256): Setting(int(value[at]), int(events.track[rows[at]]), int(highest[k]))
        for k, at in last.items()
        if k % 256 not in _RESTORED_BY_RESET or at > last.get(k // 256 * 256 + _RESET_ALL, -1)
    }
