"""A session is read from the library as it was, whatever was done in it."""

import shutil
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meloformer.app.compose.actions import Actions
from meloformer.app.compose.edit_actions import EditActions
from meloformer.app.compose.library_actions import LibraryActions
from meloformer.app.compose.run_words import run_words
from meloformer.app.compose.settings import REWRITE, Settings
from meloformer.app.library.library import PieceLibrary
from meloformer.app.library.runs import mark_dead_runs
from meloformer.app.session_store import SessionStore
from meloformer.app.state import AppState
from meloformer.errors import LibraryError, MeloFormerError

PARTS = {"rows": [{"number": 0, "presence": "always"}, {"number": 33 * 8, "presence": "free"}]}
SETTINGS = Settings(parts=PARTS, num_bars=2, num_candidates=2, seed="7")
AGAIN = replace(SETTINGS, task=REWRITE, bars_again="2-3", num_candidates=1)
SEEN = ("name", "facts", "parts", "notes", "bars", "seam", "gap", "planned", "selected", "takes")


class Desk:
    """An app on a library in a folder, which can be started again."""

    def __init__(self, folder, model, card):
        self.folder = folder
        self.parts = (model, card)
        self.start()

    def start(self):
        self.library = PieceLibrary(self.folder / "library")
        mark_dead_runs(self.library)
        sessions = SessionStore(self.folder / "files", self.library)
        self.state = AppState(*self.parts, None, "", sessions)
        (self.folder / "files").mkdir(exist_ok=True)
        self.actions = Actions(self.state, self.folder / "files")
        self.own = LibraryActions(self.actions)

    def restart(self):
        self.library.close()
        self.start()

    def open(self, tune, name="tune"):
        """Open a piece in a new session, and return its name."""
        session = self.actions.enter("")
        file = self.folder / "files" / f"{name}.mid"
        file.write_bytes(tune)
        self.actions.open_upload(session.name, str(file))
        return session.name

    def write(self, name, asked=SETTINGS):
        self.actions.begin(name, asked)
        return list(self.actions.compose(name, asked))

    def seen(self, name):
        shown = self.actions.show(name)
        return {key: shown[key] for key in SEEN if key in shown}, self.own.tree(name)["rows"]


@pytest.fixture
def desk(tmp_path, model, card):
    return Desk(tmp_path, model, card)


@pytest.fixture
def name(desk, tune):
    return desk.open(tune)


def ids(desk, name):
    return sorted(row["id"] for row in desk.own.tree(name)["rows"] if row.get("id"))


def test_a_page_shows_the_same_when_the_app_is_started_again(desk, name):
    desk.write(name)
    desk.actions.pick(name, 1)
    desk.own.keep_settings(name, SETTINGS)
    desk.own.keep_page(name, "mixer", {"muted": [0]})
    before, data = desk.seen(name), [take.data for take in desk.actions.session(name).takes]
    desk.restart()
    session = desk.actions.enter(name)
    assert session.name == name
    assert desk.seen(name) == before
    assert [take.data for take in session.takes] == data
    assert desk.own.kept_settings(session) == SETTINGS
    assert desk.own.kept_page(session)["mixer"] == {"muted": [0]}
    assert run_words(session) == "2 bars written (seed 7)"
    desk.actions.keep(name)
    desk.write(name)
    desk.restart()
    assert len(desk.actions.session(name).piece.score.tracks) == 2
    assert desk.actions.session(name).piece.num_bars == 4 + 2
    for _ in range(3):
        desk.actions.undo(name)
    assert desk.seen(name)[0]["takes"] == []


def test_a_run_that_died_with_the_app_has_its_bars_in_a_version_marked_so(desk, name):
    session = desk.actions.session(name)
    asked = replace(SETTINGS, num_bars=8, num_candidates=1)
    desk.state.begin(session)
    writing = desk.state.compose(session, asked.request(None))
    for _ in range(3):
        next(writing)
    shutil.copytree(desk.folder / "library", desk.folder / "after" / "library")
    desk.folder = desk.folder / "after"
    desk.start()
    assert [len(take) for take in desk.seen(name)[0]["takes"]] == [3]
    (_, row) = desk.own.tree(name)["rows"]
    assert "not finished: 3 of 8 bars" in row["facts"]
    desk.actions.keep(name)
    assert desk.actions.session(name).piece.num_bars == 4 + 3
    writing.close()


def edit(desk, name, _, by):
    """Raise the first note, so many semitones."""
    note = desk.actions.show(name)["notes"][:5]
    EditActions(desk.actions).edit(name, [[note, [*note[:3], note[3] + by + 1, note[4]]]])


def go_on_from_edited(desk, name, _, number):
    rows = [row for row in desk.own.tree(name)["rows"] if "revision" in row]
    desk.own.go_on_from_edited(name, rows[number % len(rows)]["revision"] if rows else 0)


STEPS = {
    "write": lambda desk, name, _, n: desk.write(name, replace(SETTINGS, num_bars=1, seed=str(n))),
    "again": lambda desk, name, _, n: desk.write(name, replace(AGAIN, seed=str(n))),
    "pick": lambda desk, name, _, n: desk.actions.pick(name, n),
    "keep": lambda desk, name, *_: desk.actions.keep(name),
    "undo": lambda desk, name, *_: desk.actions.undo(name),
    "undo again": lambda desk, name, *_: desk.actions.undo(name),
    "redo": lambda desk, name, *_: desk.actions.redo(name),
    "show": lambda desk, name, take, _: desk.own.show_take(name, take),
    "go": lambda desk, name, take, _: desk.own.go_on_from(name, take),
    "delete": lambda desk, name, take, _: desk.own.delete_take(name, take),
    "star": lambda desk, name, take, n: desk.own.star(name, take, is_starred=n > 2),
    "name": lambda desk, name, take, n: desk.own.rename(name, take, "n" * n),
    "seam": lambda desk, name, _, n: desk.actions.set_seam(name, n),
    "edit": edit,
    "go on from edited": go_on_from_edited,
}
"""What is done with a take and a number; it may be refused in a sentence."""


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(list(STEPS)), st.integers(0, 5)), max_size=8))
def test_any_sequence_of_steps_is_there_after_a_restart(desk, tune, steps):
    name = desk.open(tune)
    for step, number in steps:
        takes = [0, *ids(desk, name)]
        with suppress(MeloFormerError):
            STEPS[step](desk, name, takes[number % len(takes)], number)
    before = desk.seen(name)
    session = desk.actions.session(name)
    can = (session.can_undo, session.can_redo)
    desk.restart()
    assert desk.seen(name) == before
    session = desk.actions.session(name)
    assert (session.can_undo, session.can_redo) == can


def test_any_version_can_be_shown_and_continued_and_deleting_is_undone(desk, name):
    desk.write(name)
    desk.actions.keep(name)
    desk.write(name, replace(SETTINGS, seed="20"))
    first, second, third, fourth = ids(desk, name)
    rows = {row["id"]: row for row in desk.own.tree(name)["rows"]}
    assert [rows[one]["depth"] for one in (0, first, second, third, fourth)] == [0, 1, 1, 2, 2]
    assert rows[first]["present"]
    assert rows[third]["shown"]

    shown = desk.own.show_take(name, second)
    assert (shown["selected"], len(shown["takes"])) == (1, 2)
    shown = desk.own.delete_take(name, first)
    assert len(shown["takes"]) == 1
    assert first not in ids(desk, name)
    desk.actions.undo(name)
    assert first in ids(desk, name)
    assert len(desk.actions.redo(name)["takes"]) == 1

    desk.own.go_on_from(name, fourth)
    assert desk.actions.session(name).piece.num_bars == 4 + 2 + 2
    desk.own.go_on_from(name, 0)
    assert desk.actions.session(name).piece.num_bars == 4


def test_nobody_touches_the_versions_or_pieces_of_another(desk, tune):
    mine = desk.actions.enter("", "user:me").name
    file = desk.folder / "files" / "mine.mid"
    file.write_bytes(tune)
    desk.actions.open_upload(mine, str(file))
    desk.write(mine)
    other = desk.actions.enter("", "user:other").name
    assert desk.own.recent(other)["pieces"] == []
    (piece,) = desk.own.recent(mine)["pieces"]
    (take, _) = ids(desk, mine)
    for act in (desk.own.open_recent, desk.own.remove):
        with pytest.raises(LibraryError):
            act(other, piece["id"])
    desk.actions.open_upload(other, str(file))
    for act in (desk.own.show_take, desk.own.go_on_from, desk.own.delete_take):
        with pytest.raises(LibraryError):
            act(other, take)
    with pytest.raises(LibraryError):
        desk.own.rename(other, take, "x")
    assert desk.actions.enter(mine, "user:other").name != mine
    for wrong in (None, "1", -1, True, 2**70):
        with pytest.raises(LibraryError):
            desk.own.show_take(mine, wrong)


def test_a_recent_piece_is_opened_as_it_was_left_and_removed_for_good(desk, tune):
    name = desk.open(tune, "one")
    desk.write(name)
    before = desk.seen(name)
    file = desk.folder / "files" / "two.mid"
    file.write_bytes(tune)
    desk.actions.open_upload(name, str(file))
    two, one = desk.own.recent(name)["pieces"]
    assert (two["name"], one["name"], one["bars"], two["here"]) == ("two", "one", 4, True)
    desk.own.open_recent(name, one["id"])
    assert desk.seen(name) == before
    assert desk.own.remove(name, one["id"])["kind"] == "empty"
    assert [piece["name"] for piece in desk.own.recent(name)["pieces"]] == ["two"]
    desk.restart()
    assert desk.actions.session(name).piece is None


def test_a_page_that_opens_another_piece_leaves_other_pages_alone(desk, name):
    assert desk.actions.session_for_another(name) == name
    desk.actions.enter(name)
    other = desk.actions.session_for_another(name)
    assert other != name
    assert desk.actions.session(other).piece is None
    assert desk.actions.session(name).piece is not None


def test_a_form_that_is_not_understood_any_more_is_left(desk, name):
    session = desk.actions.session(name)
    assert desk.own.kept_settings(session) is None
    for wrong in (7, {}, {"task": "x"}):
        desk.own.keep_page(name, "settings", wrong)
        assert desk.own.kept_settings(session) is None
    desk.own.keep_settings(name, replace(SETTINGS, num_bars=9999))
    assert desk.own.kept_settings(session) is None
    typing = replace(AGAIN, chords="A?", bars_again="2-")
    desk.own.keep_settings(name, typing)
    assert desk.own.kept_settings(session) == typing
    assert desk.own.marked_bars(session, typing) is None
    assert desk.own.marked_bars(session, AGAIN) == (1, 3)
