"""A disk that is full, a folder that is read-only: a sentence, nothing half-done, nothing lost."""

import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest

from meloformer.app.compose.downloads import downloads
from meloformer.app.library.library import PieceLibrary
from meloformer.app.library.pieces import recent_pieces
from meloformer.app.session_store import SessionStore
from meloformer.app.spare import spare_folder, write_small
from meloformer.cli import main
from meloformer.engine.request import ContinueRequest
from meloformer.errors import AudioError, LibraryError, OutputError, RunError
from meloformer.outputs import disk_problem
from meloformer.runs.config import TrainConfig
from meloformer.runs.state import Status
from meloformer.runs.workspace import create_run
from ui.guard import as_sentence

REQUEST = ContinueRequest(num_bars=2, seed=3)
BALLAST = "ballast"


@pytest.fixture
def disk(tmp_path: Path):
    """A file system of eight megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(library: PieceLibrary | None, folder: Path) -> None:
    del library
    with (folder / BALLAST).open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def lock(library: PieceLibrary, folder: Path) -> None:
    """Let neither library nor sessions be written, as when a disk becomes read-only."""
    with library.writing() as connection:
        pass
    connection.execute("PRAGMA query_only = ON")
    shutil.rmtree(folder / "files", ignore_errors=True)
    (folder / "files").write_bytes(b"no folder")


@pytest.fixture
def library(disk: Path, app_state, actions):
    """The library and the sessions of the app, on the small disk."""
    library = PieceLibrary(disk / "library")
    spare = actions.uploads.parent / "spare"
    app_state.sessions = SessionStore(disk / "files", library, spare=spare)
    yield library
    library.close()


def write(app_state, session, request=REQUEST):
    app_state.begin(session)
    return list(app_state.compose(session, request))


def shown(session):
    return (session.piece, session.takes, session.selected, session.work and session.work.history)


@pytest.mark.parametrize("spoil", [fill, lock])
def test_bars_that_cannot_be_filed_can_be_saved(library, disk, app_state, session, spoil):
    bars = app_state.compose(session, REQUEST)
    app_state.begin(session)
    next(bars)
    spoil(library, disk)
    with pytest.raises(LibraryError, match="could not be saved"):
        list(bars)
    assert not session.is_writing
    assert len(session.takes[0].bars) == 2
    whole = downloads(session).whole
    assert whole is not None
    assert whole.is_relative_to(session.spare)
    assert whole.read_bytes() == session.takes[0].data


@pytest.mark.parametrize("spoil", [fill, lock])
def test_a_step_that_cannot_be_filed_is_not_taken(library, disk, app_state, session, spoil):
    write(app_state, session)
    write(app_state, session, replace(REQUEST, seed=4))
    before = shown(session)
    spoil(library, disk)
    for step in (
        lambda: app_state.keep(session, 0),
        lambda: app_state.undo(session),
        lambda: write(app_state, session),
        lambda: app_state.sessions.filing.set_seam(session, 2),
    ):
        with pytest.raises(LibraryError, match="could not be saved"):
            step()
        assert shown(session) == before
        assert not session.is_writing


@pytest.mark.parametrize("spoil", [fill, lock])
def test_what_was_filed_is_read_from_a_disk_that_takes_nothing(
    library, disk, app_state, session, spoil
):
    write(app_state, session)
    spoil(library, disk)
    again = SessionStore(disk / "files", library).find(session.name)
    assert again.piece.data == session.piece.data
    assert len(again.takes) == 1


def test_nothing_of_a_piece_that_cannot_be_filed_is_left(library, disk, actions, session):
    before = shown(session)
    fill(library, disk)
    with pytest.raises(LibraryError):
        actions.open_music(session.name, "big", session.piece.data)
    assert shown(session) == before
    (disk / BALLAST).unlink()
    assert len(recent_pieces(library, session.owner, 9)) == 1
    actions.open_music(session.name, "big", session.piece.data)
    assert session.piece.name == "big"


def test_audio_that_has_no_room_is_a_sentence_and_leaves_nothing(
    library, disk, app_state, session, monkeypatch
):
    fill(library, disk)
    session.folder.mkdir(parents=True, exist_ok=True)
    before = [path for path in session.folder.rglob("*") if path.is_file()]
    with pytest.raises((AudioError, OSError)) as caught:
        app_state.sound_of(session, None)
    said = as_sentence(caught.value)
    assert "Our mistake" not in (said.title, said.message)
    assert "The disk of this machine is full." in said.message
    assert [path for path in session.folder.rglob("*") if path.is_file()] == before


def test_an_error_that_a_full_disk_has_led_to_is_told_as_that():
    try:
        try:
            raise OSError(28, "No space left on device", "/home/anna/x")
        except OSError as error:
            raise RuntimeError("something") from error
    except RuntimeError as error:
        said = as_sentence(error)
    assert isinstance(said, gr.Error)
    assert said.message.startswith("The disk of this machine is full.")
    assert "anna" not in said.message
    assert disk_problem(ValueError("other")) is None
    assert isinstance(disk_problem(PermissionError(13, "Permission denied")), OutputError)


def test_room_in_memory_is_nobody_elses_and_goes_with_a_killed_app(tmp_path):
    left = tmp_path / "meloformer-spare-4194304-0"  # above all numbers of processes
    left.mkdir()
    folder = spare_folder(tmp_path)
    assert not left.exists()
    assert not folder.exists()
    (tmp_path / "file").write_bytes(b"")
    path = write_small([tmp_path / "file" / "x", folder / "session"], "a.mid", b"MThd")
    assert path.read_bytes() == b"MThd"
    assert folder.stat().st_mode & 0o077 == 0
    assert spare_folder(tmp_path) != folder
    assert path.exists()


def test_a_training_that_cannot_be_kept_leaves_nothing(disk):
    config = TrainConfig(shards=disk / "shards", run=disk / "jigs", minutes=10)
    fill(None, disk)
    with pytest.raises(RunError, match="can't be written: No space left"):
        create_run("jigs", config, disk)
    assert [path.name for path in disk.iterdir()] == [BALLAST]
    (disk / BALLAST).unlink()
    assert create_run("jigs", config, disk).state().status is Status.STOPPED


def test_the_shell_says_that_the_disk_is_full_before_it_writes_bars(disk, examples, capsys):
    fill(None, disk)
    with pytest.raises(SystemExit):
        main(["continue", str(examples / "jig.mid"), "--out", str(disk / "longer.mid")])
    assert "The disk is full: " in capsys.readouterr().err
    assert [path.name for path in disk.iterdir()] == [BALLAST]
