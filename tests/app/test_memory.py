from meloformer.app import session_store
from meloformer.app.memory import MemoryBudget, give_back, limit_arenas
from meloformer.engine.request import ContinueRequest


def test_what_was_used_least_lately_goes_first():
    budget, dropped = MemoryBudget(100), []

    def keep(name: str, size: int, *, can_go: bool = True) -> None:
        def drop() -> bool:
            dropped.append(name)
            return can_go

        budget.keep(name, size, drop)

    keep("a", 40)
    keep("b", 40)
    keep("a", 50)
    keep("c", 40)
    assert (dropped, budget.num_bytes) == (["b"], 90)
    keep("a", 10)
    keep("in use", 60, can_go=False)
    assert dropped == ["b", "c"]
    keep("d", 60)
    assert dropped == ["b", "c", "a", "in use"]
    budget.forget("in use")
    assert budget.num_bytes == 60
    keep("too large alone", 1_000)
    assert dropped[-1] == "d"
    assert budget.num_bytes == 1_000


def test_freed_memory_can_be_given_back_on_any_system(monkeypatch):
    limit_arenas()
    give_back()
    monkeypatch.setattr("sys.platform", "darwin")
    limit_arenas()
    give_back()


def written(app_state, session, request):
    app_state.begin(session)
    assert app_state.start(session, request).wait(60)
    return [take.data for take in session.takes]


def test_the_music_is_the_same_with_everything_let_go_of_in_between(
    app_state, actions, session, monkeypatch
):
    monkeypatch.setattr(session_store, "UNUSED_S", -1.0)
    request, name = ContinueRequest(num_bars=2, num_candidates=2, seed=3), session.name
    app_state.prepare(session)
    plain = written(app_state, session, request)
    actions.pick(name, 1)
    link = app_state.sound_of(session, 1).wav
    picture = actions.show(name)

    app_state.sessions.memory.max_bytes = 0
    app_state.sessions.tidy()
    app_state.sessions.open()
    app_state.sessions.tidy()
    assert session.is_resting
    assert session.prompt is session.piece is None
    assert app_state.sessions.memory.num_bytes == 0

    assert actions.show(name) == picture
    assert [take.data for take in session.takes] == plain
    assert app_state.sound_of(session, 1).wav == link
    assert written(app_state, session, request) == plain
    actions.undo(name)
    assert [take.data for take in session.takes] == plain


def test_music_that_is_looked_at_or_written_stays(app_state, session):
    app_state.sessions.memory.max_bytes = 0
    app_state.sessions.open()
    app_state.sessions.tidy()
    assert not session.is_resting
    assert session.piece is not None


def test_what_a_visitor_left_goes_and_is_found_again(app_state, actions, session, monkeypatch):
    file = session.new_file("a.wav")
    file.write_bytes(b"x")
    sessions, name = app_state.sessions, session.name
    sessions.leave(name)
    sessions.tidy()
    assert sessions.find(name) is session  # a page that is loaded again
    monkeypatch.setattr(session_store, "LEFT_S", -1.0)
    session.enter()
    sessions.tidy()
    assert file.exists()
    sessions.leave(name)
    sessions.tidy()
    assert (len(sessions), file.exists()) == (0, False)
    assert sessions.find(name).piece.data == session.piece.data
