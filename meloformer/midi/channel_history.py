"""All that the messages of a file set, so that the state of a channel can be asked for anywhere.

A place in the file is a rank: how many messages come before it when the tracks are played together,
by tick, then by track. It is found for many places at once.

Axes: E messages, S messages that set something, K places.
"""

from collections import defaultdict
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from meloformer.midi.channel_state import (
    ADDRESS,
    ALL_CHANNELS,
    BANK,
    BANK_LSB,
    BEND,
    KEY_PRESSURE,
    MASTER_VOLUME,
    MONO,
    NON_REGISTERED,
    PART_LEVEL,
    PRESSURE,
    PROGRAM,
    REGISTERED,
    SYSTEM_MODE,
    UNSET,
    is_reset_by_controller,
)
from meloformer.midi.events import BEND as BEND_STATUS
from meloformer.midi.events import CHANNELS_OF_PORT, CONTROL, SYSTEM_EXCLUSIVE, Events
from meloformer.midi.events import PROGRAM as PROGRAM_STATUS
from meloformer.midi.resets import reset_rows
from meloformer.midi.sysex import address_of, is_reset, master_volume, part_level, to_any_device

_POLY_PRESSURE, _CHANNEL_PRESSURE = 0xA0, 0xD0
_NUM_ADDRESSES: Final = 1 << 14
_RESET_CONTROLLERS, _MONO_MODE, _POLY_MODE = 121, 126, 127
_DATA, _DATA_LSB = 6, 38
_OF_NUMBERED: Final = (_DATA, _DATA_LSB, 96, 97, 98, 99, 100, 101)
"""Controllers that choose numbered parameters (RPN and NRPN) and set them."""
_NONE_CHOSEN: Final = (1 << 14) - 1

_Sets: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Ranks and values."""


class ChannelHistory:
    """What was set when, for every channel and parameter.

    Args:
        events: Of the whole file.
    """

    def __init__(self, events: Events) -> None:
        self._events = events
        # Programs write their tracks in any order: a reset comes before all else at its tick.
        is_other = np.ones(len(events.tick), dtype=bool)
        is_other[reset_rows(events)] = False
        order = np.lexsort((is_other, events.tick))
        self._ticks = events.tick[order]
        self._rank = np.empty_like(order)
        self._rank[order] = np.arange(len(order))
        self._kind, self._channel = events.kind, events.channel
        self._resets = np.zeros(0, dtype=np.int64)
        """Ranks of resets of the whole instrument."""
        self._controller_resets: dict[int, NDArray[np.int64]] = {}
        self._sets: dict[tuple[int, int], _Sets] = {}
        self._read_system_messages()
        self._read_controllers()
        self._read_numbered()
        self._read_programs()

    def before(self, ticks: NDArray[np.int64] | int) -> NDArray[np.int64]:
        """Return the places before all messages of some ticks. (K,)."""
        return np.searchsorted(self._ticks, ticks, side="left")

    def after(self, ticks: NDArray[np.int64] | int) -> NDArray[np.int64]:
        """Return the places after all messages of some ticks. (K,)."""
        return np.searchsorted(self._ticks, ticks, side="right")

    def message(self, row: int) -> bytes:
        """Return the contents of the system exclusive message that a value stands for."""
        return to_any_device(self._contents(row))

    @cached_property
    def _parameters(self) -> dict[int, list[int]]:
        parameters: defaultdict[int, list[int]] = defaultdict(list)
        for channel, parameter in sorted(self._sets):
            parameters[channel].append(parameter)
        return parameters

    @cached_property
    def used_channels(self) -> frozenset[int]:
        """The channels in which anything is set."""
        return frozenset(channel for channel, _ in self._sets if channel != ALL_CHANNELS)

    def parameters(self, channel: int) -> list[int]:
        """Return the parameters that are ever set in a channel, ascending."""
        return self._parameters.get(channel, [])

    def values(
        self, channel: int, parameter: int, places: NDArray[np.int64] | int
    ) -> NDArray[np.int64]:
        """Return what is in force before each place, `UNSET` where nothing is. (K,)."""
        places = np.atleast_1d(places)
        if (channel, parameter) not in self._sets:
            return np.full(len(places), UNSET)
        ranks, values = self._sets[channel, parameter]
        last = np.searchsorted(ranks, places, side="left") - 1
        set_at = np.where(last >= 0, ranks[last], -1)
        reset_at = self._last_reset(channel, parameter, places)
        return np.where(set_at > reset_at, values[last], UNSET)

    def state(self, channel: int, place: int) -> dict[int, int]:
        """Return the state of a channel before a place."""
        return {
            parameter: value
            for parameter in self.parameters(channel)
            if (value := int(self.values(channel, parameter, place)[0])) != UNSET
        }

    def _last_reset(
        self, channel: int, parameter: int, places: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        if parameter == SYSTEM_MODE:
            return np.full(len(places), -1)
        resets = [self._resets]
        if channel in self._controller_resets and is_reset_by_controller(parameter):
            resets.append(self._controller_resets[channel])
        latest = np.full(len(places), -1)
        for ranks in resets:
            last = np.searchsorted(ranks, places, side="left") - 1
            latest = np.maximum(latest, np.where(last >= 0, ranks[last] if len(ranks) else -1, -1))
        return latest

    def _contents(self, row: int) -> bytes:
        events = self._events
        return events.buffer[events.payload[row] : events.end[row]]

    def _add(
        self, rows: NDArray[np.int64], parameter: NDArray[np.int64], value: NDArray[np.int64]
    ) -> None:
        """Add what some messages set in their own channels."""
        self._add_in(self._channel[rows], rows, parameter, value)

    def _add_in(
        self,
        channel: NDArray[np.int64],
        rows: NDArray[np.int64],
        parameter: NDArray[np.int64],
        value: NDArray[np.int64],
    ) -> None:
        if not len(rows):
            return
        rank = self._rank[rows]
        order = np.lexsort((rank, parameter, channel))
        rank, parameter, channel, value = (
            column[order] for column in (rank, parameter, channel, value)
        )
        is_first = (np.diff(channel, prepend=-2) != 0) | (np.diff(parameter, prepend=-2) != 0)
        first = np.flatnonzero(is_first)
        for begin, end in zip(first.tolist(), [*first[1:].tolist(), len(rank)], strict=True):
            key = int(channel[begin]), int(parameter[begin])
            self._sets[key] = rank[begin:end], value[begin:end]

    def _read_system_messages(self) -> None:
        rows = np.flatnonzero(self._events.status == SYSTEM_EXCLUSIVE)
        rows = rows[np.argsort(self._rank[rows])]
        resets: list[int] = []
        same: dict[bytes, int] = {}
        addresses: dict[bytes, int] = {}
        found: list[tuple[int, int, int, int]] = []
        for row in rows.tolist():
            contents = to_any_device(self._contents(row))
            port = int(self._events.port[row]) * CHANNELS_OF_PORT
            master, level = master_volume(contents), part_level(contents)
            address = address_of(contents)
            if is_reset(contents):
                resets.append(int(self._rank[row]))
                found.append((ALL_CHANNELS, row, SYSTEM_MODE, same.setdefault(contents, row)))
            elif master is not None:
                found.append((ALL_CHANNELS, row, MASTER_VOLUME + master[0], master[1]))
            elif level is not None:
                found.append((port + level[1], row, PART_LEVEL + level[0], level[2]))
            elif address is not None and len(addresses) < _NUM_ADDRESSES:
                channel, name = address
                channel += port * (channel != ALL_CHANNELS)
                number = addresses.setdefault(name, len(addresses))
                # What is written may span several addresses: two are the same if all of it is.
                written = name + contents[len(name) :]
                found.append((channel, row, ADDRESS + number, same.setdefault(written, row)))
        self._resets = np.array(resets, dtype=np.int64)
        columns = np.array(found, dtype=np.int64).reshape(-1, 4).T
        self._add_in(*columns)

    def _read_controllers(self) -> None:
        """Read what is set by one message alone."""
        events, kind = self._events, self._kind
        data1, data2 = events.data1.astype(np.int64), events.data2.astype(np.int64)
        control = kind == CONTROL
        is_reset_all = control & (data1 == _RESET_CONTROLLERS)
        for channel in np.unique(self._channel[is_reset_all]).tolist():
            ranks = self._rank[is_reset_all & (self._channel == channel)]
            self._controller_resets[channel] = np.sort(ranks)
        parameter = np.full(len(kind), -1)
        plain = control & (data1 < 120) & ~np.isin(data1, _OF_NUMBERED)
        parameter[plain] = data1[plain]
        value = data2.copy()
        modes = control & ((data1 == _MONO_MODE) | (data1 == _POLY_MODE))
        parameter[modes] = MONO
        value[modes] = np.where(data1[modes] == _MONO_MODE, data2[modes] + 1, 0)
        bends = kind == BEND_STATUS
        parameter[bends] = BEND
        value[bends] = data2[bends] << 7 | data1[bends]
        pressures = kind == _CHANNEL_PRESSURE
        parameter[pressures] = PRESSURE
        value[pressures] = data1[pressures]
        of_keys = kind == _POLY_PRESSURE
        parameter[of_keys] = KEY_PRESSURE + data1[of_keys]
        rows = np.flatnonzero(parameter >= 0)
        self._add(rows, parameter[rows], value[rows])

    def _read_numbered(self) -> None:
        """Follow which numbered parameter is chosen, and what is set there."""
        events = self._events
        chooses = np.isin(events.data1, (*_OF_NUMBERED, _RESET_CONTROLLERS))
        rows = np.flatnonzero((self._kind == CONTROL) & chooses)
        rows = rows[np.argsort(self._rank[rows])]
        chosen: dict[int, tuple[int, int]] = {}  # REGISTERED or NON_REGISTERED, and the number
        values: dict[tuple[int, int], int] = {}
        found: list[tuple[int, int, int]] = []
        columns = (self._channel[rows], events.data1[rows], events.data2[rows])
        messages = zip(*(column.tolist() for column in columns), strict=True)
        for row, (channel, controller, value) in zip(rows.tolist(), messages, strict=True):
            if controller >= 98:
                chosen[channel] = _choice(chosen.get(channel), controller, value)
                continue
            kind, number = chosen.get(channel, (REGISTERED, _NONE_CHOSEN))
            if controller not in (_DATA, _DATA_LSB) or number == _NONE_CHOSEN:
                continue
            before = values.get((channel, kind + number), 0)
            now = value << 7 if controller == _DATA else before & ~127 | value
            values[channel, kind + number] = now
            found.append((row, kind + number, now))
        self._add(*np.array(found, dtype=np.int64).reshape(-1, 3).T)

    def _read_programs(self) -> None:
        """Read programs with the bank that was chosen when they were."""
        rows = np.flatnonzero(self._kind == PROGRAM_STATUS)
        packed = self._events.data1[rows].astype(np.int64)
        for channel in np.unique(self._channel[rows]).tolist():
            own = np.flatnonzero(self._channel[rows] == channel)
            places = self._rank[rows[own]]
            for parameter, shift in ((BANK, 14), (BANK_LSB, 7)):
                packed[own] |= np.maximum(self.values(channel, parameter, places), 0) << shift
        self._add(rows, np.full(len(rows), PROGRAM), packed)


def _choice(before: tuple[int, int] | None, controller: int, value: int) -> tuple[int, int]:
    """Return the numbered parameter that is chosen after one more message."""
    if controller == _RESET_CONTROLLERS:
        return REGISTERED, _NONE_CHOSEN
    kind = REGISTERED if controller >= 100 else NON_REGISTERED
    number = before[1] if before is not None and before[0] == kind else _NONE_CHOSEN
    if controller % 2:  # 99 and 101 are the high seven bits
        return kind, value << 7 | number & 127
    return kind, number & ~127 | value
