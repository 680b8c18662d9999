"""Music as tools that turn audio into MIDI write it: seconds at 120, whatever was played."""

import numpy as np

from tests.files.reading.builder import QUARTER, control, midi, note, tempo, track


def transcribed(
    qpm: float,
    *,
    beats_of_bar: int = 4,
    bars: int = 24,
    lead_s: float = 0.0,
    jitter_s: float = 0.006,
    says: float = 120.0,
    seed: int = 1,
) -> bytes:
    """A bass on the bar line, chords on the other beats, and a tune in eighths with rests."""
    rng = np.random.default_rng(seed)
    beat_s = 60 / qpm
    events = []

    def play(at_s: float, length_s: float, pitch: int, velocity: int) -> None:
        start = max(0.0, at_s + lead_s + rng.normal() * jitter_s)
        ticks_per_s = QUARTER * says / 60
        start_tick, length = round(start * ticks_per_s), max(1, round(length_s * ticks_per_s))
        events.extend(note(start_tick, length, pitch, velocity=velocity))

    for beat in range(bars * beats_of_bar):
        at_s, place = beat * beat_s, beat % beats_of_bar
        if place == 0:
            play(at_s, beat_s * 0.9, 36 + beat // beats_of_bar % 5, 100)
        elif beats_of_bar == 4 and place == 2:
            play(at_s, beat_s * 0.9, 43, 90)
        if place:
            for pitch in (60, 64, 67):
                play(at_s, beat_s * 0.5, pitch, 60)
        for half in range(2):
            if rng.random() < (0.9 if half == 0 else 0.5):
                play(at_s + half * beat_s / 2, beat_s * 0.45, int(rng.integers(69, 82)), 70)
    return midi(track((0, tempo(says)), (0, control(7, 100)), events))


def groove(qpm: float, *, beats_of_bar: int = 4, bars: int = 20, seed: int = 1) -> bytes:
    """Eighths all through, every beat alike; a bass note begins each bar, or two in 4/4."""
    rng = np.random.default_rng(seed)
    beat_ticks = QUARTER * 120 / qpm
    events = []

    def play(beat: float, length: float, pitch: int, velocity: int, channel: int = 0) -> None:
        start = max(0, round(beat * beat_ticks + rng.normal() * 6))
        events.extend(
            note(start, round(length * beat_ticks), pitch, channel=channel, velocity=velocity)
        )

    for beat in range(bars * beats_of_bar):
        place = beat % beats_of_bar
        if place == 0 or (beats_of_bar == 4 and place == 2):
            play(beat, 0.9, 36 + 7 * (place == 2), 90)
        play(beat, 0.1, 42, 80, channel=9)
        play(beat + 0.5, 0.1, 42, 80, channel=9)
        for pitch in (60, 64, 67):
            play(beat, 0.8, pitch, 60)
    return midi(track((0, tempo(120)), events))


def jig(beat_qpm: float, *, bars: int = 24, seed: int = 1) -> bytes:
    """6/8 whose eighths are too fast to be beats: a bass on every third, chords on the others."""
    rng = np.random.default_rng(seed)
    eighth_ticks = QUARTER * 120 / beat_qpm / 3
    events = []

    def play(eighth: int, length: float, pitch: int, velocity: int) -> None:
        start = max(0, round(eighth * eighth_ticks + rng.normal() * 6))
        events.extend(note(start, round(length * eighth_ticks), pitch, velocity=velocity))

    for eighth in range(bars * 6):
        if eighth % 3 == 0:
            play(eighth, 2.8, 36 + 7 * (eighth % 6 == 3), 90)
        else:
            for pitch in (60, 64, 67):
                play(eighth, 0.8, pitch, 60)
        if rng.random() < 0.6:
            play(eighth, 0.9, int(rng.integers(69, 82)), 70)
    return midi(track((0, tempo(120)), events))
