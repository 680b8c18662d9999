import pytest

from meloformer.checkpoint import save
from meloformer.engine import studio as studio_module
from meloformer.engine.studio import Studio
from meloformer.errors import AudioError, CheckpointError


def test_without_fluidsynth_the_studio_opens_and_says_what_is_missing(
    studio, tmp_path, monkeypatch
):
    def nothing(folder):
        raise AudioError("FluidSynth is missing.", hint="apt install libfluidsynth3")

    monkeypatch.setattr(studio_module, "find_soundfont", nothing)
    save(tmp_path / "model", studio.model, studio.card)
    opened = Studio.open(tmp_path / "files", tmp_path, tmp_path / "model")
    assert opened.synth is None
    assert "apt install libfluidsynth3" in opened.sound_problem


def test_a_missing_checkpoint_is_a_sentence(tmp_path):
    with pytest.raises(CheckpointError):
        Studio.open(tmp_path, tmp_path, tmp_path / "nowhere")
