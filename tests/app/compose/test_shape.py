import dataclasses
import re

import pytest

from meloformer.app.compose.library_actions import LibraryActions
from meloformer.app.compose.parts import picker_rows, rewrite_rows, without_shapes
from meloformer.app.compose.restored import restored
from meloformer.app.compose.settings import KEPT, REWRITE, Settings
from meloformer.app.compose.shape_actions import ShapeActions
from meloformer.app.locked_notes import MAX_SHOWN_LOCKS, read_locks
from meloformer.engine.handles import Density, Keep, NotesAtOnce, PitchRange
from meloformer.engine.piece import Piece
from meloformer.errors import ConfigError
from meloformer.score.chords import ROOTS
from meloformer.score.part import Part
from meloformer.score.scales import MODES, Scale
from tests.app.compose.test_edit_actions import shown_notes
from tests.app.compose.test_restored import open_with  # noqa: F401
from ui.components import STATIC

PIANO, BASS = Part(0), Part(33)
HALF = {"density": 0.5, "lowest": 28, "highest": None, "most": 1}
AGAIN = Settings(task=REWRITE, bars_again="2-3", num_candidates=1)


def rows(*pairs, **shapes):
    own = [{"number": part.number, "presence": presence} for part, presence in pairs]
    own[-1] |= shapes
    return {"rows": own}


@pytest.fixture
def shapes(actions):
    return ShapeActions(LibraryActions(actions))


def test_what_the_form_holds_becomes_handles_of_the_parts_that_play(actions, session):
    asked = Settings(
        shape={"tonic": 2, "mode": "dorian", "softest": 40, "grid": "eighths"},
        parts=rows((PIANO, "free"), (BASS, "always"), shape=HALF),
    )
    handles = actions.request(session, asked).handles
    assert handles.scale == Scale(2, "dorian")
    assert (handles.velocity.softest, handles.velocity.loudest) == (40, 127)
    assert handles.densities == (Density(BASS, 0.5),)
    assert handles.ranges == (PitchRange(BASS, 28, 127),)
    assert handles.at_once == (NotesAtOnce(BASS, 1),)
    silent = dataclasses.replace(asked, parts=rows((PIANO, "free"), (BASS, "silent"), shape=HALF))
    assert actions.request(session, silent).handles.densities == ()
    key = actions.request(session, Settings(shape={"tonic": "key"})).handles
    assert key.scale is not None
    assert not actions.request(session, Settings(own_repetition=False)).handles


@pytest.mark.parametrize(
    "shape",
    [7, {"tonic": 2, "mode": []}, {"tonic": "C"}, {"softest": "4"}, {"grid": 3}, {"grid": "swung"}],
)
def test_a_shape_that_is_none_gets_a_sentence(actions, session, shape):
    with pytest.raises(ConfigError, match="shape could not be read"):
        actions.request(session, Settings(shape=shape))


def test_lines_of_bars_that_are_written_again_stay(actions, session):
    def asked(stays, **parts):
        return actions.request(session, dataclasses.replace(AGAIN, stays=stays, **parts))

    assert asked("rhythm").handles.keep is Keep.RHYTHM
    # Of one note at a time, so the whole part stays.
    melody = asked("melody")
    assert [one.part for one in melody.parts] == [BASS]
    assert not melody.handles
    with pytest.raises(ConfigError, match="All that would be written again is locked"):
        asked("melody, bass")
    kept = rows((PIANO, KEPT), (BASS, "free"))
    assert [one.part for one in asked("melody", parts=kept).parts] == [BASS]
    with pytest.raises(ConfigError, match="could not be read"):
        asked("everything")
    silent = rows((PIANO, "silent"), (BASS, "free"))
    with pytest.raises(ConfigError, match="Piano is to be silent, and what it plays is locked"):
        asked("melody", parts=silent)


def test_locked_notes_are_kept_and_a_part_of_which_all_are_locked_stays_whole(
    actions, session, shapes
):
    notes = shown_notes(actions.show(session.name))
    piano = [[int(n[0]), n[1], int(n[3])] for n in notes if n[0] == PIANO.number]
    bass = [[int(n[0]), n[1], int(n[3])] for n in notes if n[0] == BASS.number]
    message, is_other = shapes.lock(session.name, [*piano[3:5], piano[11], *bass])
    assert (message, is_other) == ({"kind": "status"}, False)
    request = actions.request(session, AGAIN)
    assert [one.part for one in request.parts] == [PIANO]
    places = [(one.bar, one.onset, one.pitch) for one in request.handles.notes]
    assert places == [(0, 0, piano[3][2]), (0, 12, piano[4][2])]
    actions.begin(session.name, AGAIN)
    list(actions.compose(session.name, AGAIN))
    again = Piece("again", session.takes[0].file)
    kept = {tuple(n) for n in again.score.tracks[0].notes.tolist()}
    before = session.piece.score.tracks[0].notes.tolist()
    assert {tuple(n) for n in before[3:5]} <= kept
    assert again.score.tracks[1] == session.piece.score.tracks[1]
    assert not actions.request(session, Settings(own_repetition=False)).handles


def test_locking_notes_of_a_version_goes_on_from_it(actions, session, shapes):
    always = rows((PIANO, "always"), (BASS, "always"))
    asked = dataclasses.replace(AGAIN, parts=always, seed="5")
    actions.begin(session.name, asked)
    list(actions.compose(session.name, asked))
    shown = actions.show(session.name)
    old = {(n[0], n[1], n[3]) for n in shown_notes(shown)}
    made = [note for bar in shown["takes"][0] for note in shown_notes(bar)]
    new = [[n[0], n[1] + shown["seam"], n[3]] for n in made]
    (lock, *_) = [one for one in new if tuple(one) not in old]
    given = list(min(old))
    assert not shapes.lock(session.name, [given], take=0)[1]
    message, is_other = shapes.lock(session.name, [given, lock], take=0)
    assert is_other
    assert message["takes"] == []
    assert message["status"] == "2 notes locked. You go on from this version now."


def test_locks_are_kept_with_the_piece_and_what_is_none_is_refused(actions, session, shapes):
    shapes.lock(session.name, [[0, 1.5, 60]])
    kept = LibraryActions(actions).kept_page(session)
    session.locked = ()
    shapes.restore(session, kept)
    assert session.locked == read_locks([[0, 1.5, 60]])
    shapes.restore(session, {"locks": "none"})
    assert session.locked == ()
    for wrong in (7, [[0, 1.5]], [[0, float("nan"), 60]], [[5000, 0, 60]], [["0", 0, 60]]):
        with pytest.raises(ConfigError, match="could not be read"):
            read_locks(wrong)
    with pytest.raises(ConfigError, match="At most"):
        read_locks([[0, 1.5, 60]] * (MAX_SHOWN_LOCKS + 1))


def test_a_line_says_what_is_held_and_a_sentence_what_contradicts(actions, session, shapes):
    name = session.name
    assert shapes.held(name, Settings()).said == ""
    asked = Settings(
        shape={"tonic": 2, "mode": "dorian", "softest": 40, "loudest": 90},
        parts=rows((PIANO, "free"), (BASS, "always"), shape=HALF),
    )
    held = shapes.held(name, asked)
    assert held.problem is None
    assert held.said == (
        "D dorian · velocity 40–90 · Fingered bass half as busy, from E1 up, 1 note at once"
    )
    wrong = shapes.held(name, dataclasses.replace(asked, chords="Am Ab"))
    assert "The scale and the chords contradict each other: Ab" in str(wrong.problem)
    with pytest.raises(ConfigError, match="contradict each other"):
        actions.begin(name, dataclasses.replace(asked, chords="Am Ab"))
    assert not session.is_writing
    unfinished = dataclasses.replace(asked, task=REWRITE, bars_again="")
    assert shapes.held(name, unfinished).problem is None
    again = dataclasses.replace(AGAIN, stays="rhythm", shape={"grid": "swing"})
    assert shapes.held(name, again).said == "in swing · same rhythm, new notes"


def test_shapes_of_parts_outlive_the_task_and_the_rows_and_can_be_taken_away(session):
    picked = picker_rows(session) | {"rewrites": False}
    picked["rows"][1]["shape"] = HALF
    again = rewrite_rows(session, (0, 2), picked)
    assert again["rows"][1]["shape"] == HALF
    assert picker_rows(session, again)["rows"][1]["shape"] == HALF
    assert "shape" not in without_shapes(again)["rows"][1]
    assert without_shapes(None) is None


def test_what_was_held_comes_back_with_the_file(actions, session, shapes, open_with):  # noqa: F811
    notes = shown_notes(actions.show(session.name))
    first = [int(notes[3][0]), notes[3][1], int(notes[3][3])]
    picked = rewrite_rows(session, (1, 3), None)
    picked["rows"][0]["shape"] = {"density": 1.5}
    asked = dataclasses.replace(
        AGAIN, shape={"softest": 10, "loudest": 120}, parts=picked, chords="C F"
    )
    locked = [n for n in notes if n[0] == first[0] and 3 <= n[1] < 9][:2]
    shapes.lock(session.name, [[int(n[0]), n[1], int(n[3])] for n in locked])
    actions.begin(session.name, asked)
    list(actions.compose(session.name, asked))
    brought, message = open_with(None, session.takes[0].data)
    found = restored(actions.app_state, brought)
    assert message["status"] == found.sentence
    assert re.match("The settings of this file are back", found.sentence)
    brought.locked = found.locked
    again = dataclasses.replace(asked, parts=found.parts, **found.values)
    want = actions.request(session, dataclasses.replace(asked, seed="1"))
    assert actions.request(brought, dataclasses.replace(again, seed="1")) == want


def test_the_page_offers_every_root_and_mode():
    template = (STATIC / "compose" / "shape" / "template.html").read_text()
    values = re.findall('<option value="([^"]*)"', template)
    assert [one for one in values if one.isdigit()] == [str(one) for one in range(len(ROOTS))]
    assert [one for one in values if one in MODES] == list(MODES)
