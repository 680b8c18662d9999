"""Whatever is done to a library, it is the same when it is opened again."""

import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meloformer.app.library import content
from meloformer.app.library.history import History, WorkState, read_history
from meloformer.app.library.library import NAME, PieceLibrary
from meloformer.app.library.pieces import (
    MAX_PAGE_BYTES,
    add_piece,
    find_piece,
    history_of,
    page_of,
    recent_pieces,
    remove_piece,
    save_history,
    save_page,
)
from meloformer.app.library.runs import (
    RunOutcome,
    add_bar,
    begin_run,
    end_run,
    mark_dead_runs,
    take_ids,
)
from meloformer.app.library.schema import MIGRATIONS
from meloformer.app.library.size import make_room, size_of
from meloformer.app.library.takes import list_takes, name_take, star_take
from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest
from meloformer.errors import LibraryError
from meloformer.midi.retime import GridChoice
from tests.app.library.files_bars import AUTHOR, EXAMPLE, some_bar

DATA = EXAMPLE.read_bytes()
PIECE = Piece.read("melody", DATA)
TABLES = ("content", "piece", "revision", "run", "take", "bar", "session", "migration")


def opened(library: PieceLibrary, owner: str = "") -> tuple[int, int]:
    return add_piece(library, owner, DATA, PIECE, GridChoice.AUTO)


def written(library: PieceLibrary, revision: int, bars: int = 2) -> int:
    run = begin_run(library, revision, ContinueRequest(), AUTHOR)
    for number in range(1, bars + 1):
        add_bar(library, run, some_bar(0, number))
    return run


def all_rows(library: PieceLibrary) -> dict[str, list[tuple[object, ...]]]:
    return {table: sorted(map(tuple, library.rows(f"SELECT * FROM {table}"))) for table in TABLES}


def push(library: PieceLibrary, piece: int, takes: list[int]) -> None:
    history = history_of(library, piece)
    state = WorkState(history.present.revision, deleted=tuple(takes))
    save_history(library, piece, history.pushed(state))


PIECE_STEPS = {
    "run": lambda library, piece, n: written(
        library, history_of(library, piece).present.revision, n % 3
    ),
    "move": lambda library, piece, n: save_history(
        library, piece, history_of(library, piece).moved(n - 4)
    ),
    "delete": lambda library, piece, n: push(
        library, piece, [take.id for take in list_takes(library, piece)][: n % 3]
    ),
    "page": lambda library, piece, n: save_page(library, piece, "mixer", {"volume": n}),
    "remove": lambda library, piece, n: remove_piece(library, piece, ""),
    "room": lambda library, piece, n: make_room(library, "", 1000 * n),
}
TAKE_STEPS = {
    "star": lambda library, take, n: star_take(library, take.id, is_starred=n > 3),
    "name": lambda library, take, n: name_take(library, take.id, "x" * n),
    "bar": lambda library, take, n: add_bar(library, take.run, some_bar(n % 3, n + 1)),
    "end": lambda library, take, n: end_run(library, take.run, list(RunOutcome)[n % 4]),
}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["open", "run", *PIECE_STEPS, *TAKE_STEPS]),
        st.integers(0, 7),
        st.integers(0, 7),
    ),
    max_size=30,
)


def take_step(library: PieceLibrary, step: str, which: int, number: int) -> None:
    """Do something with one of the pieces, or takes, if there are any."""
    if step == "open":
        opened(library)
    pieces = [piece.id for piece in recent_pieces(library, "", 100)]
    takes = [take for piece in pieces for take in list_takes(library, piece)]
    if step in PIECE_STEPS and pieces:
        PIECE_STEPS[step](library, pieces[which % len(pieces)], number)
    elif step in TAKE_STEPS and takes:
        TAKE_STEPS[step](library, takes[which % len(takes)], number)


@settings(max_examples=25)
@given(STEPS)
def test_any_sequence_of_steps_is_there_when_the_library_is_opened_again(steps):
    with tempfile.TemporaryDirectory() as place:
        library = PieceLibrary(Path(place))
        for step, which, number in steps:
            take_step(library, step, which, number)
        before = all_rows(library)
        library.close()
        library = PieceLibrary(Path(place))
        assert all_rows(library) == before
        assert library.rows("PRAGMA foreign_key_check") == []
        for row in library.rows("SELECT id FROM piece"):
            history_of(library, row["id"])
            list_takes(library, row["id"])
        library.close()


@given(st.lists(st.integers(1, 9), max_size=20), st.integers(0, 30))
def test_undoing_and_redoing_comes_back_to_the_same_state(revisions, steps):
    history = History((WorkState(1),))
    for revision in revisions:
        history = history.pushed(WorkState(revision))
    back = history.moved(-steps)
    assert back.moved(history.at - back.at) == history
    read = read_history(back.to_json(), 1, range(10), ())
    assert read == back


def test_what_is_not_there_any_more_is_left_out_of_a_history():
    states = (WorkState(1), WorkState(1, run=5), WorkState(2), WorkState(2, run=6))
    read = read_history(History(states, 3).to_json(), 1, [1], [5])
    assert read == History((WorkState(1), WorkState(1, run=5)), 1)
    assert read_history("", 4, [4], []) == History((WorkState(4),))


def test_a_file_is_kept_once_and_forgotten_with_the_last_piece_that_needs_it():
    library = PieceLibrary()
    first, _ = opened(library)
    second, _ = opened(library)
    assert len(library.rows("SELECT digest FROM content")) == 1
    remove_piece(library, first, "")
    assert len(library.rows("SELECT digest FROM content")) == 1
    remove_piece(library, second, "")
    assert library.rows("SELECT digest FROM content") == []


def test_a_damaged_file_is_a_sentence():
    library = PieceLibrary()
    digest = content.put(library, b"whole")
    with library.writing() as connection:
        connection.execute("UPDATE content SET data = ?", (b"other",))
    with pytest.raises(LibraryError, match="damaged"):
        content.get(library, digest)


def test_nobody_finds_or_removes_the_piece_of_another():
    library = PieceLibrary()
    piece, _ = opened(library, "one")
    for act in (find_piece, remove_piece):
        with pytest.raises(LibraryError, match="not in your library"):
            act(library, piece, "other")
    assert recent_pieces(library, "other", 10) == []
    assert [one.id for one in recent_pieces(library, "one", 10)] == [piece]


def test_a_block_that_fails_changes_nothing():
    library = PieceLibrary()

    def fail(statement: str) -> None:
        with library.writing() as connection:
            opened(library)
            connection.execute(statement)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail("SELECT 1")
    with pytest.raises(LibraryError, match="could not be saved"):
        fail("INSERT INTO nowhere VALUES (1)")
    assert library.rows("SELECT * FROM piece") == []
    opened(library)


def test_the_oldest_versions_without_a_star_or_a_name_go_first():
    library = PieceLibrary()
    _, revision = opened(library)
    runs = [written(library, revision) for _ in range(5)]
    takes = [take for run in runs for take in take_ids(library, run)]
    star_take(library, takes[0], is_starred=True)
    name_take(library, takes[1], "  the\nold  one ")
    size = size_of(library, "")
    assert make_room(library, "", size) == 0
    assert make_room(library, "", size - 1) == 1
    assert [one for run in runs for one in take_ids(library, run)] == [
        takes[0],
        takes[1],
        *takes[3:],
    ]
    assert make_room(library, "", 0) == 1  # what the page may show stays
    assert [one for run in runs for one in take_ids(library, run)] == [takes[0], takes[1], takes[4]]
    assert make_room(library, "other", 0) == 0
    assert list_takes(library, 1)[1].name == "the old one"


def test_a_run_that_seems_to_go_on_when_the_app_starts_has_died(tmp_path):
    library = PieceLibrary(tmp_path)
    piece, revision = opened(library)
    empty, run = written(library, revision, 0), written(library, revision, 3)
    mark_dead_runs(library)
    (take,) = list_takes(library, piece)
    assert (take.run, take.outcome, take.num_written) == (run, RunOutcome.DIED, 3)
    assert library.row("SELECT * FROM run WHERE id = ?", empty) is None
    library.close()


def test_another_app_on_the_same_library_does_not_take_a_run_for_dead(tmp_path):
    library = PieceLibrary(tmp_path)
    piece, revision = opened(library)
    written(library, revision)
    other = PieceLibrary(tmp_path)
    mark_dead_runs(other)
    assert list_takes(other, piece)[0].outcome is RunOutcome.WRITING
    other.close()
    library.close()


def test_a_bar_of_a_piece_that_was_removed_goes_nowhere():
    library = PieceLibrary()
    piece, revision = opened(library)
    run = written(library, revision)
    remove_piece(library, piece, "")
    add_bar(library, run, some_bar(0, 3))
    assert library.rows("SELECT * FROM bar") == []


def test_what_a_page_keeps_is_capped():
    library = PieceLibrary()
    piece, _ = opened(library)
    save_page(library, piece, "mixer", {"muted": [1]})
    save_page(library, piece, "loop", [0, 4])
    for key, value in (("mixer", "x" * MAX_PAGE_BYTES), ("other", 1), ("loop", {1, 2})):
        with pytest.raises(LibraryError):
            save_page(library, piece, key, value)
    assert page_of(library, piece) == {"mixer": {"muted": [1]}, "loop": [0, 4]}


def test_a_library_that_cannot_be_read_is_a_sentence(tmp_path):
    (tmp_path / NAME).write_bytes(b"no database at all, but long enough to look like one" * 50)
    with pytest.raises(LibraryError, match="cannot be opened"):
        PieceLibrary(tmp_path)
    later = tmp_path / "later"
    later.mkdir()
    connection = sqlite3.connect(later / NAME)
    connection.execute("CREATE TABLE migration (number INTEGER PRIMARY KEY, applied_s REAL)")
    rows = [(number, 0.0) for number in range(len(MIGRATIONS) + 1)]
    connection.executemany("INSERT INTO migration VALUES (?, ?)", rows)
    connection.commit()
    connection.close()
    with pytest.raises(LibraryError, match="later version"):
        PieceLibrary(later)
