"""Melodies that no two visitors share, and whether a download begins with its own."""

import numpy as np

from meloformer.score import Score, Tempo, TimeSignature, Track, note_array, read_midi, write_midi

BARS = 4
_TICKS = 480
_SCALE = np.array([60, 62, 64, 65, 67, 69, 71, 72, 74, 76])
_RHYTHMS = ((1, 1, 1, 1), (2, 1, 1), (1, 1, 2), (3, 1), (2, 2))  # quarters of a bar


def melody(visitor: int, number: int) -> bytes:
    """Compose four bars in 4/4 for one part, as a MIDI file.

    Args:
        visitor: Who plays it.
        number: Which of theirs.
    """
    rng = np.random.default_rng((visitor, number))
    notes, place = [], int(rng.integers(len(_SCALE)))
    for bar in range(BARS):
        start = bar * 4 * _TICKS
        for quarters in _RHYTHMS[rng.integers(len(_RHYTHMS))]:
            place = int(np.clip(place + rng.integers(-3, 4), 0, len(_SCALE) - 1))
            length = quarters * _TICKS
            notes.append((start, length - 20, int(_SCALE[place]), int(rng.integers(60, 110))))
            start += length
    track = Track("Melody", int(rng.choice([0, 24, 40, 56, 73])), False, note_array(notes))
    metre, tempo = (TimeSignature(0, 4, 4),), (Tempo(0, float(rng.integers(80, 140))),)
    return write_midi(Score(_TICKS, (track,), tempo, metre, BARS * 4 * _TICKS))


def begins_with(download: bytes, given: bytes) -> bool:
    """Return whether a MIDI file begins with all notes of another, and has more."""
    own, whole = read_midi(given), read_midi(download)
    before = [
        note
        for track in whole.tracks
        for note in track.notes.tolist()
        if note[0] * own.ticks_per_quarter < own.end_tick * whole.ticks_per_quarter
    ]
    notes = [note for track in own.tracks for note in track.notes.tolist()]
    return sorted(before) == sorted(notes) and whole.num_notes > own.num_notes
