"""Instruments that spread over channels: MPE controllers, and guitars with a channel a string.

Each note has a channel of its own there, so that it can be bent alone. The channels together are
one part.

Axes: E messages, N notes.
"""

from collections import Counter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.events import BEND, CHANNELS_OF_PORT, CONTROL, PROGRAM, Events

_RPN_FINE, _RPN_COARSE, _DATA, _TIMBRE = 100, 101, 6, 74
"""Controllers."""
_PRESSURE = 0xD0
_CONFIGURATION: Final = (0, 6)
"""The registered parameter that says how many channels a zone has."""
_TRACK: Final = 4096
"""More than there are channels: a place is a track and a channel in one number."""
_LOWER, _UPPER = 0, 15
"""The channels that speak for a whole zone."""
_LEAST_CHANNELS, _MANY_CHANNELS = 3, 6
"""What may be an instrument, and what is one even if few notes show it."""
_MOSTLY = 0.7


def zone_channels(events: Events, on: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find, for each note, the channel that stands for all those of its instrument; else -1. (N,).

    Args:
        events: All messages.
        on: The messages that begin notes. (N,).
    """
    found = np.full(len(on), -1, dtype=np.int64)
    channel = events.channel[on]
    for master, members in _configured(events).items():
        found[_in_zone(events, on, [master, *members])] = master
    for track in np.unique(events.track[on]).tolist():
        own = np.flatnonzero((events.track[on] == track) & (found < 0))
        if len(own) and _is_spread(events, track, on[own]):
            found[own] = channel[own].min()
    return found


def _in_zone(events: Events, on: NDArray[np.int64], zone: list[int]) -> NDArray[np.bool_]:
    """Find the notes of a zone. (N,).

    Where a track plays in several of its channels, one that keeps to a single channel is another
    instrument, as drums in the tenth are.
    """
    is_inside = np.isin(events.channel[on], zone)
    places = events.track[on] * _TRACK + events.channel[on]
    tracks, num_channels = np.unique(np.unique(places[is_inside]) // _TRACK, return_counts=True)
    if np.any(num_channels > 1):
        is_inside &= np.isin(events.track[on], tracks[num_channels > 1])
    return is_inside


def _configured(events: Events) -> dict[int, range]:
    """Find the zones that the file sets up: by the channel that speaks for it, the others."""
    channels = events.channel
    is_of_zone = np.isin(channels % CHANNELS_OF_PORT, (_LOWER, _UPPER))
    is_asked = np.isin(events.data1, (_RPN_FINE, _RPN_COARSE, _DATA))
    rows = np.flatnonzero((events.kind == CONTROL) & is_of_zone & is_asked)
    zones: dict[int, range] = {}
    parameters: dict[int, dict[int, int]] = {}
    for row in rows[np.argsort(events.tick[rows], kind="stable")].tolist():
        channel, control = int(channels[row]), int(events.data1[row])
        value, chosen = int(events.data2[row]), parameters.setdefault(channel, {})
        if control != _DATA:
            chosen[control] = value
        elif (chosen.get(_RPN_COARSE), chosen.get(_RPN_FINE)) == _CONFIGURATION and value:
            size = min(value, 15)
            is_lower = channel % CHANNELS_OF_PORT == _LOWER
            first = channel + 1 if is_lower else channel - size
            zones[channel] = range(first, first + size)
    return zones


def _is_spread(events: Events, track: int, on: NDArray[np.int64]) -> bool:
    """Check if the notes of a track take turns in channels that are bent on their own."""
    channel = events.channel[on]
    channels = Counter(channel.tolist())
    if len(channels) < _LEAST_CHANNELS:
        return False
    if len(on) < 2 * len(channels) and len(channels) < _MANY_CHANNELS:
        return False
    own = events.track == track
    programs = events.data1[own & (events.kind == PROGRAM)]
    if len(set(programs.tolist())) > 1:
        return False
    is_shaped = np.isin(events.kind, (BEND, _PRESSURE))
    is_shaped |= (events.kind == CONTROL) & (events.data1 == _TIMBRE)
    is_shaped &= events.tick >= events.tick[on].min()  # before, channels are only set up
    shaped = set(events.channel[own & is_shaped].tolist())
    if len(shaped & channels.keys()) < _MOSTLY * len(channels):
        return False
    in_time = channel[np.argsort(events.tick[on], kind="stable")]
    return bool(np.mean(in_time[1:] != in_time[:-1]) >= _MOSTLY) and _takes_turns(events, on)


def _takes_turns(events: Events, on: NDArray[np.int64]) -> bool:
    """Check if no channel begins two notes at once, as chords in one channel would."""
    begins = events.tick[on] * _TRACK + events.channel[on]
    return len(np.unique(begins)) >= 0.95 * len(begins)
