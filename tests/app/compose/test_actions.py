import re

import pytest

from meloformer.app.compose.actions import Actions
from meloformer.app.compose.settings import Settings
from meloformer.errors import MeloFormerError, MidiError
from meloformer.score import bar_grid, read_midi

EVERY_BAR = {"rows": [{"number": 0, "presence": "always"}, {"number": 33 * 8, "presence": "free"}]}
SETTINGS = Settings(parts=EVERY_BAR, num_bars=3, num_candidates=2, seed="7")


def run(actions: Actions, name: str, settings: Settings = SETTINGS) -> list[dict]:
    actions.begin(name, settings)
    return list(actions.compose(name, settings))


def test_an_upload_becomes_a_picture_with_its_facts(actions, session):
    shown = actions.show(session.name)
    assert shown["kind"] == "piece"
    assert len(shown["notes"]) == 5 * (12 + 4)
    assert {"♩ = 96", "3/4", "4 bars", "2 parts"} <= set(shown["facts"])
    assert [part["name"] for part in shown["parts"]] == ["Right hand · Piano", "Fingered bass"]


def test_every_bar_is_announced_and_the_takes_are_whole(actions, session):
    messages = run(actions, session.name)
    assert [message["kind"] for message in messages[:3]] == ["status", "begin", "bars"]
    assert re.fullmatch("bar [123] of 3", messages[2]["status"])
    assert [len(take.bars) for take in session.takes] == [3, 3]
    settled = actions.settle(session.name)
    assert settled["status"] == "3 bars written (seed 7)"
    assert settled["ended"] == session.run


def test_messages_carry_new_bars_and_never_the_whole_list(actions, session):
    settings = Settings(parts=EVERY_BAR, num_bars=24, num_candidates=1, seed="1")
    arrived = [m for m in run(actions, session.name, settings) if m["kind"] == "bars"]
    seen: set[int] = set()
    for message in arrived:
        seen |= {bar["bar"] for bar in message["bars"]}
    assert seen == set(range(max(seen) + 1))
    assert sum(len(message["bars"]) for message in arrived) <= 2 * 24
    assert len(actions.show(session.name)["takes"][0]) == 24


def test_the_whole_piece_is_longer_by_exactly_the_asked_bars(actions, session):
    run(actions, session.name)
    for take in session.takes:
        assert bar_grid(read_midi(take.data)).num_bars == 4 + 3


def test_cancel_keeps_the_bars_that_are_finished(actions, session):
    settings = Settings(parts=EVERY_BAR, num_bars=16, num_candidates=1, seed="2")
    actions.begin(session.name, settings)
    for message in actions.compose(session.name, settings):
        if message["kind"] == "bars":
            actions.cancel(session.name)
    kept = len(session.takes[0].bars)
    assert 1 <= kept < 16
    assert bar_grid(read_midi(session.takes[0].data)).num_bars == 4 + kept
    assert actions.settle(session.name)["status"] == f"Stopped: {kept} of 16 bars kept (seed 2)"


def test_a_run_goes_on_without_the_page_and_another_page_follows_it(actions, session):
    settings = Settings(parts=EVERY_BAR, num_bars=16, num_candidates=1, seed="2")
    actions.begin(session.name, settings)
    stream = actions.compose(session.name, settings)
    while not session.takes:
        next(stream)
    stream.close()
    again = actions.enter(session.name)
    assert again is session
    shown = actions.show(again.name)
    assert shown["composing"] == session.is_writing
    assert len(shown["takes"][0]) >= 1
    followed = list(actions.follow(again.name))
    assert session.job.wait(60)
    if followed:
        assert followed[0]["kind"] == "begin"
        bars = {bar["bar"] for message in followed[1:] for bar in message["bars"]}
        assert bars == set(range(16))
    assert actions.settle(again.name)["status"] == "16 bars written (seed 2)"
    assert list(actions.follow(again.name)) == []


def test_a_run_is_cancelled_from_another_page(actions, session):
    settings = Settings(parts=EVERY_BAR, num_bars=64, num_candidates=1, seed="2")
    actions.begin(session.name, settings)
    stream = actions.compose(session.name, settings)
    while not session.takes:
        next(stream)
    stream.close()
    actions.cancel(actions.enter(session.name).name)
    assert session.job.wait(60)
    assert 1 <= len(session.takes[0].bars) < 64
    assert not session.is_composing


def test_cancelling_before_the_turn_comes_writes_nothing(actions, session):
    actions.begin(session.name, SETTINGS)
    actions.cancel(session.name)
    assert all(message["kind"] == "status" for message in actions.compose(session.name, SETTINGS))
    assert actions.settle(session.name)["status"] == "Cancelled."


def test_two_visitors_compose_at_once_and_neither_stops_the_other(actions, session, tune):
    other = actions.enter("")
    file = actions.uploads / "other.mid"
    file.write_bytes(tune)
    actions.open_upload(other.name, str(file))
    long = Settings(parts=EVERY_BAR, num_bars=64, num_candidates=2, seed="7")
    actions.begin(session.name, long)
    actions.begin(other.name, SETTINGS)
    mine, theirs = (
        actions.compose(one.name, asked) for one, asked in ((session, long), (other, SETTINGS))
    )
    for _ in range(3):
        next(mine)
    next(theirs)
    actions.cancel(session.name)
    list(mine)
    list(theirs)
    assert len(session.takes[0].bars) < 64
    assert [len(take.bars) for take in other.takes] == [3, 3]


def test_keeping_a_take_makes_it_the_piece_and_undo_goes_back(actions, session):
    run(actions, session.name)
    actions.pick(session.name, 1)
    expected = session.takes[1].data
    kept = actions.keep(session.name)
    assert session.piece.data == expected
    assert len(kept["bars"]) == 4 + 3 + 1
    assert kept["takes"] == []
    undone = actions.undo(session.name)
    assert len(undone["bars"]) == 4 + 1
    assert (len(undone["takes"]), undone["selected"]) == (2, 1)
    assert actions.redo(session.name)["bars"] == kept["bars"]
    with pytest.raises(MeloFormerError, match="nothing to do again"):
        actions.redo(session.name)
    for _ in range(2):
        undone = actions.undo(session.name)
    assert undone["takes"] == []
    with pytest.raises(MeloFormerError, match="nothing to undo"):
        actions.undo(session.name)


def test_continue_pressed_again_keeps_the_versions_before(actions, session):
    run(actions, session.name)
    before = actions.show(session.name)["takes"]
    run(actions, session.name, Settings(parts=EVERY_BAR, num_bars=2, num_candidates=1, seed="9"))
    assert len(session.takes) == 1
    assert actions.undo(session.name)["takes"] == before
    assert len(actions.redo(session.name)["takes"]) == 1


def test_a_run_that_writes_nothing_brings_back_what_was_shown(actions, session):
    run(actions, session.name)
    before = actions.show(session.name)["takes"]
    actions.begin(session.name, SETTINGS)
    actions.cancel(session.name)
    list(actions.compose(session.name, SETTINGS))
    shown = actions.settle(session.name)
    assert (shown["status"], shown["takes"]) == ("Cancelled.", before)


def test_the_seam_may_stand_inside_the_piece(actions, session):
    shown = actions.set_seam(session.name, 2)
    assert shown["seam"] == 6.0
    run(actions, session.name)
    assert bar_grid(read_midi(session.takes[0].data)).num_bars == 2 + 3


def test_reading_ahead_is_done_once(actions, session):
    actions.prepare(session.name)
    prompt = session.prompt
    actions.prepare(session.name)
    assert session.prompt is prompt
    actions.set_seam(session.name, 2)
    assert session.prompt is None


def test_audio_comes_for_the_selected_take_first_and_once(actions, app_state, session):
    list(actions.play(session.name))
    run(actions, session.name)
    actions.pick(session.name, 1)
    messages = list(actions.play(session.name))
    assert [[sound["take"] for sound in m["sounds"]] for m in messages] == [[-1, 1], [-1, 0, 1]]
    assert list(actions.play(session.name))
    assert len(app_state.synth.played) == 3


def test_without_a_synthesizer_everything_else_works(actions, app_state, session):
    app_state.synth = None
    run(actions, session.name)
    assert list(actions.play(session.name)) == []
    assert session.takes[0].data


def test_a_picture_named_mid_is_refused_with_a_sentence(actions, session):
    file = actions.uploads / "cat.mid"
    file.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(500))
    with pytest.raises(MidiError):
        actions.open_upload(session.name, str(file))
    assert session.piece.name == "tune"


@pytest.mark.parametrize("path", ["/etc/passwd", "../../etc/passwd", ""])
def test_only_uploads_are_read(actions, session, path):
    with pytest.raises(MidiError, match="did not arrive"):
        actions.open_upload(session.name, path)


@pytest.mark.parametrize("known", [None, "", "f" * 32, 7, {"session": 1}])
def test_nobody_gets_a_session_by_guessing(actions, session, known):
    assert actions.enter(known) is not session


def test_a_session_that_was_cleared_is_explained(actions):
    with pytest.raises(MeloFormerError, match="put away"):
        actions.show("f" * 32)


def test_continuing_nothing_is_explained(actions):
    with pytest.raises(MeloFormerError, match="no music"):
        actions.begin(actions.enter("").name, SETTINGS)
