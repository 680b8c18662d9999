"""What a synthesiser makes of a file: each note with the state of its channel when it begins.

Written with mido alone, so that none of the code under test takes part.
"""

import io
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import mido

GM_ON = (0x7E, 0x7F, 9, 1)
GM2_ON = (0x7E, 0x7F, 9, 3)
GS_RESET = (0x41, 0x10, 0x42, 0x12, 0x40, 0, 0x7F, 0, 0x41)
XG_ON = (0x43, 0x10, 0x4C, 0, 0, 0x7E, 0)
RESETS = (GM_ON, GM2_ON, GS_RESET, XG_ON)


@dataclass
class Channel:
    program: int = 0
    bank: tuple[int, int] = (0, 0)
    bend: int = 0
    pressure: int = 0
    controls: dict[int, int] = field(default_factory=dict)
    parameters: dict[tuple[int, int], int] = field(default_factory=dict)
    """Numbered: by controller of the number (101 or 99) and the number."""
    chosen: tuple[int, int] = (101, 16383)

    def control(self, controller: int) -> int:
        defaults = {7: 100, 10: 64, 11: 127, 91: 40}
        return self.controls.get(controller, defaults.get(controller, 0))

    def take(self, message: mido.Message) -> None:
        if message.type == "program_change":
            self.program = message.program
            self.bank = self.controls.get(0, 0), self.controls.get(32, 0)
        elif message.type == "pitchwheel":
            self.bend = message.pitch
        elif message.type == "aftertouch":
            self.pressure = message.value
        elif message.type == "control_change":
            self._take_control(message.control, message.value)

    def _take_control(self, controller: int, value: int) -> None:
        if controller == 121:
            kept = {c: v for c, v in self.controls.items() if c not in (1, 2, 11, 64, 65, 66, 67)}
            self.controls, self.bend, self.pressure, self.chosen = kept, 0, 0, (101, 16383)
        elif controller in (98, 99, 100, 101):
            high = controller | 1
            number = self.chosen[1] if self.chosen[0] == high else 16383
            odd = controller % 2
            chosen = value << 7 | number & 127 if odd else number & ~127 | value
            self.chosen = high, chosen
        elif controller == 6:
            self.parameters[self.chosen] = value << 7
        elif controller == 38:
            self.parameters[self.chosen] = self.parameters.get(self.chosen, 0) & ~127 | value
        else:
            self.controls[controller] = value


@dataclass(frozen=True)
class Played:
    """A note that begins."""

    tick: int
    pitch: int
    channel: int
    program: int
    bank: tuple[int, int]
    bend: int
    pressure: int
    controls: dict[int, int]
    parameters: dict[tuple[int, int], int]
    system: tuple[tuple[int, ...], ...]
    """System exclusive messages since the last reset, that included."""

    def control(self, controller: int) -> int:
        return Channel(controls=self.controls).control(controller)


def merged(data: bytes) -> list[tuple[int, mido.Message]]:
    """All messages in the order in which they are heard."""
    whole = mido.MidiFile(file=io.BytesIO(data))
    timed = []
    for index, own in enumerate(whole.tracks):
        tick = 0
        for place, message in enumerate(own):
            tick += message.time
            timed.append((tick, index, place, message))
    return [(tick, message) for tick, _, _, message in sorted(timed, key=lambda one: one[:3])]


def played(data: bytes, since: int = 0) -> list[Played]:
    """The notes that begin at a tick or later."""
    channels: defaultdict[int, Channel] = defaultdict(Channel)
    system: list[tuple[int, ...]] = []
    notes = []
    for tick, message in merged(data):
        if message.type == "sysex":
            if message.data in RESETS:
                channels.clear()
                system.clear()
            system.append(tuple(message.data))
        elif message.type == "note_on" and message.velocity:
            own = channels[message.channel]
            notes.append(
                Played(
                    tick, message.note, message.channel, own.program, own.bank, own.bend,
                    own.pressure, dict(own.controls), dict(own.parameters), tuple(system),
                )
            )  # fmt: skip
        elif not message.is_meta and message.type != "note_off":
            channels[message.channel].take(message)
    return [note for note in notes if note.tick >= since]


def hanging(data: bytes) -> Counter[tuple[int, int]]:
    """Channels and keys that are down when the file ends, and channels whose pedal is."""
    down: Counter[tuple[int, int]] = Counter()
    for _, message in merged(data):
        if message.type in ("note_on", "note_off"):
            key = message.channel, message.note
            begins = message.type == "note_on" and message.velocity > 0
            down[key] = max(0, down[key] + (1 if begins else -1))
        elif message.type == "control_change" and message.control in (64, 66):
            down[message.channel, -message.control] = int(message.value >= 64)
    return +down


def num_tracks(data: bytes) -> int:
    return len(mido.MidiFile(file=io.BytesIO(data)).tracks)


def kept(data: bytes, whole: bytes, seam: int) -> bool:
    """Whether every message before the seam is still there, track by track."""
    return _before(data, seam) == _before(whole, seam)[: num_tracks(data)]


def _before(data: bytes, seam: int) -> list[list[tuple[int, mido.Message]]]:
    tracks = []
    for own in mido.MidiFile(file=io.BytesIO(data)).tracks:
        tick, messages = 0, []
        for message in own:
            tick += message.time
            if tick < seam and message.type != "end_of_track":
                messages.append((tick, message.copy(time=0)))
        tracks.append(messages)
    return tracks
