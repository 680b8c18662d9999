import pytest

from meloformer.engine.instrumentation import as_before, as_there, name_of, parse_parts
from meloformer.engine.request import PartRequest, Presence
from meloformer.errors import ConfigError
from meloformer.score import Part, Track, note_array
from meloformer.tokens import encode

ALWAYS, FREE, SILENT = Presence.ALWAYS, Presence.FREE, Presence.SILENT
BEFORE = (
    PartRequest(Part(128), ALWAYS),
    PartRequest(Part(0), ALWAYS),
    PartRequest(Part(0, 2), FREE),
)


def read(text):
    return {request.part: request.presence for request in parse_parts(text, BEFORE)}


def test_who_has_played_all_the_time_goes_on_and_others_are_free(score):
    flute = Track("Flute", 73, False, note_array([(0, 480, 80, 60)]))
    encoding = encode(score.with_tracks((*score.tracks, flute)))
    by_part = {request.part: request.presence for request in as_before(encoding, 6)}
    assert by_part == {
        Part(128): ALWAYS,
        Part(33): ALWAYS,
        Part(0): ALWAYS,
        Part(0, 2): ALWAYS,
        Part(73): FREE,
    }


def test_in_bars_of_the_piece_who_does_not_play_there_is_silent(score):
    flute = Track("Flute", 73, False, note_array([(0, 480, 80, 60), (1440, 480, 80, 60)]))
    encoding = encode(score.with_tracks((*score.tracks, flute)))
    flutes = []
    for bars in ((0, 2), (1, 5), (3, 5)):
        there = {one.part: one.presence for one in as_there(encoding, *bars)}
        assert there[Part(0)] is ALWAYS
        flutes.append(there[Part(73)])
    assert flutes == [ALWAYS, FREE, SILENT]
    with pytest.raises(ConfigError, match="no bars 6 to 9"):
        as_there(encoding, 5, 9)


def test_a_silent_part_that_is_named_plays():
    silent = (*BEFORE, PartRequest(Part(73), SILENT))
    all_of_them = {one.part: one.presence for one in parse_parts("all", silent)}
    assert all_of_them[Part(73)] is SILENT
    (flute,) = parse_parts("flute", silent)
    assert flute == PartRequest(Part(73), ALWAYS)
    (flute,) = parse_parts("flute=free", silent)
    assert flute.presence is FREE


def test_all_means_the_parts_of_the_piece_as_before():
    assert read("all") == {Part(128): ALWAYS, Part(0): ALWAYS, Part(0, 2): FREE}


def test_parts_are_named_as_on_the_screen_and_new_ones_play_always():
    assert read("Piano 2, violin") == {Part(0, 2): FREE, Part(40): ALWAYS}
    assert read("all=free, drums=silent, fretless=always") == {
        Part(128): SILENT,
        Part(0): FREE,
        Part(0, 2): FREE,
        Part(35): ALWAYS,
    }


def test_who_is_named_is_meant_before_all_as_well_as_behind():
    for words in ("drums=silent, all", "all, drums=silent"):
        assert read(words) == {Part(128): SILENT, Part(0): ALWAYS, Part(0, 2): FREE}


def test_unknown_words_are_refused_with_a_hint():
    with pytest.raises(ConfigError, match="No part or instrument is called `kazzoo`"):
        read("all, kazzoo")
    with pytest.raises(ConfigError, match="none of always, free and silent"):
        read("all=loud")
    for text in ("", "all,", ", all", "all,,drums"):
        with pytest.raises(ConfigError, match="No part is named where"):
            read(text)
    with pytest.raises(ConfigError, match="No name stands before `=free`"):
        read("all, =free")


def test_case_does_not_matter():
    assert read("ALL, DRUMS=Silent") == read("all, drums=silent")


def test_a_further_part_of_an_instrument_is_named_by_its_number():
    assert name_of(Part(0, 3)) == "Piano 3"
