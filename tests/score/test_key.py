"""The key of a piece."""

import pytest

from meloformer.score.key import KEY_NAMES, estimate_key
from meloformer.score.score import Score, Tempo, TimeSignature, Track, note_array

MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
HARMONIC_MINOR_SCALE = (0, 2, 3, 5, 7, 8, 11)


def piece(*tracks: Track) -> Score:
    return Score(12, tracks, (Tempo(0, 120.0),), (TimeSignature(0, 4, 4),), 480)


def track(*pitches: int, is_drum: bool = False, duration: int = 12) -> Track:
    notes = [(12 * k, duration, pitch, 80) for k, pitch in enumerate(pitches)]
    return Track("", 0, is_drum, note_array(notes))


@pytest.mark.parametrize("tonic", range(12))
def test_scales_that_rest_on_tonic_and_dominant(tonic: int) -> None:
    major = [60 + tonic + step for step in (*MAJOR_SCALE, 12, 7, 4, 0, 7, 0)]
    minor = [60 + tonic + step for step in (*HARMONIC_MINOR_SCALE, 12, 7, 3, 0, 7, 0)]
    assert estimate_key(piece(track(*major))) == KEY_NAMES[tonic]
    assert estimate_key(piece(track(*minor))) == KEY_NAMES[12 + tonic]


def test_keys_are_spelled_with_the_fewer_signs() -> None:
    assert KEY_NAMES[1] == "Db major"
    assert KEY_NAMES[13] == "C# minor"
    assert KEY_NAMES[12 + 9] == "A minor"


def test_natural_minor_is_not_taken_for_its_relative_major() -> None:
    # Am - F - G - Am with a melody on top: no leading note anywhere.
    chords = (45, 57, 60, 64, 41, 57, 60, 65, 43, 59, 62, 67, 45, 57, 60, 64, 69, 76, 72, 69)
    assert estimate_key(piece(track(*chords))) == "A minor"


def test_drums_have_no_say() -> None:
    melody = track(60, 64, 67, 72, 71, 67, 65, 62, 60)
    drums = track(*[37, 42, 46] * 20, is_drum=True)
    assert estimate_key(piece(melody, drums)) == "C major"


def test_long_notes_count_more_than_short_ones() -> None:
    short = track(61, 63, 66, 68, 70, 61, 63, 66, 68, 70, duration=1)
    assert estimate_key(piece(track(60, 64, 67, 65, 62, 71, 60), short)) == "C major"


def test_nothing_pitched_has_no_key() -> None:
    assert estimate_key(piece()) == ""
    assert estimate_key(piece(track(38, 42, is_drum=True))) == ""
    assert estimate_key(piece(track(*range(60, 72)))) == ""
