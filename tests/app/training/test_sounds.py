import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from meloformer.app.training.compare import BEFORE, Comparisons
from meloformer.app.training.samples import MAX_SAMPLED, samples_message
from meloformer.app.training.sounds import Sounds
from meloformer.audio import Waveform
from meloformer.errors import AudioError
from meloformer.runs.samples import Sample, sample_path
from tests.app.training.training_runs import make_run, untrained

EXAMPLES = Path(__file__).parents[3] / "assets" / "examples"


class Counting:
    """A synthesizer that counts what it is asked for."""

    def __init__(self):
        self.renders = 0

    def render(self, music):
        self.renders += 1
        return Waveform(np.zeros((4410, 2), np.float32), 44_100)


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path / "runs")


@pytest.fixture
def sounds(tmp_path):
    return Sounds(Counting(), "", tmp_path / "files")


def add_sample(run, step, prompt="band") -> Sample:
    path = sample_path(run.folder / "samples", step, prompt)
    path.parent.mkdir(exist_ok=True)
    shutil.copyfile(EXAMPLES / f"{prompt}.mid", path)
    return next(one for one in run.samples() if one.path == path)


def test_a_sample_is_made_once_and_found_again(run, sounds):
    sample = add_sample(run, 500)
    assert sounds.known(sample) is None
    heard = sounds.play(sample)
    assert sounds.play(sample) == sounds.known(sample) == heard
    assert sounds.synth.renders == 1
    assert heard.sound.suffix == ".mp3"
    assert heard.midi.read_bytes() == sample.path.read_bytes()


def test_the_names_of_sounds_cannot_be_guessed(run, sounds, tmp_path):
    sample = add_sample(run, 500)
    other = Sounds(Counting(), "", tmp_path / "files")
    assert sounds.play(sample).sound != other.play(sample).sound


def test_without_a_synthesizer_one_is_told_what_helps(run, tmp_path):
    silent = Sounds(None, "FluidSynth is missing.\n\nhint: apt install x", tmp_path)
    with pytest.raises(AudioError, match="FluidSynth is missing") as caught:
        silent.play(add_sample(run, 500))
    assert caught.value.hint == "apt install x"


def test_samples_stand_below_each_other_newest_first_the_base_last(run, sounds):
    for step in (BEFORE, *range(100, 2100, 100)):
        add_sample(run, step)
    sounds.play(add_sample(run, 2000, "piano"))
    message = samples_message(run, run.config(), sounds, Comparisons())
    assert message["prompts"] == ["Band", "Piano"]
    labels = [row["label"] for row in message["rows"]]
    assert labels[0] == "Step 2,000"
    assert labels[-1] == "Before training"
    assert len(labels) == MAX_SAMPLED + 1
    newest = message["rows"][0]["cells"]
    assert newest[0]["file"] is None
    assert newest[1]["file"].suffix == ".mp3"
    assert message["rows"][1]["cells"][1] is None
    assert message["compare"] is None  # there is no model before one from scratch


@pytest.mark.slow
def test_the_model_before_training_continues_the_same_prompts(run, app_state, tmp_path):
    base, comparisons = untrained(tmp_path / "base", app_state), Comparisons()
    comparisons.start(run, base)
    assert comparisons.is_working(run)
    comparisons.start(run, base)  # once is enough
    while comparisons.is_working(run):
        time.sleep(0.1)
    assert [(one.step, one.prompt) for one in run.samples()] == [
        (BEFORE, "band"),
        (BEFORE, "piano"),
    ]
    assert not list(run.folder.glob("samples/.*"))
