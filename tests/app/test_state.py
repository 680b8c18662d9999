from concurrent.futures import ThreadPoolExecutor

import pytest

from meloformer.app import state as state_module
from meloformer.app.model_cache import LoadedModel
from meloformer.app.state import MAX_READERS, AppState
from meloformer.checkpoint import add_known_runs, save
from meloformer.engine.piece import Piece
from meloformer.engine.request import ContinueRequest, PartRequest, Presence
from meloformer.errors import AudioError, CheckpointError
from meloformer.midi.retime import GridChoice
from meloformer.score import Part
from meloformer.score.note_runs import lines_of
from tests.engine.constraints.copying import known_of, tune


def test_without_fluidsynth_the_app_opens_and_says_what_is_missing(
    app_state, tmp_path, monkeypatch, caplog
):
    def nothing(folder):
        raise AudioError("FluidSynth is missing.", hint="apt install libfluidsynth3")

    monkeypatch.setattr(state_module, "find_soundfont", nothing)
    save(tmp_path / "model", app_state.model, app_state.card)
    opened = AppState.open(tmp_path / "files", tmp_path, tmp_path / "model")
    assert opened.synth is None
    said, _, hint = opened.sound_problem.partition("\n\nhint: ")
    assert said == "FluidSynth is missing."
    assert hint.startswith("Everything but rendered audio works")
    assert "apt" not in opened.sound_problem  # a page is no shell
    assert "apt install libfluidsynth3" in caplog.text


def test_no_more_files_than_two_are_read_at_once(app_state, monkeypatch, examples):
    data, read = (examples / "piano.mid").read_bytes(), Piece.read
    reading, most = set(), []

    def watched(title, *args):
        reading.add(title)
        most.append(len(reading))
        piece = read(title, *args)
        reading.remove(title)
        return piece

    monkeypatch.setattr(Piece, "read", watched)
    with ThreadPoolExecutor(6) as pool:
        pieces = list(pool.map(lambda name: app_state.read(name, data, GridChoice.AUTO), "abcdef"))
    assert [piece.name for piece in pieces] == [*"abcdef"]
    assert max(most) <= MAX_READERS


def test_a_missing_checkpoint_is_a_sentence(tmp_path):
    with pytest.raises(CheckpointError):
        AppState.open(tmp_path, tmp_path, tmp_path / "nowhere")


def test_the_index_of_training_music_is_loaded_with_a_model(app_state, tmp_path):
    save(tmp_path / "model", app_state.model, app_state.card)
    assert AppState.open(tmp_path / "files", tmp_path, tmp_path / "model").known_runs is None
    add_known_runs(tmp_path / "model", known_of([tune(range(60, 80))]))
    opened = AppState.open(tmp_path / "files", tmp_path, tmp_path / "model")
    assert opened.known_runs.num_notes == 20


def test_music_that_a_model_knows_is_not_written(app_state, session):
    piano = PartRequest(Part(0), Presence.ALWAYS)
    request = ContinueRequest(num_bars=24, parts=(piano,))

    def written():
        app_state.begin(session)
        *_, last = app_state.compose(session, request)
        return last.so_far.score

    free = written()
    assert written() == free
    known = known_of(lines_of(free))
    app_state.known_runs = known
    assert written() != free
    session.loaded = LoadedModel("other", app_state.model, app_state.card)
    assert written() == free
    session.loaded = LoadedModel("other", app_state.model, app_state.card, known)
    assert written() != free
