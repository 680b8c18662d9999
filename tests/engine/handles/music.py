"""A piece that handles are tried on."""

from meloformer.score import Part, Score, Tempo, TimeSignature, Track, note_array

DRUMS, BASS, LEFT, RIGHT = Part(128), Part(33), Part(0), Part(0, 2)
ORGAN = Part(19)


def trio() -> Score:
    """Six bars of 3/4: drums, a bass that rests in one, chords with thirds, a melody in eighths."""
    bars = range(0, 18 * 480, 1440)
    beats = range(0, 18 * 480, 480)
    eighths = range(0, 18 * 480, 240)
    chords = [
        (beat, 480, pitch, 60) for beat in beats for pitch in (48, 52, 55)[: 1 + beat // 480 % 3]
    ]
    tracks = (
        Track("Left hand", 0, False, note_array(chords)),
        Track("Right hand", 0, False, note_array([(t, 240, 72 + t % 7, 90) for t in eighths])),
        Track("Bass", 33, False, note_array([(t, 480, 36, 90) for t in bars if t != 3 * 1440])),
        Track("Kit", 0, True, note_array([(t, 60, 42, 90) for t in beats])),
    )
    return Score(480, tracks, (Tempo(0, 100.0),), (TimeSignature(0, 3, 4),), 18 * 480)


def held() -> Score:
    """Five bars of 4/4 in which one part holds notes under others, and over bar lines."""
    notes = [
        (start + tick, ticks, pitch, 80)
        for start in range(0, 5 * 1920, 1920)
        for tick, ticks, pitch in (
            (0, 1440, 60),
            (0, 480, 64),
            (480, 960, 67),
            (960, 240, 69),
            (1440, 960, 65),
            (1440, 480, 72),
        )
    ]
    track = Track("Organ", 19, False, note_array(notes))
    return Score(480, (track,), (Tempo(0, 100.0),), (TimeSignature(0, 4, 4),), 5 * 1920)
