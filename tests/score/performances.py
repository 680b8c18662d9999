"""Music for a band and noise, to be played without a click."""

import numpy as np

from meloformer.score import Score, Tempo, TimeSignature, Track, note_array

QUARTER = 480
STRAIGHT, SWUNG, TRIPLETS = (0, 240), (0, 320), (0, 160, 320)


def band(
    seed: int = 0,
    *,
    places: tuple[int, ...] = STRAIGHT,
    qpm: float = 100.0,
    num_beats: int = 160,
    metre: tuple[int, int] = (4, 4),
    jitter_s: float = 0.0,
) -> Score:
    """Bass on the quarters, a chord on every other, a melody on places of the quarter."""
    rng = np.random.default_rng(seed)
    beats = np.arange(num_beats) * QUARTER
    chords = np.repeat(beats[::2], 3)
    played = (beats[:, None] + np.array(places)).ravel()
    played = played[rng.random(len(played)) < 0.7]
    starts = [beats, chords, played]
    pitches = [
        rng.choice([36, 41, 43], len(beats)),
        np.tile([60, 64, 67], len(chords) // 3),
        rng.choice([72, 74, 76, 77, 79], len(played)),
    ]
    tracks = []
    for program, start, pitch in zip((33, 0, 73), starts, pitches, strict=True):
        off = rng.normal(size=len(start)) * jitter_s * QUARTER * qpm / 60
        start = np.maximum(0, np.round(start + off)).astype(int)
        velocity = rng.integers(60, 100, len(start))
        rows = np.stack([start, np.full(len(start), 200), pitch, velocity], axis=1)
        tracks.append(Track("", program, False, note_array(rows)))
    tempos, metres = (Tempo(0, qpm),), (TimeSignature(0, *metre),)
    return Score(QUARTER, tuple(tracks), tempos, metres, num_beats * QUARTER)


def noise(seed: int, seconds: int = 90, notes_per_s: int = 5) -> Score:
    rng = np.random.default_rng(seed)
    start = rng.integers(0, seconds * 2 * QUARTER, seconds * notes_per_s)
    rows = np.stack([start, np.full(len(start), 200), rng.integers(40, 80, len(start))], axis=1)
    rows = np.column_stack([rows, rng.integers(40, 110, len(start))])
    track = Track("", 0, False, note_array(rows))
    common = (TimeSignature(0, 4, 4),)
    return Score(QUARTER, (track,), (Tempo(0, 120.0),), common, seconds * 2 * QUARTER)
