"""How a part usually sounds: the state of its channel at its notes, fades and gestures left out.

Of what is a matter of degree, such as volume or pan, the usual value is the median over the last
notes, or what has stood through all of the last few. Levels are looked at while notes sound, as a
swell begins quietly, and only before a fade; of a swell it is the mean. What is chosen rather than
moved, such as a bank or the range of bends, is as at the last note.

Axes: K onsets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from meloformer.midi.channel_history import ChannelHistory
from meloformer.midi.channel_state import (
    BANK,
    BANK_LSB,
    BEND,
    KEY_PRESSURE,
    LEVELS,
    MASTER_VOLUME,
    PEDALS_UP,
    PRESSURE,
    PROGRAM,
    REGISTERED,
    SYSTEM_MODE,
    TIMBRE,
    UNSET,
    State,
    default_of,
    program_of,
    sound,
)
from meloformer.midi.note_table import NoteTable

_RECENT: Final = 32
"""PartOnsets that tell what is usual."""
_SETTLED: Final = 8
"""PartOnsets through which a value has stood that is to stay."""
_CONSTANT: Final = 0.75
"""Share of onsets with one value of bend or pressure that makes it the part's tuning or touch."""
_FEWEST: Final = 4
"""PartOnsets by which a bend may be told from a tuning."""
_MOST: Final = 2048
"""PartOnsets that are looked at."""
_QUIETEST: Final = 1 / 3
"""A share of the level before (19 dB down), below which a part has faded out."""
_SILENT: Final = 1 / 8
"""A share of it (36 dB down) that counts as a fade for four times as long."""
_PHRASE: Final = 4
"""PartOnsets of which the loudest tells whether a part fades; swells may come with each note."""
_WOBBLE: Final = 0.05
"""A share of the loudest level by which a fade may rise in between: a hand moves it."""
_PER_NOTE: Final = 8
"""Places at which the level of a note is looked at."""
_TRANSIENT: Final = (BANK, BANK_LSB, 84, *PEDALS_UP)
"""Controllers with no usual value: banks belong to programs, and 84 to the next note."""


@dataclass(frozen=True, slots=True, eq=False)
class PartOnsets:
    """Where some notes begin. (K,) each."""

    start: NDArray[np.int64]
    """Ascending, without repeats."""
    duration: NDArray[np.int64]
    """Of the longest note that begins there."""
    are_before: bool
    """Whether they lie before the seam; else the part enters only after it."""


def onsets_of(
    table: NoteTable, voices: Sequence[int], seam_tick: int, channel: int | None = None
) -> PartOnsets:
    """Find the last onsets of some voices before the seam, else the first after it.

    Args:
        table: Of the file.
        voices: Whose onsets.
        seam_tick: Where new notes come.
        channel: Only notes in this channel; of instruments that spread over several.
    """
    is_own = np.isin(table.voice, list(voices))
    rows = np.flatnonzero(is_own if channel is None else is_own & (table.channel == channel))
    before = rows[table.start[rows] < seam_tick]
    rows = before if len(before) else rows
    start, of = np.unique(table.start[rows], return_inverse=True)
    duration = np.zeros(len(start), dtype=np.int64)
    np.maximum.at(duration, of, table.end[rows] - table.start[rows])
    kept = slice(-_MOST, None) if len(before) else slice(_MOST)
    return PartOnsets(start[kept], duration[kept], bool(len(before)))


def usual_state(
    history: ChannelHistory, channel: int, onsets: PartOnsets, seam_tick: int
) -> dict[int, int]:
    """Return how a channel usually is where some notes begin.

    Args:
        history: Of the file.
        channel: Of the notes, or `ALL_CHANNELS` for what is set for all of them.
        onsets: From `onsets_of`.
        seam_tick: What happens from there on counts only for a part that enters later.
    """
    if not len(onsets.start):
        return {}
    state: dict[int, int] = {}
    for parameter in history.parameters(channel):
        if parameter in _TRANSIENT:
            continue
        value = _usual(history, channel, parameter, onsets, seam_tick)
        if value != UNSET:
            state[parameter] = value
    return state


def is_spread(table: NoteTable, voices: Sequence[int], channel: int) -> bool:
    """Check if some notes of voices are in other channels than the one that stands for them."""
    return bool(np.any(table.channel[np.isin(table.voice, list(voices))] != channel))


def spread_channel(table: NoteTable, voices: Sequence[int], channel: int) -> int:
    """Return the channel with most notes of voices that spread over several; else their own.

    Args:
        table: Of the file.
        voices: Of one instrument.
        channel: That stands for it.
    """
    channels = table.channel[np.isin(table.voice, list(voices))]
    if not len(channels) or np.any(channels == channel):
        return channel
    return int(np.bincount(channels).argmax())


def without_gestures(state: State) -> dict[int, int]:
    """Leave out what single notes are shaped with: bends, aftertouch, the third way of MPE."""
    return {
        parameter: value
        for parameter, value in state.items()
        if parameter not in (BEND, PRESSURE, TIMBRE) and not KEY_PRESSURE <= parameter < REGISTERED
    }


def usual_program(
    history: ChannelHistory, channel: int, program: int, onsets: PartOnsets, is_drum: bool
) -> int:
    """Return the sound of a part, its bank included: drums play the last of their kits.

    Args:
        history: Of the file.
        channel: Of the part.
        program: Of the part, as it was read.
        onsets: Of the part.
        is_drum: Whether its program is a kit.
    """
    packed = history.values(channel, PROGRAM, history.after(onsets.start))
    packed = packed[packed != UNSET]
    if is_drum:
        return int(packed[-1]) if len(packed) else sound(program)
    packed = packed[program_of_each(packed) == program]
    return int(packed[-1]) if len(packed) else sound(program)


def program_of_each(packed: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the program of each sound. (K,)."""
    return packed & program_of(-1)


def _usual(
    history: ChannelHistory, channel: int, parameter: int, onsets: PartOnsets, seam_tick: int
) -> int:
    places = history.after(onsets.start)
    if parameter in LEVELS or MASTER_VOLUME <= parameter < SYSTEM_MODE:
        return _usual_level(history, channel, parameter, onsets, seam_tick)
    values = history.values(channel, parameter, places)
    if parameter in (BEND, PRESSURE) or KEY_PRESSURE <= parameter < REGISTERED:
        return _constant(values)
    if parameter >= PROGRAM:
        return int(values[-1])
    return _settled(values, parameter)


def _usual_level(
    history: ChannelHistory, channel: int, parameter: int, onsets: PartOnsets, seam_tick: int
) -> int:
    within = np.arange(_PER_NOTE)
    ticks = onsets.start[:, None] + onsets.duration[:, None] * within // _PER_NOTE
    if onsets.are_before:
        ticks = np.minimum(ticks, seam_tick - 1)
    values = history.values(channel, parameter, history.after(ticks.ravel()))
    if onsets.are_before:
        at_seam = int(history.values(channel, parameter, history.before(seam_tick))[0])
        settled = _settled_level(values, at_seam, parameter)
        if settled is not None:
            return settled
        values = values[: _before_fade(_set_or_default(values, parameter)) * _PER_NOTE]
    return _middle_level(values[-_RECENT * _PER_NOTE :], parameter)


def _settled_level(values: NDArray[np.int64], at_seam: int, parameter: int) -> int | None:
    """Return the level that the last notes all have, unless it is where a fade has ended."""
    steady = _steady(values) // _PER_NOTE
    if steady < min(_SETTLED, len(values) // _PER_NOTE) or values[-1] != at_seam:
        return None
    level = _level(at_seam, parameter)
    loudest = int(_set_or_default(values, parameter).max())
    patience = 4 * _RECENT if level < _SILENT * loudest else _RECENT
    return None if level < _QUIETEST * loudest and steady < patience else at_seam


def _before_fade(values: NDArray[np.int64]) -> int:
    """Count the onsets before the last descent begins, if there is one.

    Args:
        values: Levels while notes sound, so many for each onset.
    """
    peaks = values.reshape(-1, _PER_NOTE).max(axis=1)
    phrases = sliding_window_view(np.append(peaks, np.zeros(_PHRASE - 1, np.int64)), _PHRASE)
    back = phrases.max(axis=1)[::-1]
    highest = np.maximum.accumulate(back)
    wobble = _WOBBLE * int(back.max())
    rises = np.flatnonzero(back < highest - wobble)
    top = highest[rises[0] - 1] if len(rises) else highest[-1]
    return len(peaks) - int(np.argmax(back >= top - wobble))


def _middle_level(values: NDArray[np.int64], parameter: int) -> int:
    """Return the median, if it has stood at least half of the time, else the level of the mean.

    Of a swell the median is too quiet: what is loud is what is heard. Amplitude goes with the
    square of a level.
    """
    median = _median(values, parameter)
    if median == UNSET or 2 * np.count_nonzero(values == median) >= len(values):
        return median
    return round(float(np.sqrt(np.mean(_set_or_default(values, parameter).astype(float) ** 2))))


def _settled(values: NDArray[np.int64], parameter: int) -> int:
    if _steady(values) >= _SETTLED:
        return int(values[-1])
    return _median(values[-_RECENT:], parameter)


def _steady(values: NDArray[np.int64]) -> int:
    """Count the values at the end that are all the same."""
    changes = np.flatnonzero(np.diff(values))
    return len(values) - (int(changes[-1]) + 1 if len(changes) else 0)


def _median(values: NDArray[np.int64], parameter: int) -> int:
    """Return the middle value; `UNSET` where that is what stood most of the time."""
    if 2 * np.count_nonzero(values == UNSET) >= len(values):
        return UNSET
    ordered = np.sort(_set_or_default(values, parameter))
    return int(ordered[len(ordered) // 2])


def _constant(values: NDArray[np.int64]) -> int:
    """Return the value that nearly all of the last onsets have, if there is one."""
    found, counts = np.unique(values[-_RECENT:], return_counts=True)
    most = int(counts.argmax())
    is_constant = len(values) >= _FEWEST and counts[most] >= _CONSTANT * counts.sum()
    return int(found[most]) if is_constant else UNSET


def _set_or_default(values: NDArray[np.int64], parameter: int) -> NDArray[np.int64]:
    return np.where(values == UNSET, default_of(parameter), values)


def _level(value: int, parameter: int) -> int:
    return default_of(parameter) if value == UNSET else value
