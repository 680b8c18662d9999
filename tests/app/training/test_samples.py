import pytest

from meloformer.app.training.compare import Comparisons
from meloformer.app.training.samples import MAX_SAMPLED, samples_message
from meloformer.app.training.sounds import Sounds
from meloformer.runs.samples import OWN, sample_path
from tests.app.training.training_runs import make_run, save


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path / "runs")


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("card.json", "model.safetensors"):
        (folder / name).touch()
    return folder


def sampled(run, step, *prompts):
    folder = run.folder / "samples"
    folder.mkdir(exist_ok=True)
    for prompt in prompts:
        sample_path(folder, step, prompt).write_bytes(b"MThd")


def message_of(run, tmp_path):
    sounds = Sounds(None, "No sound.", tmp_path / "files")
    return samples_message(run, run.config(), sounds, Comparisons())


def test_ones_own_music_stands_beside_band_and_piano(run, tmp_path):
    sampled(run, 10, "band", "piano", OWN)
    message = message_of(run, tmp_path)
    assert message["prompts"] == ["Your music", "Band", "Piano"]
    assert "begins a piece that is held back" in message["note"]


def test_it_is_said_where_nothing_is_held_back(run, tmp_path):
    sampled(run, 10, "band")
    assert "nothing of it is held back" in message_of(run, tmp_path)["note"]


def test_a_checkpoint_that_is_kept_has_a_row_however_old_it_is(run, model, tmp_path):
    save(run, model, 5, best=True)
    for step in range(10, 10 * MAX_SAMPLED + 20, 10):
        sampled(run, step, "band")
    sampled(run, 0, "band")
    save(run, model, 300)
    labels = [row["label"] for row in message_of(run, tmp_path)["rows"]]
    assert labels[0] == "Step 300"  # waits for its samples
    assert labels[-2:] == ["Step 5, the best", "Before training"]
    assert len(labels) == MAX_SAMPLED + 3
