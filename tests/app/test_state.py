import pytest

from meloformer.app import state as state_module
from meloformer.app.state import AppState
from meloformer.checkpoint import save
from meloformer.errors import AudioError, CheckpointError


def test_without_fluidsynth_the_app_opens_and_says_what_is_missing(
    app_state, tmp_path, monkeypatch
):
    def nothing(folder):
        raise AudioError("FluidSynth is missing.", hint="apt install libfluidsynth3")

    monkeypatch.setattr(state_module, "find_soundfont", nothing)
    save(tmp_path / "model", app_state.model, app_state.card)
    opened = AppState.open(tmp_path / "files", tmp_path, tmp_path / "model")
    assert opened.synth is None
    assert "apt install libfluidsynth3" in opened.sound_problem


def test_a_missing_checkpoint_is_a_sentence(tmp_path):
    with pytest.raises(CheckpointError):
        AppState.open(tmp_path, tmp_path, tmp_path / "nowhere")
