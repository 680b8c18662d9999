from itertools import pairwise

import numpy as np
import pytest

from experiments.beats import perform
from meloformer.score import Track, note_array
from meloformer.score.beat_tracking import PRICE, PULL, RANGE, STEADINESS, find_beats, follow
from tests.score.performances import QUARTER, band, noise


def costs(distance: int, before: int, period: float) -> float:
    change, pull = np.log(distance / before) ** 2, np.log(distance / period) ** 2
    return float(STEADINESS * change + PULL * pull + PRICE)


def plain_best(envelope: np.ndarray, distances: range, period: float) -> float:
    """The highest sum that any beats reach, worked out one frame after the other."""
    best: dict[tuple[int, int], float] = {}
    for frame in range(len(envelope)):
        for distance in distances:
            best[frame, distance] = envelope[frame] + max(
                best.get((frame - distance, before), 0.0) - costs(distance, before, period)
                for before in distances
            )
    last_frames = range(len(envelope) - distances[-1], len(envelope))
    return max(best[frame, distance] for frame in last_frames for distance in distances)


@pytest.mark.parametrize("seed", range(3))
def test_blocks_of_frames_find_what_one_frame_after_the_other_finds(seed):
    period = 17.0
    distances = range(int(period / RANGE), int(period * RANGE) + 2)
    envelope = np.random.default_rng(seed).gamma(0.5, 1.5, 200)
    beats = follow(envelope, period)
    steps = np.diff(beats).tolist()
    assert set(steps) <= set(distances)
    # How far the first beat is from one before the music is open, as is the distance before that.
    firsts = [d for d in distances if d > beats[0]]
    opening = min(costs(first, first, period) + costs(steps[0], first, period) for first in firsts)
    later = sum(costs(step, old, period) for old, step in pairwise(steps))
    total = envelope[beats].sum() - opening - later
    assert total == pytest.approx(plain_best(envelope, distances, period))


def test_beats_run_on_through_a_rest():
    score = band(2)
    with_rests = tuple(
        Track(t.name, t.program, t.is_drum, note_array(t.notes[t.notes[:, 0] // QUARTER % 40 < 32]))
        for t in score.tracks
    )
    played = perform(score.with_tracks(with_rests), 0.03, np.random.default_rng(2))
    beats = find_beats(played.score)
    assert beats is not None
    assert np.ptp(np.diff(beats)) < 0.15


def test_no_beats_are_found_in_noise_or_in_next_to_nothing():
    assert find_beats(noise(0)) is None
    assert find_beats(band(num_beats=4)) is None
    assert find_beats(band().with_tracks(())) is None
