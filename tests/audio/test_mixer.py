import json
import math

import pytest

from meloformer.audio.mixer import Mixer, PartLevel, mixer_of, solo_of
from meloformer.errors import AudioError


def test_a_mixer_travels_as_json():
    mixer = Mixer({0: PartLevel(muted=True), 1024: PartLevel(solo=True, gain_db=-6.0)})
    assert mixer_of(json.loads(json.dumps(mixer.to_json()))) == mixer


def test_parts_that_are_not_named_are_as_they_are_rendered():
    assert Mixer().gain(5) == 1.0
    assert mixer_of({}).is_flat
    assert mixer_of({"3": {}}).is_flat


def test_a_gain_is_in_decibels():
    assert mixer_of({"8": {"gain_db": -20}}).gain(8) == pytest.approx(0.1)


def test_where_one_part_is_alone_the_others_are_not_heard():
    mixer = mixer_of({"8": {"solo": True}, "16": {"gain_db": 3}})
    assert [mixer.gain(part) for part in (0, 8, 16)] == [0.0, 1.0, 0.0]
    assert solo_of(8).gain(16) == 0.0


def test_a_part_that_is_muted_is_not_heard_alone_either():
    assert mixer_of({"8": {"solo": True, "muted": True}}).gain(8) == 0.0


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        "0",
        {"-1": {}},
        {"1032": {}},
        {"one": {}},
        {"²": {}},
        {"9" * 5000: {}},
        {"0": 3},
        {"0": {"volume": 3}},
        {"0": {"muted": 1}},
        {"0": {"solo": "yes"}},
        {"0": {"gain_db": "loud"}},
        {"0": {"gain_db": True}},
        {"0": {"gain_db": 13}},
        {"0": {"gain_db": math.nan}},
        {"0": {"gain_db": -math.inf}},
        {"0": {"gain_db": 10**400}},
        {str(part): {} for part in range(1033)},
    ],
)
def test_what_is_no_mixer_is_refused_with_a_sentence(message):
    with pytest.raises(AudioError):
        mixer_of(message)
