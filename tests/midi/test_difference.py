import mido

from meloformer.midi.difference import Difference, difference
from meloformer.midi.timeline import Timeline
from tests.midi.played_files import control, note, played, program

PIECE = [program(0, 1), *note(0, 900), *note(1000, 1900, 62), *note(2000, 2900, 64)]


def between(old, new):
    return difference(Timeline(played(old)), Timeline(played(new)))


def test_the_same_file_has_no_difference():
    assert between(PIECE, PIECE) is None


def test_what_is_appended_differs_from_its_first_message_on_to_the_end():
    assert between(PIECE, [*PIECE, *note(3000, 3500)]) == Difference(3000, None)
    assert between([*PIECE, *note(3000, 3500)], PIECE) == Difference(3000, None)


def test_what_is_put_in_the_middle_ends_with_its_last_message():
    new = [*PIECE[:3], *note(1100, 1400, 70), *PIECE[5:]]
    assert between(PIECE, new) == Difference(1000, 1900)


def test_a_note_that_is_louder_is_a_difference_of_its_own_moment():
    old, new = (
        [*note(0, 900), *note(1000, 1900, velocity=velocity), *note(2000, 2900)]
        for velocity in (80, 81)
    )
    assert between(old, new) == Difference(1000, 1000)


def test_a_controller_that_stays_changed_differs_to_the_end():
    assert between(PIECE, [*PIECE, control(1500, 7, 50)]) == Difference(1500, None)
    back = [*PIECE, control(500, 7, 80), control(1500, 7, 50), control(1600, 7, 80)]
    same = [*PIECE, control(500, 7, 80)]
    assert between(same, back) == Difference(1500, 1600)


def test_names_and_lyrics_make_no_difference():
    named = [(0, mido.MetaMessage("track_name", name="Lead")), *PIECE]
    assert between(PIECE, named) is None


def test_another_tempo_differs_from_there_on():
    old = Timeline(played(PIECE))
    new = Timeline(played(PIECE, tempos=[(0, 120), (1500, 100)]))
    found = difference(old, new)
    assert 1500 < found.first_ms <= 1900
    assert found.last_ms is None


def test_messages_of_the_system_are_compared_by_what_they_say():
    old, new = (
        [*PIECE, (1500, mido.Message("sysex", data=(0x7F, 0x7F, 4, 1, 0, volume)))]
        for volume in (80, 90)
    )
    assert between(old, old) is None
    assert between(old, new) == Difference(1500, None)
