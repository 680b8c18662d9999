"""What goes first where there is no room."""

from meloformer.app.compose.edit_actions import EditActions
from meloformer.app.library.size import make_room, size_of
from tests.app.compose.test_actions import run
from tests.app.compose.test_edit_actions import higher, shown_notes


def revisions(library):
    return [row["id"] for row in library.rows("SELECT id FROM revision ORDER BY id")]


def transpose(actions, session, by):
    """Edit all notes, and return the revision that came of it."""
    notes = shown_notes(actions.show(session.name))
    EditActions(actions).edit(session.name, [higher(note, by) for note in notes])
    return session.work.present.revision


def test_edits_that_were_undone_and_left_go_before_any_version_does(actions, session):
    library = actions.app_state.sessions.filing.library
    first = session.work.present.revision
    lost = transpose(actions, session, 1)
    actions.undo(session.name)
    written_from = transpose(actions, session, 2)
    run(actions, session.name)
    actions.undo(session.name)
    actions.undo(session.name)
    reached = transpose(actions, session, 3)
    undone = transpose(actions, session, 4)
    actions.undo(session.name)
    assert revisions(library) == [first, lost, written_from, reached, undone]

    size = size_of(library, session.owner)
    assert make_room(library, session.owner, size) == 0
    assert lost in revisions(library)
    assert make_room(library, session.owner, size - 1) == 0
    assert revisions(library) == [first, written_from, reached, undone]
    assert size_of(library, session.owner) < size

    make_room(library, session.owner, 0)
    assert revisions(library) == [first, written_from, reached, undone]
    assert actions.redo(session.name)["kind"] == "piece"
    assert session.work.present.revision == undone
