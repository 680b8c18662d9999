from meloformer.midi.timeline import NEVER, Timeline
from tests.midi.played_files import control, note, played


def test_times_follow_the_tempos():
    file = played(note(1000, 2000), tempos=[(0, 120), (1000, 60)])
    timeline = Timeline(file)
    assert timeline.note_ms.tolist() == [1000]
    assert timeline.held_until_ms.tolist() == [3000]


def test_a_pedal_holds_a_note_until_it_is_up():
    notes = [*note(0, 100), *note(500, 600, 62), *note(2000, 2100, 64)]
    pedal = [control(50, 64, 127), control(700, 64, 100), control(1500, 64, 0)]
    assert Timeline(played([*notes, *pedal])).held_until_ms.tolist() == [1500, 1500, 2100]


def test_a_pedal_of_another_channel_holds_nothing():
    file = played([*note(0, 100), control(50, 64, 127, channel=1)])
    assert Timeline(file).held_until_ms.tolist() == [100]


def test_a_pedal_that_is_never_up_holds_for_ever_and_a_reset_lets_go():
    held = [*note(0, 100), control(50, 64, 127)]
    assert Timeline(played(held)).held_until_ms.tolist() == [NEVER]
    assert Timeline(played([*held, control(900, 121, 0)])).held_until_ms.tolist() == [900]


def test_the_tick_from_a_time_on_is_that_of_the_next_message():
    timeline = Timeline(played(note(1000, 2000), tempos=[(0, 60)]))
    assert timeline.tick_from(0) == 0
    assert timeline.tick_from(1) == 1000
    assert timeline.tick_from(2001) == 2000
    assert timeline.tick_from(4001) == 2001
