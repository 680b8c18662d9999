"""What stays of bars that are written again, in words."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meloformer.engine.handles import Lock, LockedLine, LockedNote
from meloformer.engine.handles.lock_words import parse_lock
from meloformer.engine.handles.locked import Locked, old_bars, with_locked
from meloformer.engine.request import PartRequest, Presence
from meloformer.errors import ConfigError
from meloformer.score import TimeSignature, bar_grid
from meloformer.score.scales import pitch_name
from meloformer.tokens import encode
from tests.engine.handles.music import BASS, DRUMS, LEFT, RIGHT, trio

OWN = {LEFT: ("Left hand",), RIGHT: ("Right hand",), BASS: ("Bass",), DRUMS: ("Kit",)}
METRES = ((3, 4), (6, 8), (7, 8), (9, 4))


def bars_of(metre=(3, 4), first=2, last=4):
    score = replace(trio(), time_signatures=(TimeSignature(0, *metre),))
    return old_bars(encode(score), bar_grid(score), first, last)


BARS = bars_of()


def notes_of(bars, part):
    """All notes of a part, each with its bar."""
    return [
        (LockedNote(part, at, onset, pitch), bar)
        for at, bar in enumerate(bars)
        if part in bar.lines
        for onset, pitch in zip(
            bar.lines[part].onset.tolist(), bar.lines[part].pitch.tolist(), strict=True
        )
    ]


def test_the_melody_is_the_top_of_the_highest_part_and_a_single_line_is_a_whole_part():
    assert parse_lock("melody", BARS, OWN) == Locked(whole=frozenset({RIGHT}))
    for bar in (without_right := bars_of()):
        del bar.lines[RIGHT]
    assert parse_lock("melody", without_right, OWN) == Locked((Lock(LEFT, LockedLine.TOP),))
    assert parse_lock("bass, kit", BARS, OWN) == Locked(whole=frozenset({BASS, DRUMS}))
    assert parse_lock(" ", BARS, OWN) == Locked()


@given(st.data())
def test_any_note_can_be_locked_alone(data):
    metre = data.draw(st.sampled_from(METRES))
    bars = bars_of(metre, 0, 2)
    part = data.draw(st.sampled_from([LEFT, RIGHT, DRUMS]))
    note, bar = data.draw(st.sampled_from(notes_of(bars, part)))
    beat = round(1 + (bar.begin + note.onset) / bar.beat, 3)
    words = f"{OWN[part][0]} {bar.number}:{pitch_name(note.pitch)}@{beat:g}"
    assert parse_lock(words, bars, OWN) == Locked(notes=(note,))


def test_bars_and_notes_of_a_part_are_locked():
    of_left = [note for note, _ in notes_of(BARS, LEFT)]
    in_first = tuple(note for note in of_left if note.bar == 0)
    assert parse_lock("left 3", BARS, OWN).notes == in_first
    low = tuple(note for note in of_left if note.pitch in (48, 52))
    assert parse_lock("left 3-4:C3 E3", BARS, OWN).notes == low
    on_two = tuple(note for note in in_first if note.onset == 12)
    assert parse_lock("left 3@2", BARS, OWN) == parse_lock("left 3@2.4", BARS, OWN)
    assert parse_lock("left 3@2", BARS, OWN).notes == on_two
    assert parse_lock("left 3-4", BARS, OWN) == parse_lock("left 3, left 4", BARS, OWN)
    assert parse_lock("left 3-4", BARS, OWN) == parse_lock("left", BARS, OWN)
    for bar in (without_right := bars_of()):
        del bar.lines[RIGHT]
    tops = parse_lock("melody 3", without_right, OWN).notes
    assert [(one.part, one.onset, one.pitch) for one in tops] == [
        (LEFT, 0, 48),
        (LEFT, 12, 52),
        (LEFT, 24, 55),
    ]


def test_a_part_with_a_number_in_its_name_is_meant_before_a_bar():
    second = {LEFT: ("Violin",), RIGHT: ("Violin 3",)}
    assert parse_lock("violin 3", BARS, second).parts == {RIGHT}
    assert parse_lock("violin 3-3", BARS, second).parts == {LEFT}
    assert parse_lock("violin 3 3", BARS, second).parts == {RIGHT}
    assert parse_lock("violin 4", BARS, second).parts == {LEFT}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("oboe", "no part of the piece"),
        ("oboe 3", "no part of the piece"),
        ("left 5", "written again, 3 to 4, can be locked, not of bar 5."),
        ("left 3-9", "not of bars 3-9."),
        ("left 4-3", "turned round"),
        ("bass 4", "Nobody plays Fingered bass in bar 4."),
        ("left 3:C4", "There is no C4 of Piano in bar 3 that could be locked."),
        ("left 3:H2", "`H2` is no note"),
        ("left 3:", "is no note"),
        ("left 3@x", "`x` is no beat"),
        ("left 3@0", "`0` is no beat"),
        ("left 3-4@4", "begins near beat 4 of bars 3-4"),
    ],
)
def test_a_lock_of_what_is_not_there_is_refused(words, sentence):
    with pytest.raises(ConfigError, match=sentence):
        parse_lock(words, BARS, OWN)


def test_what_is_locked_stays_and_is_not_silent():
    asked = (PartRequest(LEFT), PartRequest(BASS), PartRequest(DRUMS, Presence.SILENT))
    parts, locked = with_locked(asked, parse_lock("bass, left 3, right 3", BARS, OWN), BARS)
    assert [one.part for one in parts] == [LEFT, DRUMS]
    assert locked.parts == {LEFT}
    for words in ("kit", "kit 3"):
        with pytest.raises(ConfigError, match="Drums is to be silent, and what it plays is locked"):
            with_locked(asked, parse_lock(words, BARS, OWN), BARS)
    with pytest.raises(ConfigError, match="All that would be written again is locked"):
        with_locked(asked[:1], parse_lock("left 3-4", BARS, OWN), BARS)
