"""The clock of the machine is set back: nothing is deleted, refused or lost from sight."""

import json
import os
import platform
import time
from dataclasses import asdict

import pytest

from meloformer.app.library.history import History, WorkState
from meloformer.app.library.library import PieceLibrary
from meloformer.app.library.pieces import add_piece, recent_pieces, save_history
from meloformer.app.training.datasets import Dataset, Datasets, DatasetStatus
from meloformer.app.training.trash import BelongingKind, Trash
from meloformer.engine.piece import Piece
from meloformer.midi.retime import GridChoice
from meloformer.runs.processes import SUPERVISOR, ProcessIdentity, identity_of, is_running
from meloformer.runs.state import RunState, Status, write_state

YEAR_S = 31_536_000


@pytest.fixture
def set_back(monkeypatch):
    """Set the clock back by a year."""

    def set_it():
        now, now_ns = time.time, time.time_ns
        monkeypatch.setattr(time, "time", lambda: now() - YEAR_S)
        monkeypatch.setattr(time, "time_ns", lambda: now_ns() - YEAR_S * 1_000_000_000)

    return set_it


def names(library):
    return [piece.name for piece in recent_pieces(library, "", 9)]


def test_the_piece_worked_on_last_is_the_first_of_the_recent_ones(tune, set_back):
    library = PieceLibrary()
    filed = [
        add_piece(library, "", tune, Piece.read(name, tune), GridChoice.AUTO)
        for name in ("one", "two")
    ]
    set_back()
    add_piece(library, "", tune, Piece.read("three", tune), GridChoice.AUTO)
    assert names(library) == ["three", "two", "one"]
    piece, revision = filed[0]
    save_history(library, piece, History((WorkState(revision),)))
    assert names(library) == ["one", "three", "two"]


def test_what_was_deleted_last_is_the_first_to_come_back(tmp_path, set_back):
    trash = Trash(tmp_path)

    def delete(name):
        (tmp_path / name).mkdir()
        trash.put(BelongingKind.RUN, tmp_path / name)

    delete("one")
    set_back()
    delete("two")
    assert [item.name for item in trash.items()] == ["two", "one"]
    trash.forget_old()
    assert len(trash.items()) == 2


def test_a_state_from_the_future_refuses_no_run(tmp_path):
    """A process of another machine counts as living for a while after the state was written."""
    process = ProcessIdentity(1, "then", f"not {platform.node()}")
    (tmp_path / SUPERVISOR).write_text(json.dumps(asdict(process)))
    write_state(tmp_path, RunState(status=Status.RUNNING))
    assert is_running(tmp_path, SUPERVISOR)
    state = tmp_path / "state.json"
    for age_s in (YEAR_S, -YEAR_S):
        os.utime(state, (time.time() - age_s,) * 2)
        assert not is_running(tmp_path, SUPERVISOR)


def test_files_that_are_read_are_known_again_by_a_process_and_not_by_a_clock(tmp_path, set_back):
    folder = tmp_path / ".datasets" / "mine"
    (folder / "upload").mkdir(parents=True)
    (folder / "prepare.json").write_text(json.dumps(asdict(identity_of(os.getpid()))))
    datasets = Datasets(tmp_path, tmp_path)
    set_back()
    assert datasets.status(Dataset(folder)) is DatasetStatus.READING
    gone = ProcessIdentity(os.getpid(), "earlier", platform.node())
    (folder / "prepare.json").write_text(json.dumps(asdict(gone)))
    assert datasets.status(Dataset(folder)) is DatasetStatus.FAILED
