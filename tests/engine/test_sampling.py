from itertools import pairwise

import numpy as np

from meloformer.engine.request import ContinueRequest, SamplingConfig
from meloformer.engine.sampling import filtered_probabilities, sample

LOGITS = np.log(np.array([0.5, 0.25, 0.15, 0.1], dtype=np.float32))


def survivors(**settings: float) -> list[int]:
    return np.flatnonzero(filtered_probabilities(LOGITS, SamplingConfig(**settings))).tolist()


def test_each_filter_keeps_the_likeliest():
    assert survivors() == [0, 1, 2, 3]
    assert survivors(top_k=2) == [0, 1]
    assert survivors(top_p=0.7) == [0, 1]
    assert survivors(min_p=0.29) == [0, 1, 2]
    assert survivors(top_k=1, top_p=0.01, min_p=0.9) == [0]


def test_draws_follow_the_probabilities():
    rng = np.random.default_rng(0)
    legal = np.array([True, True, False, True])
    draws = [sample(LOGITS, legal, SamplingConfig(), rng) for _ in range(4000)]
    shares = np.bincount(draws, minlength=4) / 4000
    assert np.allclose(shares, np.array([0.5, 0.25, 0.0, 0.1]) / 0.85, atol=0.03)


def test_low_temperature_draws_the_likeliest():
    rng = np.random.default_rng(0)
    legal = np.ones(4, dtype=bool)
    config = SamplingConfig(temperature=0.05)
    assert {sample(LOGITS, legal, config, rng) for _ in range(100)} == {0}


def test_the_dial_only_ever_loosens():
    dial = [SamplingConfig.from_adventure(step / 20) for step in range(21)]
    for less, more in pairwise(dial):
        for one, other in ((less, more), (less.chords, more.chords), (less.onsets, more.onsets)):
            assert one.temperature < other.temperature
            assert one.min_p >= other.min_p
    assert dial[10] == ContinueRequest().sampling


def test_numbers_set_by_hand_hold_for_all_tokens():
    by_hand = SamplingConfig(temperature=1.3, min_p=0.2)
    assert (by_hand.chords, by_hand.onsets) == (None, None)
