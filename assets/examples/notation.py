"""A small notation for the example pieces, and how it becomes MIDI.

A line is text: `D5:1.5` is a pitch and its length in quarter notes, `C4+E4+G4:2` a chord, `r:1` a
rest. A length left out is the one before it. `|` is a bar line, and it must fall on one: a wrong
length is an error, not a wrong bar. After the length, `!` accents, `'` shortens to half, `~` leaves
the note at full length where the line is detached.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import mido

TICKS_PER_QUARTER = 480
GRID = TICKS_PER_QUARTER // 12
"""Every note starts and ends on this grid: sixteenths and triplets are exact."""
DRUM_CHANNEL = 9

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"": 0, "#": 1, "b": -1}
_TOKEN = re.compile(r"([^:!'~]+)(?::([\d./]+))?([!'~]*)")

Dynamics = tuple[tuple[float, int], ...]
"""(bar, velocity) points; velocities between them are interpolated. Bars count from 1."""


@dataclass(frozen=True)
class Note:
    """Times in ticks."""

    start: int
    duration: int
    pitch: int
    velocity: int


@dataclass(frozen=True)
class Part:
    """An instrument and what it plays."""

    name: str
    program: int
    notes: list[Note]
    is_drum: bool = False
    volume: int = 100
    pan: int = 64


@dataclass(frozen=True)
class Piece:
    """A piece, as it is written to a file."""

    file_name: str
    title: str
    qpm: float
    metre: tuple[int, int]
    key: str
    """As in MIDI key signatures: `G`, `Em`."""
    num_bars: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Style:
    """How a line is played."""

    metre: tuple[int, int]
    dynamics: Dynamics
    detached: int = 0
    """Grid ticks taken off the end of every note of an eighth or longer."""
    swing: bool = False
    """Play offbeat eighths on the last third of the beat."""
    accent: int = 6
    """Velocity added to a downbeat; the middle of the bar gains half."""
    contour: float = 0.3
    """Velocity added for each semitone above the middle of the line."""

    @property
    def bar_quarters(self) -> Fraction:
        """Length of a bar in quarter notes."""
        return Fraction(4 * self.metre[0], self.metre[1])


def pitch_number(name: str) -> int:
    """`C4` is 60."""
    match = re.fullmatch(r"([A-G])([#b]?)(-?\d)", name)
    if match is None:
        raise ValueError(f"not a pitch: {name}")
    return 12 * (int(match[3]) + 1) + _STEPS[match[1]] + _SIGNS[match[2]]


def line(text: str, style: Style, *, first_bar: int = 1) -> list[Note]:
    """Play a line of notation, from the beginning of a bar."""
    played: list[tuple[Fraction, Fraction, list[int], str]] = []
    at = (first_bar - 1) * style.bar_quarters
    length = Fraction(1)
    for word in text.split():
        if word == "|":
            if at % style.bar_quarters:
                raise ValueError(f"bar line inside bar {at / style.bar_quarters + 1}: {text}")
            continue
        match = _TOKEN.fullmatch(word)
        if match is None:
            raise ValueError(f"not a note: {word}")
        length = Fraction(match[2]) if match[2] else length
        if match[1] != "r":
            played.append((at, length, [pitch_number(n) for n in match[1].split("+")], match[3]))
        at += length
    if at % style.bar_quarters:
        raise ValueError(f"the last bar is not full: {text}")
    tops = [max(pitches) for _, _, pitches, _ in played]
    middle = (max(tops) + min(tops)) / 2
    return [
        _note(start, length, pitch, marks, style, middle)
        for start, length, pitches, marks in played
        for pitch in pitches
    ]


def drums(hits: dict[int, str], style: Style, bars: range) -> list[Note]:
    """Repeat one bar of drumming in each of `bars`.

    Args:
        hits: For each drum note, one bar as a string of equal steps: digits 1 to 9 hit (9 at
            full velocity), anything else rests; spaces are for the eye.
        style: Metre and dynamics; the rest of it is for lines.
        bars: Bar numbers, from 1.
    """
    notes = []
    for bar in bars:
        for pitch, pattern in hits.items():
            steps = pattern.replace(" ", "")
            step = style.bar_quarters / len(steps)
            for index, force in enumerate(steps):
                if not force.isdigit():
                    continue
                start = (bar - 1) * style.bar_quarters + index * step
                loud = _dynamic(style, start) * int(force) / 9
                velocity = _clip(loud + _wiggle(start, pitch))
                notes.append(Note(_ticks(start), 2 * GRID, pitch, velocity))
    return notes


def to_midi(piece: Piece) -> mido.MidiFile:
    """A type 1 file: tempo, metre and key in the first track, then a track for each part."""
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_QUARTER)
    bar_ticks = 4 * TICKS_PER_QUARTER * piece.metre[0] // piece.metre[1]
    end = piece.num_bars * bar_ticks
    conductor = [
        (0, mido.MetaMessage("track_name", name=piece.title)),
        (0, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(piece.qpm))),
        (
            0,
            mido.MetaMessage(
                "time_signature", numerator=piece.metre[0], denominator=piece.metre[1]
            ),
        ),
        (0, mido.MetaMessage("key_signature", key=piece.key)),
    ]
    file.tracks.append(_track(conductor, end))
    channels = iter(channel for channel in range(16) if channel != DRUM_CHANNEL)
    for part in piece.parts:
        channel = DRUM_CHANNEL if part.is_drum else next(channels)
        file.tracks.append(_track(_part_events(part, channel, end), end))
    return file


def write(piece: Piece, folder: Path) -> Path:
    """Write the piece into `folder` under its own name."""
    path = folder / piece.file_name
    to_midi(piece).save(path)
    return path


def _note(
    start: Fraction, length: Fraction, pitch: int, marks: str, style: Style, middle: float
) -> Note:
    begin, end = start, start + length
    if style.swing:
        begin, end = _swung(begin), _swung(end)
    ticks = _ticks(end) - _ticks(begin)
    if "'" in marks:
        ticks = max(GRID, ticks // 2 // GRID * GRID)
    elif "~" not in marks and ticks >= TICKS_PER_QUARTER // 3:
        ticks -= style.detached * GRID
    loud = _dynamic(style, start) + _metric_accent(style, start) + 14 * ("!" in marks)
    velocity = _clip(loud + style.contour * (pitch - middle) + _wiggle(start, pitch))
    return Note(_ticks(begin), ticks, pitch, velocity)


def _ticks(quarters: Fraction) -> int:
    ticks = quarters * TICKS_PER_QUARTER
    if ticks % GRID:
        raise ValueError(f"{quarters} quarters is off the grid")
    return int(ticks)


def _swung(at: Fraction) -> Fraction:
    beat = Fraction(at.numerator // at.denominator)
    return beat + Fraction(2, 3) if at - beat == Fraction(1, 2) else at


def _dynamic(style: Style, at: Fraction) -> float:
    bar = float(at / style.bar_quarters) + 1
    points = style.dynamics
    if bar <= points[0][0]:
        return points[0][1]
    for (left, low), (right, high) in pairwise(points):
        if bar <= right:
            return low + (high - low) * (bar - left) / (right - left)
    return points[-1][1]


def _metric_accent(style: Style, at: Fraction) -> float:
    place = at % style.bar_quarters
    if place == 0:
        return style.accent
    return style.accent / 2 if place * 2 == style.bar_quarters else 0


def _wiggle(at: Fraction, pitch: int) -> int:
    """A small unevenness, -2 to 2, the same on every run."""
    return (int(at * 12) * 7 + pitch * 5) % 11 % 5 - 2


def _clip(velocity: float) -> int:
    return max(1, min(127, round(velocity)))


def _part_events(part: Part, channel: int, end: int) -> list[tuple[int, mido.Message]]:
    def control(number: int, value: int) -> tuple[int, mido.Message]:
        return 0, mido.Message("control_change", channel=channel, control=number, value=value)

    events = [
        (0, mido.MetaMessage("track_name", name=part.name)),
        (0, mido.Message("program_change", channel=channel, program=part.program)),
        control(7, part.volume),
        control(10, part.pan),
    ]
    for note in sorted(part.notes, key=lambda n: (n.start, n.pitch)):
        at = {"channel": channel, "note": note.pitch}
        events.append((note.start, mido.Message("note_on", velocity=note.velocity, **at)))
        stop = min(note.start + note.duration, end)
        events.append((stop, mido.Message("note_off", velocity=64, **at)))
    # At one tick, notes end before others begin; the sort keeps the order above otherwise.
    return sorted(events, key=lambda event: (event[0], event[1].type == "note_on"))


def _track(events: list[tuple[int, mido.Message]], end: int) -> mido.MidiTrack:
    track = mido.MidiTrack()
    now = 0
    for tick, message in [*events, (end, mido.MetaMessage("end_of_track"))]:
        track.append(message.copy(time=tick - now))
        now = tick
    return track
