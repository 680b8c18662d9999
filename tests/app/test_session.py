from meloformer.app import session_store
from meloformer.app.compose.facts import facts
from meloformer.app.session_store import SessionStore
from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest
from meloformer.midi.read import read_file
from meloformer.score import write_midi
from tests.midi.free_recording import played_freely


def test_the_longest_unused_session_is_cleared_with_its_files(tmp_path):
    sessions = SessionStore(tmp_path, max_sessions=2)
    first, second = sessions.open(), sessions.open()
    file = second.new_file("a.mid")
    file.write_bytes(b"x")
    sessions.find(first.name)
    sessions.open()
    assert sessions.find(first.name) is first
    assert sessions.find(second.name) is None
    assert second.stop.is_set()
    assert not file.exists()


def test_a_session_is_left_when_the_last_page_leaves(tmp_path):
    sessions = SessionStore(tmp_path)
    session = sessions.open()
    session.enter()
    sessions.leave(session.name)
    assert (session.left_s, session.share.is_shown) == (None, True)
    sessions.leave(session.name)
    assert session.left_s is not None
    assert not session.share.is_shown
    session.enter()
    assert (session.left_s, session.share.is_shown) == (None, True)
    sessions.leave("")


def test_file_names_cannot_be_guessed(tmp_path):
    session = SessionStore(tmp_path).open()
    one, other = session.new_file("tune.mid"), session.new_file("tune.mid")
    assert one != other
    assert one.name == "tune.mid"
    assert len(one.parent.name) == len(session.name) == 32


def test_prompts_are_held_as_far_as_there_is_room(app_state, tune):
    sessions = [app_state.sessions.open() for _ in range(2)]
    for session in sessions:
        session.place(Piece.read("tune", tune))
        app_state.prepare(session)
        app_state.sessions.memory.max_bytes = session.prompt.num_bytes
    assert [session.prompt is None for session in sessions] == [True, False]


def test_rests_at_the_end_count_as_bars(tune):
    piece = Piece("tune", read_file(tune, end_tick=1440 * 6))
    assert piece.grid.num_bars == piece.encoding.num_bars == 6


def test_a_piece_played_without_a_click_is_put_on_its_beats() -> None:
    data = write_midi(played_freely())
    piece = Piece.read("free", data)
    assert piece.beats_followed
    assert piece.data != data
    assert len(piece.score.tempos) > 1
    assert "played without a click, beats followed" in facts(piece)


def test_a_run_that_no_page_shows_is_stopped_unless_one_comes_back(app_state, tune):
    sessions = app_state.sessions
    sessions._patience_s = 0.05
    left, back = sessions.open(), sessions.open()
    for session in (left, back):
        session.place(Piece.read("tune", tune))
        app_state.begin(session)
        app_state.start(session, ContinueRequest(num_bars=64))
        next(session.job.follow())
        sessions.leave(session.name)
    back.enter()
    assert left.job.wait(120)
    assert 0 < left.job.num_finished < 64
    assert not back.stop.wait(0.2)
    back.stop.set()
    assert back.job.wait(120)


def test_a_run_that_no_page_shows_is_stopped_sooner_where_others_wait(tmp_path, monkeypatch):
    monkeypatch.setattr(session_store, "CROWDED_PATIENCE_S", 0.02)
    sessions = SessionStore(tmp_path)
    session = sessions.open()
    monkeypatch.setattr(type(session), "is_writing", property(lambda one: True))
    sessions.leave(session.name)
    assert not session.stop.wait(0.2)
    sessions.is_crowded = lambda: True
    assert session.stop.wait(20)


def test_files_of_a_session_go_to_the_browsers_that_have_shown_it(tmp_path):
    sessions = SessionStore(tmp_path)
    mine, other = sessions.open(), sessions.open()
    mine.browsers.add("me")
    assert mine.name not in mine.folder.name
    assert sessions.may_fetch(mine.folder.name, "me")
    assert not sessions.may_fetch(mine.folder.name, "other")
    assert not sessions.may_fetch(mine.folder.name, "")
    assert not sessions.may_fetch(other.folder.name, "me")
    assert sessions.may_fetch("an-upload", "")


def test_who_is_writing_is_never_put_away(tmp_path, monkeypatch):
    sessions = SessionStore(tmp_path, max_sessions=1)
    busy = sessions.open()
    monkeypatch.setattr(type(busy), "is_writing", property(lambda one: one is busy))
    for _ in range(3):
        sessions.open()
    assert sessions.find(busy.name) is busy
    assert len(sessions) == 2
