"""Files for the seam: tracks of timed messages, and the continuation or change of such a file."""

import io
from collections.abc import Iterable, Sequence

import mido

from meloformer.midi.join import join
from meloformer.midi.read import read_file
from meloformer.midi.replace import replace_notes
from meloformer.score import Score, Tempo, TimeSignature, Track, note_array

QUARTER = 480
BAR = 4 * QUARTER

Timed = tuple[int, mido.Message | mido.MetaMessage]


def file(*tracks: Iterable[Timed], kind: int = 1) -> bytes:
    """A Standard MIDI File; what is at one tick keeps its order."""
    whole = mido.MidiFile(type=kind, ticks_per_beat=QUARTER)
    for timed in tracks:
        now = 0
        own = mido.MidiTrack()
        for tick, message in sorted(timed, key=lambda one: one[0]):
            own.append(message.copy(time=tick - now))
            now = tick
        whole.tracks.append(own)
    data = io.BytesIO()
    whole.save(file=data)
    return data.getvalue()


def control(tick: int, controller: int, value: int, channel: int = 0) -> Timed:
    message = mido.Message("control_change", control=controller, value=value, channel=channel)
    return tick, message


def program(tick: int, number: int, channel: int = 0) -> Timed:
    return tick, mido.Message("program_change", program=number, channel=channel)


def bend(tick: int, pitch: int, channel: int = 0) -> Timed:
    return tick, mido.Message("pitchwheel", pitch=pitch, channel=channel)


def pressure(tick: int, value: int, channel: int = 0) -> Timed:
    return tick, mido.Message("aftertouch", value=value, channel=channel)


def sysex(tick: int, *data: int) -> Timed:
    return tick, mido.Message("sysex", data=data)


def registered(tick: int, number: int, value: int, channel: int = 0) -> list[Timed]:
    """Set a registered parameter to 14 bits."""
    pairs = ((101, number >> 7), (100, number & 127), (6, value >> 7), (38, value & 127))
    return [control(tick, *pair, channel) for pair in pairs]


def note(
    tick: int, pitch: int = 60, ticks: int = QUARTER, channel: int = 0, velocity: int = 80
) -> list[Timed]:
    on = mido.Message("note_on", note=pitch, velocity=velocity, channel=channel)
    return [(tick, on), (tick + ticks, mido.Message("note_off", note=pitch, channel=channel))]


def quarters(
    first_bar: int, num_bars: int, pitch: int = 60, channel: int = 0, velocity: int = 80
) -> list[Timed]:
    """Four notes a bar, each as long as its beat but for the last thirtieth."""
    ticks = range(first_bar * BAR, (first_bar + num_bars) * BAR, QUARTER)
    return [
        one for tick in ticks for one in note(tick, pitch, QUARTER * 29 // 30, channel, velocity)
    ]


def new_bars(data: bytes, num_bars: int = 1, *, only: Sequence[int] | None = None) -> Score:
    """Bars in which parts of a file play quarters; by default all of them."""
    tracks = read_file(data).score.tracks
    played = []
    for index in range(len(tracks)) if only is None else only:
        own = tracks[index]
        rows = [(12 * beat, 11, int(own.notes[0, 2]), 80) for beat in range(4 * num_bars)]
        played.append(Track("", own.program, own.is_drum, note_array(rows)))
    return Score(12, tuple(played), (Tempo(0, 120.0),), (TimeSignature(0, 4, 4),), 48 * num_bars)


def continued(
    data: bytes, *, bar: int | None = None, only: Sequence[int] | None = None, num_bars: int = 1
) -> bytes:
    """Let parts of a file go on after a bar, or after the last."""
    whole = read_file(data)
    line = whole.grid.starts[whole.grid.num_bars if bar is None else bar]
    of = list(range(len(whole.score.tracks)) if only is None else only)
    bars = new_bars(data, num_bars, only=only)
    return join(whole, bars, seam_tick=int(line), track_of=of)


def rewritten(data: bytes, first_bar: int, last_bar: int, *, only: Sequence[int]) -> bytes:
    """Let parts of a file play quarters in the place of some of its bars."""
    return replace_notes(
        read_file(data),
        new_bars(data, last_bar - first_bar, only=only),
        first_bar=first_bar,
        last_bar=last_bar,
        again=list(only),
        track_of=list(only),
    )
