"""Three made-up band files with what real ones hold: controllers, shared channels, odd clocks."""

import io

import mido
import numpy as np

_QUARTER = 240


def band_files() -> dict[str, bytes]:
    """A band with controllers, a single track of shared channels, and a waltz that changes."""
    return {"quintet": _quintet(), "one-track": _one_track(), "waltz": _waltz()}


def _quintet() -> bytes:
    """Five tracks; the lead bends and fades out, the bass changes its program half way."""
    rng = np.random.default_rng(7)
    file = _file(1, tempo_qpm=112, metre=(4, 4))
    roles = [("Kit", 9, 0), ("Bass", 0, 33), ("Keys", 1, 4), ("Keys 2", 2, 4), ("Lead", 3, 73)]
    for name, channel, program in roles:
        events = _program(channel, program)
        for bar in range(8):
            at = bar * 4 * _QUARTER
            if name == "Kit":
                events += _notes(channel, at, [36, 42, 38, 42] * 2, _QUARTER // 2, rng)
            elif name == "Bass":
                events += _notes(channel, at, [36 + bar % 4] * 4, _QUARTER, rng)
            elif name.startswith("Keys"):
                chord = [48 + bar % 4, 52 + bar % 4, 55 + bar % 4]
                events += [e for p in chord for e in _notes(channel, at, [p], 3 * _QUARTER, rng)]
            else:
                pitches = rng.integers(67, 84, 6).tolist()
                events += _notes(channel, at + _QUARTER // 3, pitches, _QUARTER // 2, rng)
                events += _controls(channel, at, bar)
        if name == "Bass":
            events += [(16 * _QUARTER, mido.Message("program_change", channel=0, program=38))]
        file.tracks.append(_track(name, events))
    return _bytes(file)


def _one_track() -> bytes:
    """Type 0: piano and organ take turns in one channel, drums and a pedal beside them."""
    rng = np.random.default_rng(8)
    file = _file(0, tempo_qpm=96, metre=(4, 4))
    events = []
    for bar in range(6):
        at = bar * 4 * _QUARTER
        program = 0 if bar % 2 else 16
        events += [(at, mido.Message("program_change", channel=0, program=program))]
        events += _notes(0, at, rng.integers(55, 79, 8).tolist(), _QUARTER // 2, rng)
        events += _notes(9, at, [35, 38, 35, 38], _QUARTER, rng)
        pedal = mido.Message("control_change", channel=0, control=64, value=127)
        events += [(at + 10, pedal), (at + 3 * _QUARTER, pedal.copy(value=0 if bar < 5 else 127))]
    file.tracks[0] += _track("", events)
    return _bytes(file)


def _waltz() -> bytes:
    """3/4 with a bar of 2/4 and a new tempo; two violins and a cello, held over bar lines."""
    rng = np.random.default_rng(9)
    file = _file(1, tempo_qpm=150, metre=(3, 4))
    change = 6 * 3 * _QUARTER
    file.tracks[0] += [
        mido.MetaMessage("time_signature", numerator=2, denominator=4, time=change),
        mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(88)),
        mido.MetaMessage("time_signature", numerator=3, denominator=4, time=2 * _QUARTER),
    ]
    for channel, (name, program, low) in enumerate(
        [("Violin I", 40, 72), ("Violin II", 40, 64), ("Cello", 42, 43)]
    ):
        events = _program(channel, program)
        pitches = (low + rng.integers(0, 9, 22)).tolist()
        events += _notes(channel, 0, pitches, _QUARTER + 30 * channel, rng, overlap=20)
        file.tracks.append(_track(name, events))
    return _bytes(file)


def _file(kind: int, *, tempo_qpm: float, metre: tuple[int, int]) -> mido.MidiFile:
    file = mido.MidiFile(type=kind, ticks_per_beat=_QUARTER)
    opening = [
        mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tempo_qpm)),
        mido.MetaMessage("time_signature", numerator=metre[0], denominator=metre[1]),
    ]
    file.tracks.append(mido.MidiTrack(opening))
    return file


def _program(channel: int, program: int) -> list:
    level = mido.Message("control_change", channel=channel, control=7, value=100)
    return [(0, mido.Message("program_change", channel=channel, program=program)), (0, level)]


def _notes(channel, at, pitches, length, rng, overlap=0) -> list:
    events = []
    for index, pitch in enumerate(pitches):
        start = at + index * length
        velocity = int(rng.integers(50, 110))
        on = mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)
        off = mido.Message("note_off", channel=channel, note=pitch)
        events += [(start, on), (start + length + overlap - 5, off)]
    return events


def _controls(channel, at, bar) -> list:
    bend = mido.Message("pitchwheel", channel=channel, pitch=1200)
    fade = mido.Message("control_change", channel=channel, control=7, value=100 - 12 * bar)
    return [(at + 100, bend), (at + 300, bend.copy(pitch=0 if bar < 7 else 400)), (at + 50, fade)]


def _track(name: str, events: list) -> mido.MidiTrack:
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)] if name else [])
    now = 0
    for tick, message in sorted(events, key=lambda event: event[0]):
        track.append(message.copy(time=tick - now))
        now = tick
    return track


def _bytes(file: mido.MidiFile) -> bytes:
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()
