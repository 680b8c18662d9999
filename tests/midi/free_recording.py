"""Music as a musician plays it into a sequencer without listening to its click."""

import math
from itertools import pairwise

import numpy as np

from meloformer.score import Score, Tempo, TimeSignature, Track, note_array

QUARTER = 480


def played_freely(num_quarters: int = 96) -> Score:
    """A bass on the beat and chords between, while the pace swells and slackens; 120 is claimed."""
    pace_s = 0.52 + 0.05 * np.sin(np.arange(num_quarters) * 2 * math.pi / 40)
    beats_s = np.concatenate(([0.0], np.cumsum(pace_s)))
    rows = []
    for beat, (start_s, next_s) in enumerate(pairwise(beats_s.tolist())):
        half = (start_s + next_s) / 2
        for at_s, pitches in ((start_s, (36, 60)), (half, (64, 67))):
            tick = round(at_s * 2 * QUARTER)
            rows += [
                (tick, 180, pitch + beat // 4 % 4, 100 - 30 * (pitch > 60)) for pitch in pitches
            ]
    track = Track("keys", 0, False, note_array(rows))
    end = max(row[0] + row[1] for row in rows)
    return Score(QUARTER, (track,), (Tempo(0, 120.0),), (TimeSignature(0, 4, 4),), end)
