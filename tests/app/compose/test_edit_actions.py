import pytest

from meloformer.app.compose.edit_actions import EditActions
from meloformer.app.compose.library_actions import LibraryActions
from meloformer.app.compose.note_edits import MAX_EDITS, read_note_edits
from meloformer.errors import LibraryError, MidiError
from meloformer.midi.edit import edit_notes
from tests.app.compose.test_actions import run


def shown_notes(message):
    flat = message["notes"]
    return [flat[at : at + 5] for at in range(0, len(flat), 5)]


def higher(note, by=1):
    return [note, [*note[:3], note[3] + by, note[4]]]


def test_an_edit_is_a_revision_and_the_upload_stays(actions, session):
    before = actions.show(session.name)
    upload = session.upload
    notes = shown_notes(before)
    message = EditActions(actions).edit(session.name, [higher(note) for note in notes], number=4)
    assert message["edited"] == 4
    assert message["status"] == f"{len(notes)} notes changed."
    assert [note[3] for note in shown_notes(message)] == [note[3] + 1 for note in notes]
    assert len(message["bars"]) == len(before["bars"])
    assert session.upload == upload
    assert session.prompt is None
    assert actions.undo(session.name)["notes"] == before["notes"]
    assert actions.redo(session.name)["notes"] == message["notes"]


def test_an_edited_piece_is_there_in_another_session_of_the_owner(actions, session):
    note = shown_notes(actions.show(session.name))[0]
    message = EditActions(actions).edit(session.name, [[note, None]])
    other = actions.app_state.sessions.open(session.owner)
    again = LibraryActions(actions).open_recent(other.name, session.work.piece)
    assert again["notes"] == message["notes"]


def test_an_edited_piece_is_continued_and_the_list_says_that_it_is_edited(actions, session):
    note = shown_notes(actions.show(session.name))[0]
    EditActions(actions).edit(session.name, [higher(note, 2)])
    run(actions, session.name)
    opened, edited, *versions = LibraryActions(actions).tree(session.name)["rows"]
    assert (opened["name"], opened["present"]) == ("As you opened it", False)
    assert (edited["name"], edited["present"]) == ("Your piece, edited", True)
    assert [row["depth"] for row in (opened, edited, *versions)] == [0, 0, 1, 1]
    assert note[3] + 2 in session.takes[0].file.notes.pitch.tolist()


def test_a_version_that_is_edited_is_kept_with_that_in_one_step(actions, session):
    run(actions, session.name)
    with_takes = actions.show(session.name)
    note = with_takes["takes"][1][0]["notes"][:5]
    note[1] += with_takes["seam"]
    edits = EditActions(actions)
    message = edits.edit(session.name, [[note, None]], take=1)
    assert message["takes"] == []
    assert "You go on from this version" in message["status"]
    tree = LibraryActions(actions).tree(session.name)["rows"]
    assert [row["present"] for row in tree] == [False, False, False, True]
    assert [row["name"] for row in tree[2:]] == ["Version 2", "Version 2, edited"]
    assert [row["depth"] for row in tree] == [0, 1, 1, 1]
    assert len(actions.undo(session.name)["takes"]) == 2
    assert len(actions.redo(session.name)["notes"]) == len(message["notes"])


def test_what_was_edited_can_be_gone_on_from_again(actions, session):
    own, edits = LibraryActions(actions), EditActions(actions)
    first = shown_notes(actions.show(session.name))[0]
    edited = edits.edit(session.name, [higher(first)])
    run(actions, session.name)
    own.go_on_from(session.name, 0)
    again = edits.edit(session.name, [higher(first, 2)])
    rows = own.tree(session.name)["rows"]
    assert [row["name"] for row in rows].count("Your piece, edited") == 2
    one, two = (row["revision"] for row in rows if "revision" in row)
    assert own.go_on_from_edited(session.name, one)["notes"] == edited["notes"]
    assert own.go_on_from_edited(session.name, two)["notes"] == again["notes"]
    assert own.tree(session.name)["rows"][-1]["present"]


def test_an_edit_that_was_undone_and_left_is_no_row(actions, session):
    own, edits = LibraryActions(actions), EditActions(actions)
    first = shown_notes(actions.show(session.name))[0]
    for by in (1, 2, 3):
        edits.edit(session.name, [higher(first, by)])
        if by < 3:
            actions.undo(session.name)
    rows = own.tree(session.name)["rows"]
    assert [row["name"] for row in rows] == ["As you opened it", "Your piece, edited"]


def test_only_what_was_edited_of_this_piece_is_gone_on_from(actions, session):
    own = LibraryActions(actions)
    for wrong in (session.work.present.revision, 10**6, None, "1"):
        with pytest.raises(LibraryError):
            own.go_on_from_edited(session.name, wrong)


def test_bars_that_are_emptied_stay(actions, session):
    shown = actions.show(session.name)
    last = shown["bars"][-2]
    behind = [[note, None] for note in shown_notes(shown) if note[1] >= last]
    message = EditActions(actions).edit(session.name, behind)
    assert len(message["bars"]) == len(shown["bars"])


NOTE = [0, 0, 1, 60, 80]
WRONG = {
    "no list": "all",
    "no pair": [[NOTE]],
    "nothing": [[None, None]],
    "too few numbers": [[None, [0, 0, 1, 60]]],
    "words": [[None, [0, "0", 1, 60, 80]]],
    "infinity": [[None, [0, float("inf"), 1, 60, 80]]],
    "not a number": [[None, [0, float("nan"), 1, 60, 80]]],
    "a pitch too high": [[None, [0, 0, 1, 128, 80]]],
    "no velocity": [[None, [0, 0, 1, 60, 0]]],
    "before the piece": [[None, [0, -1, 1, 60, 80]]],
    "far behind the piece": [[None, [0, 900, 1, 60, 80]]],
    "no such part": [[None, [5000, 0, 1, 60, 80]]],
    "a part without notes": [[None, [800, 0, 1, 60, 80]]],
    "a note that is not there": [[[0, 0.4, 1, 3, 80], None]],
    "too many": [[None, NOTE]] * (MAX_EDITS + 1),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_can_not_be_done_is_said_and_nothing_is_changed(actions, session, what):
    file = session.piece.file
    with pytest.raises(MidiError):
        edit_notes(file, read_note_edits(file, WRONG[what]))
    before = actions.show(session.name)
    message = EditActions(actions).edit(session.name, WRONG[what], number=1)
    assert message["notes"] == before["notes"]
    assert message["status"].endswith(".")
    assert not session.can_undo


def test_one_note_stays(actions, session):
    notes = shown_notes(actions.show(session.name))
    message = EditActions(actions).edit(session.name, [[note, None] for note in notes])
    assert message["status"] == "No note would be left. Keep at least one."
