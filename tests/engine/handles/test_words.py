import pytest

from meloformer.engine.handles import (
    Density,
    Handles,
    Keep,
    NotesAtOnce,
    PitchRange,
    RhythmGrid,
    VelocityRange,
)
from meloformer.engine.handles.said import handle_words
from meloformer.engine.handles.words import HandleWords, parse_handles
from meloformer.errors import ConfigError
from meloformer.score.scales import Scale, parse_pitch, parse_scale, pitch_name, scale_of_key
from tests.engine.handles.music import BASS, DRUMS, LEFT, RIGHT, trio

PLAYING = (DRUMS, BASS, LEFT, RIGHT)
OWN = {LEFT: ("Left hand",), RIGHT: ("Right hand",), BASS: ("Bass",), DRUMS: ("Kit",)}


def read(**words):
    return parse_handles(HandleWords(**words), trio(), PLAYING, OWN)


def test_nothing_said_asks_for_nothing():
    assert not read()
    assert handle_words(read()) == {}


def test_every_handle_is_read_and_said_again():
    handles = read(
        scale="D dorian",
        range="bass=E1-G3",
        density="bass=0.7",
        notes_at_once="left=3",
        velocity="40-90",
        grid="Eighths",
    )
    assert handles == Handles(
        scale=Scale(2, "dorian"),
        ranges=(PitchRange(BASS, 28, 55),),
        densities=(Density(BASS, 0.7),),
        at_once=(NotesAtOnce(LEFT, 3),),
        velocity=VelocityRange(40, 90),
        grid=RhythmGrid.EIGHTHS,
    )
    assert handle_words(handles)["range"] == "Fingered bass=E1-G3"
    assert read(keep="notes").keep is Keep.NOTES


def test_a_number_alone_is_for_all_and_a_named_part_counts_more():
    densities = read(density="bass=2, 0.5").densities
    assert {one.part: one.times for one in densities} == {
        DRUMS: 0.5,
        BASS: 2.0,
        LEFT: 0.5,
        RIGHT: 0.5,
    }
    assert {one.part for one in read(range="all=C3-C5").ranges} == {BASS, LEFT, RIGHT}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"scale": "D doric"}, "`D doric` is no scale"),
        ({"range": "bass=E1"}, "no range of notes"),
        ({"range": "bass=G3-E1"}, "turned round"),
        ({"range": "tuba=E1-G3, tuba="}, "does not say what"),
        ({"density": "bass=busy"}, "`busy` is no density"),
        ({"density": "bass=nan"}, "between 0.1 and 8"),
        ({"notes_at_once": "0"}, "1 to 16 notes at once, not 0"),
        ({"velocity": "90-40"}, "the softest first"),
        ({"velocity": "40-41"}, "none is between 40 and 41"),
        ({"grid": "fifths"}, "none of quarters, eighths, triplets, sixteenths, swing"),
        ({"keep": "all"}, "none of rhythm, notes"),
        (
            {"keep": "notes", "density": "2"},
            "density and keeping the notes contradict",
        ),
    ],
)
def test_what_is_not_understood_is_said(words, sentence):
    with pytest.raises(ConfigError, match=sentence):
        read(**words)


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("D dorian", Scale(2, "dorian")),
        ("Am", Scale(9, "minor")),
        ("f# harmonic minor", Scale(6, "harmonic minor")),
        ("Bb", Scale(10, "major")),
        ("E♭ Blues", Scale(3, "blues")),
    ],
)
def test_scales_are_read(text, scale):
    assert parse_scale(text) == scale
    assert parse_scale(scale.name) == scale


def test_the_scale_of_a_key_has_its_notes():
    assert scale_of_key(trio()).pitch_classes >= {0, 4, 7}


def test_notes_are_read_as_they_are_named():
    assert all(parse_pitch(pitch_name(pitch)) == pitch for pitch in range(128))
    assert parse_pitch("C4") == 60
    with pytest.raises(ConfigError, match="no note"):
        parse_pitch("H4")
